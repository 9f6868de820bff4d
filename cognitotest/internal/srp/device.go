package srp

import (
	"bytes"
	"encoding/base64"
	"math/big"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// ReadCredential makes the credential of a device out of the Salt and the
// PasswordVerifier that ConfirmDevice was given, as base64. Unless raw is set,
// the bytes have to be the shortest two's complement of the numbers.
func ReadCredential(group, uid, salt, verifier string, raw bool) (*Credential, error) {
	s, err := readNumber("Salt", salt, raw)
	if err != nil {
		return nil, err
	}
	v, err := readNumber("PasswordVerifier", verifier, raw)
	if err != nil {
		return nil, err
	}
	// Powers of g below N are neither 0 nor 1 for any x that a hash can be.
	if v.Cmp(big.NewInt(1)) <= 0 || v.Cmp(N) >= 0 {
		return nil, exception.InvalidParameter("PasswordVerifier is not between 1 and N")
	}
	return &Credential{Group: group, UID: uid, Salt: s, Verifier: func() *big.Int { return v }}, nil
}

// readNumber reads base64 of the bytes that the client has hashed. When the
// device proves itself the client is told the number alone, so other bytes than
// the shortest two's complement could not be made again.
func readNumber(name, text string, raw bool) (*big.Int, error) {
	given, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(given) == 0 {
		return nil, exception.InvalidParameter("%s is not standard base64 of a number", name)
	}
	n := new(big.Int).SetBytes(given)
	if !raw && !bytes.Equal(given, TwosComplement(n)) {
		return nil, exception.InvalidParameter("%s is not the shortest two's complement of a number", name)
	}
	return n, nil
}
