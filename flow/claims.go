package flow

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
)

// AccessClaims reads the claims of the access token into v, as encoding/json does,
// such as cognito:groups. The signature is not verified. Tokens straight from the
// service need no verification; a server that receives a token from elsewhere must
// verify the token first. The error is that of a token that is no JSON Web Token, or
// of a claim that does not fit v.
func (t *Tokens) AccessClaims(v any) error { return unmarshalClaims("access token", t.AccessToken, v) }

// IDClaims is AccessClaims for the ID token, which has the attributes of the user.
func (t *Tokens) IDClaims(v any) error { return unmarshalClaims("ID token", t.IDToken, v) }

func unmarshalClaims(name string, token secret.String, v any) error {
	data, ok := payload(token)
	if !ok {
		return errors.New("flow: the " + name + " is missing or no JSON Web Token")
	}
	if err := json.Unmarshal(data, v); err != nil {
		var misfit *json.UnmarshalTypeError
		if errors.As(err, &misfit) {
			return errors.New("flow: the claim " + bound(misfit.Field) + " of the " + name + " is a JSON " + bound(misfit.Value) + ", not a Go " + misfit.Type.String())
		}
		return errors.New("flow: the claims of the " + name + " are not JSON, or v is no pointer") // err may quote them
	}
	return nil
}

// payload returns the claims of a JSON Web Token (RFC 7519) and verifies nothing.
// Other text is opaque to us and perhaps fine for whom it is for.
func payload(token secret.String) ([]byte, bool) {
	_, rest, _ := strings.Cut(token.Reveal(), ".")
	text, signature, ok := strings.Cut(rest, ".")
	if !ok || strings.Contains(signature, ".") {
		return nil, false
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	return data, err == nil
}

// claims are those that Tokens shows, of either token. Times are in seconds since
// 1970, perhaps with a fraction.
type claims struct {
	Subject         string   `json:"sub"`
	Issuer          string   `json:"iss"`
	IssuedAt        float64  `json:"iat"`
	Expires         float64  `json:"exp"`
	AuthTime        float64  `json:"auth_time"`
	CognitoUsername string   `json:"cognito:username"` // ID token
	Username        string   `json:"username"`         // access token
	Scope           string   `json:"scope"`
	DeviceKey       string   `json:"device_key"`
	OriginID        string   `json:"origin_jti"` // only where tokens can be revoked, or are rotated
	ACR             string   `json:"acr"`
	AMR             []string `json:"amr"`
}

func readClaims(token secret.String) (c claims) {
	data, ok := payload(token)
	if !ok || json.Unmarshal(data, &c) == nil {
		return c
	}
	// An odd claim costs itself and not the others.
	c = claims{}
	var each map[string]json.RawMessage
	if json.Unmarshal(data, &each) != nil {
		return c
	}
	for name, value := range each {
		with := c
		if object, err := json.Marshal(map[string]json.RawMessage{name: value}); err == nil && json.Unmarshal(object, &with) == nil {
			c = with
		}
	}
	return c
}

// lifetime is that of the access or ID token, whichever is shorter, as a
// difference of two times of the service's clock: it is right even where this
// machine's clock is off. It is 0 if neither token tells.
func (t *Tokens) lifetime() time.Duration {
	return shorterLifetime(readClaims(t.AccessToken), readClaims(t.IDToken))
}

// The lifetimes that the service allows for access and ID tokens.
const (
	shortestLifetime = 5 * time.Minute
	longestLifetime  = 24 * time.Hour
)

func shorterLifetime(tokens ...claims) time.Duration {
	var shortest time.Duration
	for _, c := range tokens {
		seconds := min(c.Expires-c.IssuedAt, longestLifetime.Seconds())
		if l := time.Duration(seconds * float64(time.Second)); l > 0 && (shortest == 0 || l < shortest) {
			shortest = l
		}
	}
	return shortest
}
