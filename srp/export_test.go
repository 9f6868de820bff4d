package srp

import (
	"errors"

	"github.com/cognitoflow/cognitoflow/internal/modp"
)

// NewFixedEphemeral returns the pair with the private value a, big-endian, of
// any length. The tests of AWS's .NET client use an a that is longer than N. A
// caller of the package cannot choose a.
func NewFixedEphemeral(a []byte) *Ephemeral { return newEphemeral(a) }

// NewFixedVerifier returns the verifier under the given salt.
func NewFixedVerifier(id Identity, salt []byte) Verifier { return newVerifier(id, salt) }

// P, K, X, U and Key give values on the way.
func P(b []byte) []byte { return padded(b) }

func K() []byte { return multiplier().Bytes() }

func X(id Identity, saltP []byte) []byte {
	x := id.x(saltP)
	return x[:]
}

func (e *Ephemeral) U(serverPublic []byte) []byte {
	u := e.u(serverPublic)
	return u[:]
}

func Key(S, u []byte) ([]byte, error) { return sessionKey(S, u) }

// S returns the premaster secret for a B below N.
func (e *Ephemeral) S(serverPublic, u, x []byte) ([]byte, error) {
	var B modp.Element
	if !B.SetBytes(serverPublic) {
		return nil, errors.New("B is not below N")
	}
	return e.premaster(&B, u, x)
}
