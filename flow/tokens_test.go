package flow_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func fullTokens() flow.Tokens {
	return flow.Tokens{
		AccessToken: secret.New("the-access-token"), IDToken: secret.New("the-id-token"), RefreshToken: secret.New("the-refresh-token"),
		TokenType: "Bearer", Expiry: time.Date(2026, 11, 22, 6, 0, 0, 123456789, time.UTC),
		Username: "ada", Subject: "5e0c2b7a", Scopes: []string{"openid", "email"},
		AuthTime: time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC), ACR: "urn:example:acr:2", AMR: []string{"pwd", "otp"},
		Device: flow.DeviceOutcome{Key: "local-1_0a1b2c3d", GroupKey: "-Ex4mple1", State: flow.DeviceUnconfirmed, Kept: true, Undecided: true, Err: errors.New("no device")},
	}
}

func TestTokensJSONIsComplete(t *testing.T) {
	before := fullTokens()
	for field, value := range reflect.ValueOf(before).Fields() {
		if value.IsZero() {
			t.Fatalf("this test does not set %s", field.Name)
		}
	}
	data, err := json.Marshal(struct{ Kept *flow.Tokens }{&before})
	if err != nil {
		t.Fatal(err)
	}
	var after struct{ Kept flow.Tokens }
	if err := json.Unmarshal(data, &after); err != nil {
		t.Fatal(err)
	}
	got := after.Kept
	if got.AccessToken.Reveal() != "the-access-token" || got.IDToken.Reveal() != "the-id-token" || got.RefreshToken.Reveal() != "the-refresh-token" {
		t.Error("the tokens themselves are not kept")
	}
	// DeepEqual cannot compare secrets, and JSON does not have the error.
	before.AccessToken, before.IDToken, before.RefreshToken, before.Device.Err = secret.String{}, secret.String{}, secret.String{}, nil
	got.AccessToken, got.IDToken, got.RefreshToken = secret.String{}, secret.String{}, secret.String{}
	if !reflect.DeepEqual(got, before) {
		t.Errorf("got %+v, want %+v", got, before)
	}
}

// This release reads the JSON of the first release.
func TestTokensJSONOfTheFirstRelease(t *testing.T) {
	const written = `{"username":"ada","subject":"5e0c2b7a","deviceKey":"local-1_0a1b2c3d","accessToken":"a","idToken":"i",` +
		`"refreshToken":"r","tokenType":"Bearer","scopes":["openid"],"expiresAt":"2026-11-22T06:00:00Z","unknown":1}`
	var got flow.Tokens
	if err := json.Unmarshal([]byte(written), &got); err != nil {
		t.Fatal(err)
	}
	if got.Username != "ada" || got.Subject != "5e0c2b7a" || got.Device.Key != "local-1_0a1b2c3d" || got.AccessToken.Reveal() != "a" ||
		got.IDToken.Reveal() != "i" || got.RefreshToken.Reveal() != "r" || got.TokenType != "Bearer" ||
		!slices.Equal(got.Scopes, []string{"openid"}) || got.Expiry.Unix() != 1795327200 {
		t.Errorf("got %+v", got)
	}
	if err := json.Unmarshal([]byte(`{"expiresAt":"soon"}`), &got); err == nil {
		t.Error("a wrong time was read")
	}
}

func TestTokensDoNotPrint(t *testing.T) {
	tokens := fullTokens()
	type holder struct {
		tokens  flow.Tokens
		pointer *flow.Tokens
	}
	values := []any{tokens, &tokens, holder{tokens, &tokens}, []flow.Tokens{tokens}, map[string]holder{"a": {tokens, &tokens}}}
	var printed strings.Builder
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
	}
	var logged bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(handler).Info("signed in", "tokens", tokens, "pointer", &tokens)
	}
	text := strings.ToLower(printed.String() + logged.String())
	for _, token := range []string{"the-access-token", "the-id-token", "the-refresh-token"} {
		if strings.Contains(text, token) || strings.Contains(text, fmt.Sprintf("%x", token)) {
			t.Errorf("%s is printed", token)
		}
	}
}

