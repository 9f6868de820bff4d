package account_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestChangePassword(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		user := r.user()
		change := func(previous, proposed string) error {
			return user.ChangePassword(t.Context(), secret.New(previous), secret.New(proposed))
		}
		must(t, "a wrong password", change("wrong", newPassword), flow.WrongCredentials)
		must(t, "a weak one", change(password, "weak"), flow.PasswordRefused)
		must(t, "the password", change(password, newPassword), "")
		must(t, "the old password", change(password, newPassword), flow.WrongCredentials)
		r.signIn(newPassword)
	})
}

// A user who has no password yet gives none.
func TestFirstPassword(t *testing.T) {
	r := newRig(t, "public", "name", func(c *cognitotest.PoolConfig) { c.Users[0].Password = "" })
	mail := challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		return challenge.Code(r.pool.LastCode("ada").Code), nil
	})
	tokens, err := r.driver.SignIn(t.Context(), flow.UserAuth{Username: "ada", Preferred: challenge.EmailOTP}, mail)
	if err != nil {
		t.Fatal(err)
	}
	must(t, "no password", r.accounts.User(tokens).ChangePassword(t.Context(), secret.String{}, secret.New(newPassword)), "")
	if _, given := r.wire.sentTo("ChangePassword")[0]["PreviousPassword"]; given {
		t.Error("a previous password was sent")
	}
	r.signIn(newPassword)
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
	must(t, "revoked", change(tokens), flow.WrongCredentials) // the exception is the same
	tokens = r.signIn(password)
	r.clock.Advance(2 * time.Hour)
	must(t, "expired", change(tokens), flow.TokenRefused)
	must(t, "none", change(nil), flow.TokenRefused)
}

func TestFactors(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		user := r.user()
		app, err := user.StartTOTP(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		must(t, "FinishTOTP", user.FinishTOTP(t.Context(), r.codeOf(app.Secret), ""), "")
		must(t, "SetMFA", user.SetMFA(t.Context(), account.MFA{Preferred: challenge.SoftwareTokenMFA}), "")
		wantFactors(t, user, account.Factors{
			First:  []challenge.Name{challenge.Password, challenge.EmailOTP},
			Second: []challenge.Name{challenge.SoftwareTokenMFA}, Preferred: challenge.SoftwareTokenMFA,
		})
	})
}

// The service may add factors. SOFTWARE_TOKEN is in its list of first factors, but a sign-in
// cannot begin with it.
func TestFactorsOfTomorrow(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	user := r.user()
	r.wire.accept = map[string]map[string]any{"GetUserAuthFactors": {
		"Username":                  "ada",
		"ConfiguredUserAuthFactors": []string{"PASSWORD", "SOFTWARE_TOKEN", "IRIS_SCAN"},
		"UserMFASettingList":        []string{"SOFTWARE_TOKEN_MFA", "VOICE_MFA"},
	}}
	wantFactors(t, user, account.Factors{
		First: []challenge.Name{challenge.Password, "IRIS_SCAN"}, Second: []challenge.Name{challenge.SoftwareTokenMFA, "VOICE_MFA"},
	})
}

func wantFactors(t *testing.T, user *account.User, want account.Factors) {
	t.Helper()
	f, err := user.Factors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.First, want.First) || !slices.Equal(f.Second, want.Second) || f.Preferred != want.Preferred {
		t.Errorf("got %+v, want %+v", f, want)
	}
}
