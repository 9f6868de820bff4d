package flow

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
)

// AccessClaims reads the claims of the access token into v, such as cognito:groups. The claims
// are read as encoding/json reads an object. The signature is not verified: see [Tokens].
// AccessClaims fails if the token is no JSON Web Token, or if a claim does not fit v. The error
// does not quote a claim.
func (t *Tokens) AccessClaims(v any) error { return unmarshalClaims("access token", t.AccessToken, v) }

// IDClaims is AccessClaims for the ID token. That token has the attributes of the user.
func (t *Tokens) IDClaims(v any) error { return unmarshalClaims("ID token", t.IDToken, v) }

func unmarshalClaims(name string, token secret.String, v any) error {
	data, ok := payload(token)
	if !ok {
		return errors.New("flow: the " + name + " is missing or no JSON Web Token")
	}
	if err := json.Unmarshal(data, v); err != nil {
		var misfit *json.UnmarshalTypeError
		if errors.As(err, &misfit) {
			return errors.New("flow: the claim " + bound(misfit.Field) + " of the " + name + " is a JSON " + bound(first(misfit.Value)) + ", not a Go " + misfit.Type.String())
		}
		return errors.New("flow: the claims of the " + name + " are not JSON, or v is no pointer") // err may quote them
	}
	return nil
}

// first returns the first word. The other words quote a value.
func first(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// payload returns the claims of a JSON Web Token (RFC 7519) and verifies nothing. A token
// of another form has no claims to read, and may be good all the same.
func payload(token secret.String) ([]byte, bool) {
	_, rest, _ := strings.Cut(token.Reveal(), ".")
	text, signature, ok := strings.Cut(rest, ".")
	if !ok || strings.Contains(signature, ".") {
		return nil, false
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	return data, err == nil
}

// claims are those of a token. A map has the exact names: for a struct, encoding/json
// would ignore their case. A claim of another type does not keep the others from being read.
type claims map[string]any

func readClaims(token secret.String) (c claims) {
	data, ok := payload(token)
	if !ok {
		return nil
	}
	err := json.Unmarshal(data, &c)
	if misfit := new(json.UnmarshalTypeError); err != nil && !errors.As(err, &misfit) {
		return nil
	}
	return c
}

func (c claims) text(name string) string {
	text, _ := c[name].(string)
	return text
}

func (c claims) list(name string) []string {
	values, _ := c[name].([]any)
	var list []string
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil
		}
		list = append(list, text)
	}
	return list
}

// seconds returns a time in seconds since 1970, perhaps with a fraction.
func (c claims) seconds(name string) float64 {
	seconds, _ := c[name].(float64)
	return seconds
}

// lifetime returns the shorter lifetime of the access token and the ID token, 0 if neither
// token tells. A difference of two times of the service is right also if this machine's
// clock is wrong.
func (t *Tokens) lifetime() time.Duration {
	return shorterLifetime(readClaims(t.AccessToken), readClaims(t.IDToken))
}

// accessExpired reports whether the access token has expired. The claim exp is compared with
// the service's clock. Without that claim, Expiry is compared with this machine's clock.
func (t *Tokens) accessExpired(service, machine time.Time) bool {
	if t == nil {
		return false
	}
	if seconds := readClaims(t.AccessToken).seconds("exp"); seconds > 0 {
		return seconds <= float64(service.Unix())
	}
	return !t.Expiry.IsZero() && !t.Expiry.After(machine)
}

// The service allows lifetimes of access and ID tokens between these.
const (
	shortestLifetime = 5 * time.Minute
	longestLifetime  = 24 * time.Hour
)

func shorterLifetime(tokens ...claims) time.Duration {
	var shortest time.Duration
	for _, c := range tokens {
		if c.seconds("iat") <= 0 {
			continue
		}
		seconds := min(c.seconds("exp")-c.seconds("iat"), longestLifetime.Seconds())
		if l := time.Duration(seconds * float64(time.Second)); l > 0 && (shortest == 0 || l < shortest) {
			shortest = l
		}
	}
	return shortest
}
