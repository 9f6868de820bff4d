package srp

import (
	"bytes"
	"encoding/base64"
	"math/big"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// ReadCredential makes the credential of a device of Salt and PasswordVerifier of
// ConfirmDevice, both in base64. Unless raw is set, the bytes must be the shortest two's
// complement of the numbers.
func ReadCredential(group, uid, salt, verifier string, raw bool) (*Credential, error) {
	s, err := readNumber("Salt", salt, raw)
	if err != nil {
		return nil, err
	}
	v, err := readNumber("PasswordVerifier", verifier, raw)
	if err != nil {
		return nil, err
	}
	// No hash x makes g^x mod N equal to 0 or 1.
	if v.Cmp(big.NewInt(1)) <= 0 || v.Cmp(N) >= 0 {
		return nil, exception.InvalidParameter("PasswordVerifier is not between 1 and N")
	}
	return &Credential{Group: group, UID: uid, Salt: s, Verifier: func() *big.Int { return v }}, nil
}

// readNumber reads base64 of the bytes that the client has hashed. The later challenge has
// only the number, and the client hashes its shortest two's complement. A proof of a device
// that hashed other bytes would fail.
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
