// Package modp computes modulo N, the 3072-bit prime of RFC 3526, group 15,
// with g = 2, in time that does not depend on the numbers.
//
// # Algorithms
//
// Numbers are multiplied in Montgomery's form (P. Montgomery, "Modular
// multiplication without trial division", 1985). Product and reduction are
// separate passes over rows of limbs (the SOS method of Koç, Acar and Kaliski,
// "Analyzing and comparing Montgomery multiplication algorithms", 1996), which
// lets a square compute half of its products only. Two rows are computed at
// once. N is -1 modulo 2^64, so the factor of a reduction row is the lowest limb
// itself.
//
// Powers of any base take five bits of the exponent at a time (Menezes et al.,
// "Handbook of applied cryptography", algorithm 14.82). Powers of g use a comb
// (C. Lim and P. Lee, "More flexible exponentiation with precomputation",
// 1994): 3 squares and 51 products instead of 255 and 51. Its 160 kB are a file
// of the package. Computing them takes 1.2 ms, which the first handshake of every
// program would pay. TestComb computes them, with math/big.
//
// # Constant time
//
// No branch and no memory address depends on the value of an [Element] or an
// [Exponent], except that [Element.SetBytes] tells whether a number is below
// N. Tables are read whole; the last subtraction is always done, of N or of 0.
// This rests on the compiler turning package math/bits into instructions
// of constant time, as it does on all 64-bit platforms. The test TestLeak
// (build tag leak) measures it; package srp gives the results.
//
// The powers of a base that an exponentiation selects from are cleared before it
// returns.
//
// # Performance
//
// The three powers of a handshake take 1.30 ms here, and 1.79 ms with
// BN_mod_exp_mont_consttime of OpenSSL 3.0.19, which is assembly: 0.73. These are
// the medians of seven runs in turns, with BenchmarkOpenSSL, on two virtual cores
// of an AMD EPYC (Zen 5), linux/amd64, Go 1.26, with other work going on.
//
// filippo.io/bigmod offers the same guarantee. It has assembly for 1024, 1536
// and 2048 bits but not for 3072, no squares and no fixed bases: the three
// powers took it 6.2 ms on that machine.
//
// # Race detector
//
// The functions in which the time goes by are not instrumented (go:norace). They
// touch nothing but their operands and would take 30 times as long, which makes
// tests of whole sign-ins useless under -race.
package modp
