// Package modp computes modulo N, the 3072-bit prime of RFC 3526, group 15,
// with g = 2, in time that does not depend on the numbers.
//
// # Algorithms
//
// Numbers are multiplied in Montgomery's form (P. Montgomery, "Modular
// multiplication without trial division", 1985). Product and reduction are
// separate passes over rows of limbs (the SOS method of Koç, Acar and Kaliski,
// "Analyzing and comparing Montgomery multiplication algorithms", 1996), which
// lets a square compute half of its products only. N is -1 modulo 2^64, so the
// factor of a reduction row is the lowest limb itself.
//
// Powers of any base take five bits of the exponent at a time (Menezes et al.,
// "Handbook of applied cryptography", algorithm 14.82). Powers of g use a comb
// (C. Lim and P. Lee, "More flexible exponentiation with precomputation",
// 1994) over a table that is built on first use: 13 squares and 52 products
// instead of 260 and 52.
//
// # Constant time
//
// No branch and no memory address depends on the value of an [Element] or an
// [Exponent], except that [Element.SetBytes] tells whether a number is below
// N. Tables are read whole; the last subtraction is always done and masked
// out. This rests on the compiler turning package math/bits into instructions
// of constant time, as it does on all 64-bit platforms. The test TestLeak
// (build tag leak) measures it; package srp gives the results.
//
// filippo.io/bigmod offers the same guarantee. It has assembly for 1024, 1536
// and 2048 bits but not for 3072, no squares and no fixed bases: the three
// powers of a handshake took it 20 ms where they take 3.4 ms here.
//
// # Race detector
//
// The functions in which the time goes by are not instrumented (go:norace). They
// touch nothing but their operands and would take 30 times as long, which makes
// tests of whole sign-ins useless under -race.
package modp
