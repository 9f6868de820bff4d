// Package srp computes the client's half of SRP-6a as Amazon Cognito user pools use
// the protocol, for users and for remembered devices. The package does arithmetic
// only: functions take texts of a reply, and return texts for a request. Most programs
// do not need package srp, because package flow answers these challenges.
//
// # Signing in
//
// Each exchange needs one [Ephemeral]. Send [Ephemeral.A] as SRP_A. The parameter
// SRP_A is in InitiateAuth (USER_SRP_AUTH), in the answer to PASSWORD_SRP, and in the
// answer to DEVICE_SRP_AUTH. The service then sends the challenge PASSWORD_VERIFIER or
// DEVICE_PASSWORD_VERIFIER. [Ephemeral.Claim] returns the answer to that challenge.
//
// The claim proves the password of an [Identity]: of a [User] or of a [Device]. The
// name of a User is USER_ID_FOR_SRP. If the user typed an alias, USER_ID_FOR_SRP and
// the typed text differ.
//
// Make a claim when the challenge arrives: a claim contains the time, and the
// service compares that time with its own clock. Nobody has published the
// difference that the service allows.
//
// # Enrolling a device
//
// The caller makes a password for a device, and [NewVerifier] makes a verifier of the
// password. ConfirmDevice sends the verifier. Package device keeps the records.
//
// # The protocol
//
// The group is the 3072-bit group of RFC 3526 (number 15) with g = 2. The hash H is
// SHA-256. P(n) are the minimal big-endian two's complement bytes of n. If the top bit
// is set, P(n) has a zero byte in front. No value is padded to a fixed length. The
// generator, P and the key differ from RFC 5054.
//
//	k = H(P(N) || P(g))                      A = g^a
//	u = H(P(A) || P(B))                      x = H(P(salt) || H(group || id || ":" || password))
//	S = (B - k*g^x) ^ (a + u*x)              verifier = g^x
//	key = HKDF-SHA-256(secret P(S), salt P(u), info "Caldera Derived Key"), 16 bytes
//	signature = HMAC-SHA-256(key, group || id || SECRET_BLOCK || TIMESTAMP)
//
// For users, group is the part of the pool ID after the first underscore, and id is
// USER_ID_FOR_SRP. For devices, group is the device group key, and id is the device
// key. The pool does not prove that it knows the verifier.
//
// # Parameters of the peer
//
// SALT and SRP_B are numbers in hexadecimal, in either case and with an odd or even
// number of digits. A few redundant zeros in front are accepted. SECRET_BLOCK is
// standard base64, and the claim returns the same text. An SRP_B is refused if it is 0
// modulo N or not below N, or if u is 0. For each text that is refused, the error is a
// [ParameterError] with the name of the parameter.
//
// # Constant time
//
// The running time does not depend on a, on x, or on values computed from a and x:
// g^a, g^x, a + u*x and S. No branch and no memory address depends on these values.
// This property holds on the 64-bit platforms. There, package math/bits compiles to
// instructions whose time does not vary.
//
// The running time depends on public values: A, B, u, the salt and the secret block.
// Two lengths have an influence, too:
//
//   - The length of the password, because SHA-256 hashes the password.
//   - The length of P(S), because the protocol hashes P(S). If the top bit of S is set,
//     P(S) is one byte longer. One S in 256 begins with a zero byte, and gives a shorter
//     P(S).
//
// The verifier has the encoding P, too. The length of the verifier is visible in the
// request.
//
// The test TestLeak of internal/modp measures the time (build tag leak). The test
// compares fixed secrets with random secrets in turns. Welch's t must be below 4.5. The
// machine had two virtual cores of an AMD EPYC (Zen 5), linux/amd64, Go 1.26, and other
// work. The largest |t| of five fixed secrets in each of three runs:
//
//	product with table selection, 100,000 measurements   1.4  1.3  1.9
//	g^e, 256 bits, 2,000 measurements                    0.7  1.6  1.3
//	b^e, 256 bits, 2,000 measurements                    2.9  1.5  2.3
//
// Code that is not of constant time shows that the test can fail. The smallest |t|:
//
//	math/big, b^0 and b^1, 2,000 measurements             42   38   39
//	product, selection and a conditional subtraction     143  145  139
//
// The test measures no factor that is 0, because a handshake has no such factor. A
// product by 0 took about 0.1 ns of 1,850 ns less on that processor, less than a cycle.
// A loop of multiplications in registers showed half of that difference.
//
// Secrets stay in memory, because Go has no means to erase them. There is one exception.
// An exponentiation selects from powers of B - k*g^x, and clears these powers.
//
// # Performance
//
// One handshake is A and the claim. The table compares this package with math/big on the
// same machine, in the same runs. For math/big, a has 1024 bits, as in other clients.
//
//	                  this package   math/big   ratio   allocations
//	best of 12 runs         1.29 ms    5.94 ms    0.22            42
//	median, machine busy    1.34 ms    6.35 ms    0.21            42
//
// A verifier takes 0.12 ms and 7 allocations. The first handshake or verifier of a
// program takes 0.2 ms more, and makes a table of 160 kB that stays in memory. The
// table comes from data in the program, and is not computed. An import of the package costs less than 1 us.
//
// a has 256 bits, the minimum of RFC 5054, section 2.5.4. NIST SP 800-57 part 1 pairs
// this length with a group of 3072 bits. A longer a would cost time, and would not make
// the exchange harder to break.
package srp
