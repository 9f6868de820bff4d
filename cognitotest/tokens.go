package cognitotest

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

type authResult struct {
	AccessToken, IdToken string
	RefreshToken         string `json:",omitempty"`
	ExpiresIn            int
	TokenType            string
	NewDeviceMetadata    *newDeviceMetadata `json:",omitempty"`
}

const (
	keyBits   = 2048
	userScope = "aws.cognito.signin.user.admin"
)

// issueTokens ends a sign-in or a refresh: it makes the tokens to go with the
// refresh token, "" if the client keeps the one it has.
func issueTokens(c *call, g *directory.Grant, refreshToken string) (*authResult, error) {
	p, now := c.pool, c.pool.Now()
	access, id := claimsOf(c, g, now)
	var accessToken, idToken string
	var err error
	c.pool.Unlocked(func() {
		if accessToken, err = sign(access); err == nil {
			idToken, err = sign(id)
		}
	})
	if err != nil {
		return nil, err
	}
	p.KeepAccessToken(accessToken, g, now)
	return &authResult{
		AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken,
		ExpiresIn: int(g.Client.AccessLife / time.Second), TokenType: "Bearer",
		NewDeviceMetadata: metadataOf(g.Device),
	}, nil
}

// claimsOf makes the claims of both tokens.
func claimsOf(c *call, g *directory.Grant, now time.Time) (access, id map[string]any) {
	both := map[string]any{
		"sub": g.User.ID, "iss": c.pool.IssuerAt(c.base), "event_id": random.UUID(),
		"auth_time": g.AuthTime.Unix(), "iat": now.Unix(),
	}
	if len(g.User.Groups) > 0 {
		both["cognito:groups"] = g.User.Groups
	}
	access, id = maps.Clone(both), maps.Clone(both)
	for _, own := range []map[string]any{access, id} {
		if g.Client.Revocation || g.Client.Rotation {
			own["jti"], own["origin_jti"] = random.UUID(), g.OriginID
		}
	}
	access["token_use"] = "access"
	access["client_id"] = g.Client.ID
	access["username"] = g.User.Name
	access["scope"] = userScope
	if g.Device != nil {
		access["device_key"] = g.Device.Key
	}
	access["exp"] = now.Add(g.Client.AccessLife).Unix()

	id["token_use"] = "id"
	id["aud"] = g.Client.ID
	id["cognito:username"] = g.User.Name
	id["exp"] = now.Add(g.Client.IdLife).Unix()
	for name, value := range g.User.Attributes {
		if strings.HasSuffix(name, "_verified") {
			id[name] = value == "true"
		} else {
			id[name] = value
		}
	}
	return access, id
}

// signingKeys is made once for all pools of the process: making keys is what
// takes longest in a pool's life.
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
	// The service publishes two keys, so the first is not always the right
	// one. Nobody needs the private half of the other.
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