// unsigned returns a JSON Web Token without a signature. Package flow does not verify tokens.
func unsigned(t *testing.T, claims map[string]any) *string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return aws.String("e30." + base64.RawURLEncoding.EncodeToString(payload) + ".")
}

func TestTokensReadTheClaims(t *testing.T) {
	const iat = 1_000_000_000 // by a clock of the service that is years behind
	access := map[string]any{
		"iat": iat, "exp": iat + 1800, "sub": "5e0c2b7a", "username": "ada", "scope": "openid email", "device_key": "local-1_0a1b2c3d",
	}
	id := map[string]any{"iat": iat, "exp": iat + 600, "sub": "5e0c2b7a", "cognito:username": "ada"}
	for name, test := range map[string]struct {
		result   types.AuthenticationResultType
		lifetime time.Duration
		username string
		scopes   []string
	}{
		"both":          {types.AuthenticationResultType{AccessToken: unsigned(t, access), IdToken: unsigned(t, id), ExpiresIn: 1800}, 10 * time.Minute, "ada", []string{"openid", "email"}},
		"no ID token":   {types.AuthenticationResultType{AccessToken: unsigned(t, access), ExpiresIn: 1800}, 30 * time.Minute, "ada", []string{"openid", "email"}},
		"opaque access": {types.AuthenticationResultType{AccessToken: aws.String("opaque"), ExpiresIn: 1800}, 30 * time.Minute, "known", nil},
		"ExpiresIn":     {types.AuthenticationResultType{AccessToken: unsigned(t, access), ExpiresIn: 60}, time.Minute, "ada", []string{"openid", "email"}},
		"odd claims":    {types.AuthenticationResultType{AccessToken: unsigned(t, map[string]any{"username": "ada", "exp": "soon", "sub": 5, "amr": "pwd", "scope": "openid"}), ExpiresIn: 60}, time.Minute, "ada", []string{"openid"}},
		"no JSON":       {types.AuthenticationResultType{AccessToken: aws.String("a.b.c"), ExpiresIn: 60}, time.Minute, "known", nil},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newClock()
			d := refreshesTo(test.result).driver(t, clock.use)
			got, err := d.Refresh(t.Context(), &flow.Tokens{RefreshToken: secret.New("refresh"), Username: "known"})
			if err != nil {
				t.Fatal(err)
			}
			if left := got.Expiry.Sub(clock.Now()); left != test.lifetime {
				t.Errorf("the tokens expire in %v, want %v", left, test.lifetime)
			}
			if got.Username != test.username || !slices.Equal(got.Scopes, test.scopes) {
				t.Errorf("got user %q with scopes %q", got.Username, got.Scopes)
			}
		})
	}
}

// Expiry has no monotonic reading, because the monotonic clock stands still while a machine
// sleeps.
func TestExpiryIsOfTheWallClock(t *testing.T) {
	tokens := byAlias(t, newDriver(t, newPool(t, nil, ada), "public"))
	if tokens.Expiry != tokens.Expiry.Round(0) {
		t.Errorf("%v has a reading of the monotonic clock", tokens.Expiry)
	}
}

func TestTokenSourceDoesNotPrintTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		time.Sleep(time.Hour)
		s.want("access-1", 1)
		holder := struct{ source *flow.TokenSource }{s.TokenSource}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			for _, value := range []any{s.TokenSource, holder, &holder} {
				text := fmt.Sprintf(verb, value)
				for _, token := range []string{"access-1", "refresh-1", "id-1", fmt.Sprintf("%x", "access-1")} {
					if strings.Contains(text, token) {
						t.Errorf("%s prints %s: %s", verb, token, text)
					}
				}
			}
		}
	})
}
