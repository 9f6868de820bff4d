package account_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// notInPool are operations that package cognitotest does not have. The shapes are those of
// the API model.
var notInPool = map[string]func(w *wire, body map[string]any) *http.Response{
	"ChangePassword": func(w *wire, body map[string]any) *http.Response {
		proposed, _ := body["ProposedPassword"].(string)
		previous, _ := body["PreviousPassword"].(string)
		switch {
		case previous != w.password:
			return exception("NotAuthorizedException", "Incorrect username or password.")
		case len(proposed) < 8:
			return exception("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
		}
		w.password = proposed
		return response(http.StatusOK, map[string]any{})
	},
	"GetUserAuthFactors": func(*wire, map[string]any) *http.Response {
		return response(http.StatusOK, map[string]any{
			"Username":                  "ada",
			"ConfiguredUserAuthFactors": []string{"PASSWORD", "EMAIL_OTP", "SOFTWARE_TOKEN", "IRIS_SCAN"},
			"UserMFASettingList":        []string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}, "PreferredMfaSetting": "EMAIL_OTP",
		})
	},
}

// checkToken has the pool judge the access token of a request. It returns the refusal.
func (w *wire) checkToken(r *http.Request, body map[string]any) (*http.Response, error) {
	text, err := json.Marshal(map[string]any{"AccessToken": body["AccessToken"]})
	if err != nil {
		return nil, err
	}
	asked := r.Clone(r.Context())
	asked.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.GetUser")
	asked.Body, asked.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	reply, err := w.next.Do(asked)
	if err != nil || reply.StatusCode != http.StatusOK {
		return reply, err
	}
	return nil, reply.Body.Close()
}

func TestChangePassword(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		user := r.user()
		change := func(previous, proposed string) error {
			return user.ChangePassword(t.Context(), secret.New(previous), secret.New(proposed))
		}
		must(t, "a wrong password", change("wrong", newPassword), flow.WrongCredentials)
		must(t, "a weak one", change(password, "weak"), flow.PasswordRefused)
		must(t, "the password", change(password, newPassword), "")
		if r.wire.password != newPassword {
			t.Error("the password is the old one")
		}
		must(t, "the old password", change(password, newPassword), flow.WrongCredentials)
	})
}

// A user who has no password yet gives none.
func TestFirstPassword(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	user := r.user()
	r.wire.password = ""
	must(t, "no password", user.ChangePassword(t.Context(), secret.String{}, secret.New(newPassword)), "")
	if _, given := r.wire.sentTo("ChangePassword")[0]["PreviousPassword"]; given {
		t.Error("a previous password was sent")
	}
}

// The service has one exception for a wrong password and for a bad token.
func TestChangePasswordWithABadToken(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	tokens := r.signIn(password)
	if err := r.driver.GlobalSignOut(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
	change := func(tokens *flow.Tokens) error {
		return r.accounts.User(tokens).ChangePassword(t.Context(), secret.New(password), secret.New(newPassword))
	}
	must(t, "revoked", change(tokens), flow.WrongCredentials) // nothing tells
	tokens = r.signIn(password)
	r.clock.Advance(2 * time.Hour)
	must(t, "expired", change(tokens), flow.TokenRefused)
	must(t, "none", change(nil), flow.TokenRefused)
}

func TestFactors(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		f, err := r.user().Factors(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		first, second := []challenge.Name{challenge.Password, challenge.EmailOTP, "IRIS_SCAN"}, []challenge.Name{challenge.SoftwareTokenMFA, challenge.EmailOTP}
		if !slices.Equal(f.First, first) || !slices.Equal(f.Second, second) || f.Preferred != challenge.EmailOTP {
			t.Errorf("got %+v", f)
		}
	})
}
