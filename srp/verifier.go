package srp

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/cognitoflow/cognitoflow/internal/modp"
)

// A Verifier lets the pool check a proof without the password. ConfirmDevice takes
// the two fields as DeviceSecretVerifierConfig. Each field is P of a number, in
// standard base64.
type Verifier struct {
	Salt             string // up to 17 bytes, the same bytes that were hashed
	PasswordVerifier string // g^x mod N, up to 385 bytes
}

// NewVerifier returns the verifier of the password of id, with a new salt of 16
// random bytes. If [User] or [Device] did not make id, NewVerifier panics.
func NewVerifier(id Identity) Verifier {
	if id.group == "" {
		panic(errZero)
	}
	var salt [16]byte
	rand.Read(salt[:])
	return newVerifier(id, salt[:])
}

func newVerifier(id Identity, salt []byte) Verifier {
	saltP := padded(salt)
	x := id.x(saltP)
	var v modp.Element
	v.PowG(modp.NewExponent(x[:]))
	return Verifier{
		Salt:             base64.StdEncoding.EncodeToString(saltP),
		PasswordVerifier: base64.StdEncoding.EncodeToString(padded(v.Bytes())),
	}
}
