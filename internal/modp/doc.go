// Package modp computes modulo N, the prime of 3072 bits of RFC 3526, group 15, with
// g = 2. The time of a computation does not depend on the numbers.
//
// # Algorithms
//
// Multiplication has Montgomery's form (P. Montgomery, "Modular multiplication without
// trial division", 1985). Product and reduction are separate passes over rows of limbs.
// The method is SOS (Koç, Acar and Kaliski, "Analyzing and comparing Montgomery
// multiplication algorithms", 1996). With separate passes, a square computes only half
// of its products. A pass computes two rows at once. N is -1 modulo 2^64, so the factor
// of a reduction row is the lowest limb.
//
// A power of any base reads five bits of the exponent at a time (Menezes et al.,
// "Handbook of applied cryptography", algorithm 14.82). A power of g uses a comb (C. Lim
// and P. Lee, "More flexible exponentiation with precomputation", 1994). A comb needs 3
// squares and 51 products instead of 255 squares and 51 products. The comb is a file of
// 160 kB in the package, because the computation takes 1.2 ms in each program. TestComb
// computes the comb with math/big.
//
// # Constant time
//
// No branch and no memory address depends on the value of an [Element] or an [Exponent].
// There is one exception: [Element.SetBytes] tells whether a number is below N. A
// function reads a whole table, and always does the last subtraction, of N or of 0. The
// compiler must turn package math/bits into instructions of constant time. Go does so on
// all 64-bit platforms. TestLeak (build tag leak) measures the times. The documentation of
// package srp has the results.
//
// An exponentiation clears its table of powers before it returns.
//
// # Performance
//
// The three powers of a handshake take 1.30 ms. The function BN_mod_exp_mont_consttime of
// OpenSSL 3.0.19, in assembly, takes 1.79 ms: a ratio of 0.73. The figures are medians of
// seven alternate runs of BenchmarkOpenSSL. The machine had two virtual cores of an AMD
// EPYC (Zen 5), linux/amd64, Go 1.26, and other work.
//
// The package filippo.io/bigmod has the same guarantee. The package has assembly for 1024,
// 1536 and 2048 bits, but not for 3072 bits, and neither squares nor fixed bases. The
// three powers took 6.2 ms with filippo.io/bigmod on that machine.
//
// # Race detector
//
// The race detector does not see the slow functions (go:norace). These functions use only
// their operands. With the race detector the functions would take 30 times as long, and
// tests of whole sign-ins would be too slow.
package modp
