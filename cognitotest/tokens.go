package cognitotest

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

// grant is what a sign-in led to: the refresh token and all that comes of it.
type grant struct {
	user     *user
	client   *client
	authTime time.Time
	expires  time.Time // when its refresh tokens do
	originID string
	revoked  bool
	signOuts int     // what the user's count was
	device   *device // nil in a pool that does not track them
	byAdmin  bool    // got by an operation of administrators
}

type authResult struct {
	AccessToken, IdToken string
	RefreshToken         string `json:",omitempty"`
	ExpiresIn            int
	TokenType            string
	NewDeviceMetadata    *newDeviceMetadata `json:",omitempty"`
}

const (
	refreshTokenBytes = 900 // as long as those of the service
	keyBits           = 2048
	userScope         = "aws.cognito.signin.user.admin"
)

// grantTokens ends a sign-in.
func (c *call) grantTokens(si *signIn) (*authOutput, error) {
	now := c.pool.now()
	si.grant = &grant{
		user: si.user, client: si.client, authTime: now, expires: now.Add(si.client.refreshLife),
		originID: random.UUID(), signOuts: si.user.signOuts,
		device: si.device, byAdmin: c.signed,
	}
	return c.issueTokens(si, c.pool.newRefreshToken(si.grant))
}

// issueTokens ends a sign-in or a refresh: it makes the tokens to go with the
// refresh token, "" if the client keeps the one it has.
func (c *call) issueTokens(si *signIn, refreshToken string) (*authOutput, error) {
	p, g, now := c.pool, si.grant, c.pool.now()
	access, id := c.claims(g, now)
	var accessToken, idToken string
	var err error
	c.pool.unlocked(func() {
		if accessToken, err = sign(access); err == nil {
			idToken, err = sign(id)
		}
	})
	if err != nil {
		return nil, err
	}
	p.accessTokens.Put(accessToken, g, now, now.Add(g.client.accessLife))
	return &authOutput{
		ChallengeParameters: map[string]string{},
		AuthenticationResult: &authResult{
			AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken,
			ExpiresIn: int(g.client.accessLife / time.Second), TokenType: "Bearer",
			NewDeviceMetadata: g.device.metadata(),
		},
	}, nil
}

// claims makes the claims of both tokens.
func (c *call) claims(g *grant, now time.Time) (access, id map[string]any) {
	both := map[string]any{
		"sub": g.user.id, "iss": c.pool.issuerAt(c.base), "event_id": random.UUID(),
		"auth_time": g.authTime.Unix(), "iat": now.Unix(),
	}
	if len(g.user.groups) > 0 {
		both["cognito:groups"] = g.user.groups
	}
	access, id = maps.Clone(both), maps.Clone(both)
	for _, own := range []map[string]any{access, id} {
		if g.client.revocation || g.client.rotation {
			own["jti"], own["origin_jti"] = random.UUID(), g.originID
		}
	}
	access["token_use"] = "access"
	access["client_id"] = g.client.id
	access["username"] = g.user.name
	access["scope"] = userScope
	if g.device != nil {
		access["device_key"] = g.device.key
	}
	access["exp"] = now.Add(g.client.accessLife).Unix()

	id["token_use"] = "id"
	id["aud"] = g.client.id
	id["cognito:username"] = g.user.name
	id["exp"] = now.Add(g.client.idLife).Unix()
	for name, value := range g.user.attributes {
		if strings.HasSuffix(name, "_verified") {
			id[name] = value == "true"
		} else {
			id[name] = value
		}
	}
	return access, id
}

// authorize finds what an access token stands for. The pool knows the tokens
// it issued; one that was changed in any way is not among them.
func (c *call) authorize(token string) (*grant, error) {
	found, ok := c.pool.accessTokens.Get(token)
	switch {
	case !ok:
		return nil, exception.NotAuthorized("Invalid Access Token")
	case found.Value.isRevoked():
		return nil, exception.NotAuthorized("Access Token has been revoked")
	case !c.pool.now().Before(found.Expires):
		return nil, exception.NotAuthorized("Access Token has expired")
	}
	return found.Value, found.Value.user.checkStatus()
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

// serveDocument answers requests for the documents under the issuer's URL.
func (h *handler) serveDocument(w http.ResponseWriter, r *http.Request) {
	poolID, document, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	p := h.service.pool(poolID)
	if p == nil {
		writeError(w, nil, "", &exception.Error{Name: "ResourceNotFoundException", Message: "no such user pool", Status: http.StatusNotFound})
		return
	}
	base := baseURL(r)
	switch document {
	case ".well-known/jwks.json":
		k, err := signingKeys()
		if err != nil {
			writeError(w, p, "", err)
			return
		}
		writeDocument(w, k.public)
	case ".well-known/openid-configuration":
		writeDocument(w, map[string]any{
			"issuer":                                p.issuerAt(base),
			"jwks_uri":                              base + "/" + p.id + "/.well-known/jwks.json",
			"id_token_signing_alg_values_supported": []string{"RS256"},
			"response_types_supported":              []string{"code", "token"},
			"subject_types_supported":               []string{"public"},
		})
	default:
		writeError(w, p, "", &exception.Error{Name: "ResourceNotFoundException", Message: "no such document", Status: http.StatusNotFound})
	}
}
