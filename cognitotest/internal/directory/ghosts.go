package directory

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// Ghost invents a user for an unknown name. Each call returns the same user. The verifier
// of the user belongs to no password.
func (p *Pool) Ghost(name string) *User {
	var b [16]byte
	ghostNumber(p.secret, "id", p.key(name), len(b)).FillBytes(b[:])
	id := random.FormatUUID(b)
	// A challenge has the name of a real user in lower case, and not the alias.
	shown := p.key(name)
	if form := AddressAttribute(name); slices.Contains(p.AliasAttributes, form) || slices.Contains(p.UsernameAttributes, form) {
		shown = id
	}
	return &User{Name: shown, ID: id, Ghost: true, SoughtName: name, Credential: p.GhostCredential(id)}
}

// GhostCredential invents the credential of a user without a password. The verifier belongs
// to no password.
func (p *Pool) GhostCredential(id string) *srp.Credential {
	number := func(purpose string, bytes int) *big.Int { return ghostNumber(p.secret, purpose, id, bytes) }
	return srp.CredentialFromExponent(p.Name(), id, number("salt", srp.SaltBytes), number("exponent", 32))
}

func ghostNumber(secret []byte, purpose, name string, bytes int) *big.Int {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose + "\x00" + name))
	return new(big.Int).SetBytes(mac.Sum(nil)[:bytes])
}
