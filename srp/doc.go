// Package srp computes the client's half of SRP-6a as Amazon Cognito user
// pools speak it, for users and for remembered devices. It is arithmetic only:
// strings from the wire go in, strings for the wire come out. Most programs do
// not need it, as package flow answers these challenges by itself.
//
// # Signing in
//
// One exchange takes one [Ephemeral]. Its [Ephemeral.A] goes out as SRP_A, in
// InitiateAuth (USER_SRP_AUTH), in the answer to PASSWORD_SRP or in the answer
// to DEVICE_SRP_AUTH. The challenge that comes back, PASSWORD_VERIFIER or
// DEVICE_PASSWORD_VERIFIER, is answered with what [Ephemeral.Claim] returns.
// Whose password is proved is the [Identity]: a [User] under USER_ID_FOR_SRP,
// which is not what the user typed if that was an alias, or a [Device].
//
// Make a claim when the challenge arrives: a claim carries the time, and the
// service compares that time with its own clock. Nobody has published the
// distance that the service allows.
//
// # Enrolling a device
//
// [NewVerifier] returns what ConfirmDevice sends for a device and the password
// that the caller made for it. Package device keeps the records.
//
// # The protocol
//
// The group is the 3072-bit one of RFC 3526 (number 15) with g = 2, the hash H
// is SHA-256. P(n) are the minimal big-endian two's complement bytes of n, with
// a zero byte in front where the top bit is set; nothing is padded to a fixed
// length. The generator, P and the key differ from RFC 5054.
//
//	k = H(P(N) || P(g))                      A = g^a
//	u = H(P(A) || P(B))                      x = H(P(salt) || H(group || id || ":" || password))
//	S = (B - k*g^x) ^ (a + u*x)              verifier = g^x
//	key = HKDF-SHA-256(secret P(S), salt P(u), info "Caldera Derived Key"), 16 bytes
//	signature = HMAC-SHA-256(key, group || id || SECRET_BLOCK || TIMESTAMP)
//
// For users, group is the part of the pool ID after the first underscore and id
// is USER_ID_FOR_SRP; for devices they are the device group key and the device
// key. The pool never proves that it knows the verifier.
//
// # What a peer may send
//
// SALT and SRP_B are numbers in hexadecimal, in either case and with an odd or
// even number of digits; a few redundant leading zeros do not count.
// SECRET_BLOCK is standard base64, and goes back as it came. Anything else, and
// any SRP_B that is 0 modulo N, not below N, or gives u = 0, is a
// [ParameterError] that names the parameter.
//
// # Constant time
//
// The running time does not depend on a, on x, or on what is computed from
// them: g^a, g^x, a + u*x and S. No branch is taken and no memory address is
// formed by their values. This is so on the 64-bit platforms, where package
// math/bits compiles to instructions whose time does not vary.
//
// It does depend on what the peer sends and sees: A, B, u, the salt and the
// secret block are public. It also depends on the length of the password, by
// way of SHA-256, and on the length of P(S), which the protocol hashes: one byte
// more where the top bit of S is set, fewer for the one S in 256 that begins
// with a zero byte. The verifier is encoded in the same way; its length is on the
// wire.
//
// Measured with the test TestLeak of internal/modp (build tag leak; fixed
// against random secrets, interleaved, Welch's t, below 4.5 to pass), on two
// virtual cores of an AMD EPYC (Zen 5), linux/amd64, Go 1.26, with other work
// going on: largest |t| of five fixed secrets in each of three runs
//
//	product with table selection, 100,000 measurements   1.4  1.3  1.9
//	g^e, 256 bits, 2,000 measurements                    0.7  1.6  1.3
//	b^e, 256 bits, 2,000 measurements                    2.9  1.5  2.3
//
// and, to show that the test can fail, the smallest |t| of
//
//	math/big, b^0 and b^1, 2,000 measurements             42   38   39
//	product, selection and a conditional subtraction     143  145  139
//
// The test measures no factor that is 0, as a handshake has none. A product by 0
// took about 0.1 ns of 1,850 ns less on that processor, which is less than a cycle.
// Half of that was seen for a loop of multiplications in registers.
//
// Secrets are not erased from memory, which Go gives no means for. Only the powers
// of B - k*g^x, from which an exponentiation selects, are cleared.
//
// # Performance
//
// A handshake, A and the claim, on the same machine, against the same in
// math/big with the a of 1024 bits that other clients use; both in one run:
//
//	                  this package   math/big   ratio   allocations
//	best of 12 runs         1.29 ms    5.94 ms    0.22            42
//	median, machine busy    1.34 ms    6.35 ms    0.21            42
//
// A verifier takes 0.12 ms and 7 allocations. The first handshake or verifier of a
// program takes 0.2 ms more. It keeps a table of 160 kB, which is data of the
// program and not computed. Importing the package costs less than 1 us.
//
// a has 256 bits, which RFC 5054, section 2.5.4, asks for as a minimum and NIST
// SP 800-57 part 1 pairs with a group of this size; a longer one would cost
// time and not make anything harder to break.
package srp
