package srp

import "github.com/cognitoflow/cognitoflow/internal/modp"

// NewFixedEphemeral returns the pair with the private value a, big-endian. The
// vectors have values of 1024 bits, for which there is no fast A.
func NewFixedEphemeral(a []byte) *Ephemeral {
	if 8*len(a) == privateBits {
		return newEphemeral(a)
	}
	e := modp.NewExponent(a)
	var A modp.Element
	A.SetBytes([]byte{modp.G})
	A.Exp(&A, e)
	return &Ephemeral{&e, A.Bytes()}
}

// NewFixedVerifier returns the verifier under the given salt.
func NewFixedVerifier(id Identity, salt []byte) Verifier { return newVerifier(id, salt) }
