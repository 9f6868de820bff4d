package flow

import (
	"cmp"
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

// Tokens are the result of a sign-in or a refresh. Package fmt and attributes of log/slog do not
// show them.
//
// To keep tokens, use encoding/json, which writes them in full. A slog.JSONHandler uses
// encoding/json for values inside a struct. So log Tokens as a separate attribute, or not at all.
//
// Username, Subject, Scopes, AuthTime, ACR, AMR, Device.Key and Expiry are read from the tokens
// without verification. Tokens straight from the service need none. A server that receives a
// token from elsewhere must verify the token: see the example.
type Tokens struct {
	AccessToken  secret.String
	IDToken      secret.String
	RefreshToken secret.String
	TokenType    string // from the service, or "Bearer" if the service sends none

	// Expiry is the time when the first of the access token and the ID token expires, by
	// this machine's clock. If that clock is wrong, Expiry is wrong by the same difference.
	Expiry time.Time

	Username string   // the pool's name for the user, and not an alias
	Subject  string   // the claim sub
	Scopes   []string // of the access token

	AuthTime time.Time // the time of the sign-in by the service's clock, from the claim auth_time
	ACR      string    // the level of the sign-in, from the claim acr
	AMR      []string  // the methods of the sign-in, from the claim amr

	// Device is the device of the tokens, and its state.
	Device DeviceOutcome
}

const (
	bearer = "Bearer" // RFC 6750

	lastSecond = 253402300800 // since 1970, of the years that JSON has (RFC 3339)
)

// newTokens makes tokens of a result that has an access token.
func newTokens(result *types.AuthenticationResultType, now time.Time) *Tokens {
	t := &Tokens{
		AccessToken:  secret.New(aws.ToString(result.AccessToken)),
		IDToken:      secret.New(aws.ToString(result.IdToken)),
		RefreshToken: secret.New(aws.ToString(result.RefreshToken)),
		TokenType:    cmp.Or(aws.ToString(result.TokenType), bearer),
	}
	access, id := readClaims(t.AccessToken), readClaims(t.IDToken)
	lifetime := shorterLifetime(access, id)
	if l := time.Duration(result.ExpiresIn) * time.Second; l > 0 && (lifetime == 0 || l < lifetime) {
		lifetime = min(l, longestLifetime)
	}
	if lifetime == 0 {
		lifetime = shortestLifetime // the reply does not tell
	}
	// The monotonic clock stands still while a machine sleeps. Tokens expire all the same.
	t.Expiry = now.Add(lifetime).Round(0).UTC() // as JSON gives it back
	t.Username = cmp.Or(id.text("cognito:username"), access.text("username"))
	t.Subject = cmp.Or(id.text("sub"), access.text("sub"))
	if scopes := strings.Fields(access.text("scope")); len(scopes) > 0 {
		t.Scopes = scopes
	}
	t.Device.Key = access.text("device_key")
	t.ACR = cmp.Or(id.text("acr"), access.text("acr"))
	if t.AMR = id.list("amr"); t.AMR == nil {
		t.AMR = access.list("amr")
	}
	if seconds := cmp.Or(id.seconds("auth_time"), access.seconds("auth_time")); seconds > 0 && seconds < lastSecond {
		t.AuthTime = time.Unix(int64(seconds), 0).UTC()
	}
	return t
}

func (t *Tokens) unconfirmed() bool { return t != nil && t.Device.State == DeviceUnconfirmed }

// clone returns a copy, so that a change by one user of t does not reach the others.
func (t *Tokens) clone() *Tokens {
	if t == nil {
		return nil
	}
	c := *t
	c.Scopes, c.AMR = slices.Clone(t.Scopes), slices.Clone(t.AMR)
	return &c
}

// LogValue returns the user name and the expiry. Without LogValue, a slog.JSONHandler would
// write the tokens in full.
func (t Tokens) LogValue() slog.Value {
	return slog.GroupValue(slog.String("username", t.Username), slog.Time("expiry", t.Expiry))
}

// tokensJSON is the JSON of Tokens. The names are part of the compatibility promise.
type tokensJSON struct {
	Username     string    `json:"username"`
	Subject      string    `json:"subject,omitempty"`
	AccessToken  string    `json:"accessToken"`
	IDToken      string    `json:"idToken,omitempty"`
	RefreshToken string    `json:"refreshToken,omitempty"`
	TokenType    string    `json:"tokenType,omitempty"`
	Scopes       []string  `json:"scopes,omitempty"`
	ExpiresAt    time.Time `json:"expiresAt"`
	AuthTime     time.Time `json:"authTime,omitzero"`
	ACR          string    `json:"acr,omitempty"`
	AMR          []string  `json:"amr,omitempty"`

	DeviceKey       string      `json:"deviceKey,omitempty"`
	DeviceGroupKey  string      `json:"deviceGroupKey,omitempty"`
	DeviceState     DeviceState `json:"deviceState,omitempty"`
	DeviceKept      bool        `json:"deviceKept,omitempty"`
	DeviceUndecided bool        `json:"deviceUndecided,omitempty"`
}

// MarshalJSON writes the tokens in full. The JSON contains secrets.
func (t Tokens) MarshalJSON() ([]byte, error) {
	return json.Marshal(tokensJSON{
		Username: t.Username, Subject: t.Subject,
		AccessToken: t.AccessToken.Reveal(), IDToken: t.IDToken.Reveal(), RefreshToken: t.RefreshToken.Reveal(),
		TokenType: t.TokenType, Scopes: t.Scopes, ExpiresAt: t.Expiry, AuthTime: t.AuthTime, ACR: t.ACR, AMR: t.AMR,
		DeviceKey: t.Device.Key, DeviceGroupKey: t.Device.GroupKey, DeviceState: t.Device.State, DeviceKept: t.Device.Kept, DeviceUndecided: t.Device.Undecided,
	})
}

// UnmarshalJSON reads the JSON of MarshalJSON. The error does not quote the JSON.
func (t *Tokens) UnmarshalJSON(data []byte) error {
	var k tokensJSON
	if err := json.Unmarshal(data, &k); err != nil || k.AccessToken == "" && k.RefreshToken == "" {
		return errors.New("flow: stored tokens: not the JSON of flow.Tokens") // err would quote them
	}
	*t = Tokens{
		AccessToken: secret.New(k.AccessToken), IDToken: secret.New(k.IDToken), RefreshToken: secret.New(k.RefreshToken),
		TokenType: cmp.Or(k.TokenType, bearer), Expiry: k.ExpiresAt, AuthTime: k.AuthTime, ACR: k.ACR, AMR: k.AMR,
		Username: k.Username, Subject: k.Subject, Scopes: k.Scopes,
		Device: DeviceOutcome{Key: k.DeviceKey, GroupKey: k.DeviceGroupKey, State: k.DeviceState, Kept: k.DeviceKept, Undecided: k.DeviceUndecided},
	}
	return nil
}
