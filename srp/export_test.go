package srp

import (
	"errors"

	"github.com/cognitoflow/cognitoflow/internal/modp"
)

// NewFixedEphemeral returns the pair with the private value a, big-endian, of
// any length.
func NewFixedEphemeral(a []byte) *Ephemeral { return newEphemeral(a) }

// NewFixedVerifier returns the verifier under the given salt.
func NewFixedVerifier(id Identity, salt []byte) Verifier { return newVerifier(id, salt) }

// P, K and X give values on the way.
func P(b []byte) []byte { return padded(b) }

func K() []byte { return multiplier().Bytes() }

func X(id Identity, saltP []byte) []byte {
	x := id.x(saltP)
	return x[:]
}

// S returns the premaster secret for a B below N.
func (e *Ephemeral) S(serverPublic, u, x []byte) ([]byte, error) {
	var B modp.Element
	if !B.SetBytes(serverPublic) {
		return nil, errors.New("B is not below N")
	}
	return e.premaster(&B, u, x)
}
