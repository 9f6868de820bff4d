package srp

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/cognitoflow/cognitoflow/internal/modp"
)

// A Verifier is what the pool keeps of a password: DeviceSecretVerifierConfig
// of the operation ConfirmDevice. Both are P of a number, in standard base64.
type Verifier struct {
	Salt             string // up to 17 bytes, exactly those that were hashed
	PasswordVerifier string // g^x mod N, up to 385 bytes
}

// NewVerifier returns the verifier of the password of id under a fresh salt of
// 16 random bytes. It panics if id was not made by [User] or [Device].
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
