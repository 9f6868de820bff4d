// Package issue makes the tokens of a grant.
package issue

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

const keyBits = 2048

// PublicKeys is the document with the keys that verify tokens.
func PublicKeys() (jose.JSONWebKeySet, error) {
	k, err := signingKeys()
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return k.public, nil
}

// signingKeys makes the keys once for all pools of the process, because making keys takes
// long.
var signingKeys = sync.OnceValues(func() (*keys, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, err
	}
	kid := random.Token(32)
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: private, KeyID: kid}}, nil)
	if err != nil {
		return nil, err
	}
	// The service publishes two keys, so a client must look for the right one. The pool
	// does not keep the private half of the other key.
	other := &rsa.PublicKey{N: new(big.Int).SetBit(random.Number(keyBits/8), keyBits-1, 1), E: private.E}
	return &keys{signer: signer, public: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: other, KeyID: random.Token(32), Algorithm: "RS256", Use: "sig"},
		{Key: private.Public(), KeyID: kid, Algorithm: "RS256", Use: "sig"},
	}}}, nil
})

type keys struct {
	signer jose.Signer
	public jose.JSONWebKeySet
}

func sign(claims map[string]any) (string, error) {
	k, err := signingKeys()
	if err != nil {
		return "", err
	}
	return jwt.Signed(k.signer).Claims(claims).Serialize()
}
