package flow

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Tokens are the result of a sign-in or a refresh. They print redacted;
// encoding/json writes them whole, which is how to keep them. (A
// slog.JSONHandler uses encoding/json for values inside a struct of yours: log
// Tokens as an attribute of their own, or not at all.)
//
// Username, Subject, Scopes, Device.Key and Expiry are read from the tokens
// without verifying their signatures, which is sound where the tokens came
// straight from the service. A server that receives a token from elsewhere
// must verify it.
type Tokens struct {
	AccessToken  secret.String
	IDToken      secret.String
	RefreshToken secret.String
	TokenType    string // "Bearer"

	// Expiry is when the first of the access and ID token expires, on this
	// machine's clock even where that differs from the service's.
	Expiry time.Time

	Username string   // the pool's name for the user, never an alias
	Subject  string   // the claim sub
	Scopes   []string // of the access token

	// Device is the device that signed in, and what became of it.
	Device DeviceOutcome
}

// claims are those that Tokens shows, of either token.
type claims struct {
	Subject         string `json:"sub"`
	Issuer          string `json:"iss"`
	IssuedAt        int64  `json:"iat"`
	Expires         int64  `json:"exp"`
	CognitoUsername string `json:"cognito:username"` // ID token
	Username        string `json:"username"`         // access token
	Scope           string `json:"scope"`
	DeviceKey       string `json:"device_key"`
	OriginID        string `json:"origin_jti"` // only where tokens can be revoked, or are rotated
}

// newTokens makes tokens of a result that has an access token.
func newTokens(result *types.AuthenticationResultType, now time.Time) *Tokens {
	t := &Tokens{
		AccessToken:  secret.New(aws.ToString(result.AccessToken)),
		IDToken:      secret.New(aws.ToString(result.IdToken)),
		RefreshToken: secret.New(aws.ToString(result.RefreshToken)),
		TokenType:    aws.ToString(result.TokenType),
	}
	access, id := readClaims(t.AccessToken), readClaims(t.IDToken)
	lifetime := shorterLifetime(access, id)
	if l := time.Duration(result.ExpiresIn) * time.Second; l > 0 && (lifetime == 0 || l < lifetime) {
		lifetime = l
	}
	// Without the monotonic clock reading, which stands still while a machine
	// sleeps: tokens do not.
	t.Expiry = now.Add(lifetime).Round(0)
	t.Username = cmp.Or(id.CognitoUsername, access.Username)
	t.Subject = cmp.Or(id.Subject, access.Subject)
	t.Scopes = strings.Fields(access.Scope)
	t.Device.Key = access.DeviceKey
	return t
}

// lifetime is that of the access or ID token, whichever is shorter, as a
// difference of two times of the service's clock: it is right even where this
// machine's clock is off. It is 0 if neither token tells.
func (t *Tokens) lifetime() time.Duration {
	return shorterLifetime(readClaims(t.AccessToken), readClaims(t.IDToken))
}

func shorterLifetime(tokens ...claims) time.Duration {
	var shortest time.Duration
	for _, c := range tokens {
		if l := time.Duration(c.Expires-c.IssuedAt) * time.Second; l > 0 && (shortest == 0 || l < shortest) {
			shortest = l
		}
	}
	return shortest
}

// clone keeps a holder of t from changing what others use.
func (t *Tokens) clone() *Tokens {
	if t == nil {
		return nil
	}
	c := *t
	c.Scopes = slices.Clone(t.Scopes)
	return &c
}

// readClaims reads the payload of a JSON Web Token (RFC 7519) and verifies
// nothing. Other text is opaque to us and perhaps fine for whom it is for: of
// it nothing is read.
func readClaims(token secret.String) (c claims) {
	_, rest, _ := strings.Cut(token.Reveal(), ".")
	text, signature, ok := strings.Cut(rest, ".")
	if !ok || strings.Contains(signature, ".") {
		return c
	}
	payload, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return claims{}
	}
	return c
}

// LogValue tells slog whose tokens these are and until when: a slog.JSONHandler
// would write all of them.
func (t Tokens) LogValue() slog.Value {
	return slog.GroupValue(slog.String("username", t.Username), slog.Time("expiry", t.Expiry))
}

// tokensJSON is how Tokens are written as JSON. The names are part of the
// compatibility promise.
type tokensJSON struct {
	Username     string    `json:"username"`
	Subject      string    `json:"subject,omitempty"`
	AccessToken  string    `json:"accessToken"`
	IDToken      string    `json:"idToken,omitempty"`
	RefreshToken string    `json:"refreshToken,omitempty"`
	TokenType    string    `json:"tokenType,omitempty"`
	Scopes       []string  `json:"scopes,omitempty"`
	ExpiresAt    time.Time `json:"expiresAt"`

	DeviceKey       string      `json:"deviceKey,omitempty"`
	DeviceGroupKey  string      `json:"deviceGroupKey,omitempty"`
	DeviceState     DeviceState `json:"deviceState,omitempty"`
	DeviceUndecided bool        `json:"deviceUndecided,omitempty"`
}

// MarshalJSON writes the tokens whole: what it returns contains secrets.
func (t Tokens) MarshalJSON() ([]byte, error) {
	return json.Marshal(tokensJSON{
		Username: t.Username, Subject: t.Subject,
		AccessToken: t.AccessToken.Reveal(), IDToken: t.IDToken.Reveal(), RefreshToken: t.RefreshToken.Reveal(),
		TokenType: t.TokenType, Scopes: t.Scopes, ExpiresAt: t.Expiry,
		DeviceKey: t.Device.Key, DeviceGroupKey: t.Device.GroupKey, DeviceState: t.Device.State, DeviceUndecided: t.Device.Undecided,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Tokens) UnmarshalJSON(data []byte) error {
	var k tokensJSON
	if err := json.Unmarshal(data, &k); err != nil || k.AccessToken == "" && k.RefreshToken == "" {
		return errors.New("flow: stored tokens: not the JSON of flow.Tokens") // err would quote them
	}
	*t = Tokens{
		AccessToken: secret.New(k.AccessToken), IDToken: secret.New(k.IDToken), RefreshToken: secret.New(k.RefreshToken),
		TokenType: k.TokenType, Expiry: k.ExpiresAt,
		Username: k.Username, Subject: k.Subject, Scopes: k.Scopes,
		Device: DeviceOutcome{Key: k.DeviceKey, GroupKey: k.DeviceGroupKey, State: k.DeviceState, Undecided: k.DeviceUndecided},
	}
	return nil
}
