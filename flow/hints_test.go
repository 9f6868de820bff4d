package flow_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The pool sends the texts of the service. The documentation of package cognitotest names the
// source of each text.
func TestHints(t *testing.T) {
	wrong := flow.UserPasswordAuth{Username: "ada", Password: secret.New("wrong-Password-1!")}
	// withSecret starts a sign-in with this secret instead of the right one.
	withSecret := func(t *testing.T, clientSecret string, f flow.AuthFlow) error {
		pool := newPool(t, nil, ada)
		app := appOf(pool, "secret")
		app.ClientSecret = secret.New(clientSecret)
		d, err := flow.New(pool.Client(), app)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Start(t.Context(), f)
		return err
	}
	// later signs in, and lets time pass.
	later := func(t *testing.T, pass time.Duration) (*flow.Driver, *flow.Tokens) {
		c := newClock()
		pool := newPool(t, func(config *cognitotest.PoolConfig) { config.Now = c.Now }, ada)
		d := newDriver(t, pool, "public", c.use)
		tokens := byAlias(t, d)
		c.Advance(pass)
		return d, tokens
	}
	cases := map[string]struct {
		hint  flow.Hint
		says  string // a part of the error, so that each case has the error that it means
		raise func(*testing.T) error
	}{
		"locked out": {flow.LockedOut, "Password attempts exceeded", func(t *testing.T) error {
			c := newClock() // this clock stands still, so that the user stays locked out
			d := newDriver(t, newPool(t, func(config *cognitotest.PoolConfig) { config.Now = c.Now }, ada), "public", c.use)
			var err error
			for range 6 { // the service refuses the sixth wrong password
				_, err = d.Start(t.Context(), wrong)
			}
			return err
		}},
		"disabled": {flow.UserDisabled, "User is disabled.", refusedUser(func(u *cognitotest.UserConfig) { u.Disabled = true }, password)},
		"an old temporary password": {flow.TemporaryPasswordEnded, "Temporary password has expired", func(t *testing.T) error {
			c := newClock()
			pool := newPool(t, func(config *cognitotest.PoolConfig) { config.Now = c.Now }, cognitotest.UserConfig{Name: "ada", TemporaryPassword: password})
			c.Advance(8 * 24 * time.Hour) // a temporary password is valid for seven days by default
			_, err := newDriver(t, pool, "public", c.use).Start(t.Context(), srpAuth("ada"))
			return err
		}},
		"a wrong secret": {flow.SecretHashWrong, "Unable to verify secret hash", func(t *testing.T) error {
			return withSecret(t, "fl0w_t3st_client_secret_1", srpAuth("ada"))
		}},
		"no secret": {flow.SecretHashWrong, "SECRET_HASH was not received", func(t *testing.T) error { return withSecret(t, "", srpAuth("ada")) }},
		"an expired refresh token": {flow.TokenExpired, "Refresh Token has expired", func(t *testing.T) error {
			d, tokens := later(t, 31*24*time.Hour)
			_, err := d.Refresh(t.Context(), tokens)
			return err
		}},
		"an expired access token": {flow.TokenExpired, "Access Token has expired", func(t *testing.T) error {
			d, tokens := later(t, 2*time.Hour)
			return d.GlobalSignOut(t.Context(), tokens)
		}},
		"a revoked refresh token": {flow.TokenRevoked, "Refresh Token has been revoked", raised[flow.TokenRefused].raise},
		"a revoked access token": {flow.TokenRevoked, "Access Token has been revoked", func(t *testing.T) error {
			c := newClock()
			pool := newPool(t, func(config *cognitotest.PoolConfig) {
				config.Now, config.DeviceConfiguration = c.Now, &cognitotest.DeviceConfiguration{}
			}, ada)
			d := newDriver(t, pool, "public", c.use)
			tokens := byAlias(t, d)
			if err := d.GlobalSignOut(t.Context(), tokens); err != nil {
				t.Fatal(err)
			}
			_, err := d.DeviceList(tokens).All(t.Context())
			return err
		}},
		"an unknown refresh token": {"", "Invalid Refresh Token", func(t *testing.T) error {
			d, tokens := later(t, 0)
			tokens.RefreshToken = secret.New("a-token-that-nobody-issued")
			_, err := d.Refresh(t.Context(), tokens)
			return err
		}},
		"an expired session": {flow.SessionExpired, "session is expired", raised[flow.SessionEnded].raise},
		"a used session": {flow.SessionUsed, "session can only be used once", func(t *testing.T) error {
			pool, d, p := atTheCode(t)
			code := challenge.Code(pool.TOTP("ada"))
			if _, err := d.Respond(t.Context(), p, code); err != nil {
				t.Fatal(err)
			}
			_, err := d.Respond(t.Context(), p, code)
			return err
		}},
		"a code that was used": {flow.CodeUsed, "already been used once", func(t *testing.T) error {
			pool, d, p := atTheCode(t)
			code := challenge.Code(pool.TOTP("ada"))
			if _, err := d.Respond(t.Context(), p, code); err != nil {
				t.Fatal(err)
			}
			step, err := d.Start(t.Context(), srpAuth("ada"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = d.Respond(t.Context(), step.Prompt, code)
			return err
		}},
		// Package cognitotest has no threat protection and no AWS WAF.
		"threat protection": {flow.Blocked, "Unable to login because of security reasons", refusedWith(&types.NotAuthorizedException{
			Message: aws.String("Unable to login because of security reasons"),
		})},
		"a firewall":        {flow.Blocked, "", refusedWith(&types.ForbiddenException{})},
		"a wrong password":  {"", "Incorrect username or password.", refusedUser(func(*cognitotest.UserConfig) {}, "wrong-Password-1!")},
		"another exception": {"", "User is disabled.", refusedWith(&types.InvalidParameterException{Message: aws.String("User is disabled.")})},
		"nothing was sent":  {"", "", raised[flow.AnswerNotUsable].raise},
	}
	tested := map[flow.Hint]bool{}
	for name, test := range cases {
		tested[test.hint] = true
		t.Run(name, func(t *testing.T) {
			e := flowError(t, test.raise(t))
			if !strings.Contains(e.Error(), test.says) {
				t.Fatalf("the error is %v, want one that contains %q", e, test.says)
			}
			if e.Hint() != test.hint {
				t.Errorf("the hint of %q is %q, want %q", e.Message(), e.Hint(), test.hint)
			}
		})
	}
	for _, declared := range stringConstants(t, "hints.go", "Hint") {
		if !tested[flow.Hint(declared)] {
			t.Errorf("the hint %s has no case", declared)
		}
	}
}

// If the service changes its texts, the codes stay the same and there are no hints.
func TestCodesDoNotGoByTheWording(t *testing.T) {
	reworded := map[string]string{}
	for _, name := range []string{"NotAuthorized", "CodeMismatch", "UserNotConfirmed", "PasswordResetRequired", "RefreshTokenReuse", "InvalidParameter"} {
		reworded[name+"Exception"] = "Das hat leider nicht geklappt."
	}
	for code, raise := range map[flow.Code]func(*testing.T, *cognitotest.Pool, *flow.Driver) error{
		flow.WrongCredentials: func(t *testing.T, _ *cognitotest.Pool, d *flow.Driver) error {
			_, err := d.Start(t.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong-Password-1!")})
			return err
		},
		flow.WrongAnswer: func(t *testing.T, _ *cognitotest.Pool, d *flow.Driver) error {
			step, err := d.Start(t.Context(), srpAuth("ada"))
			if err != nil {
				return err
			}
			_, err = d.Respond(t.Context(), step.Prompt, challenge.Code("no digits"))
			return err
		},
		flow.SessionEnded: func(t *testing.T, pool *cognitotest.Pool, d *flow.Driver) error {
			step, err := d.Start(t.Context(), srpAuth("ada"))
			if err != nil {
				return err
			}
			pool.ExpireSessions()
			_, err = d.Respond(t.Context(), step.Prompt, challenge.Code(pool.TOTP("ada")))
			return err
		},
		flow.TokenRefused: func(t *testing.T, _ *cognitotest.Pool, d *flow.Driver) error {
			_, err := d.Refresh(t.Context(), &flow.Tokens{RefreshToken: secret.New("a-token-that-nobody-issued")})
			return err
		},
	} {
		pool := newPool(t, func(c *cognitotest.PoolConfig) { c.MFA, c.Dialect.Messages = "ON", maps.Clone(reworded) }, deskUser("ada"))
		e := flowError(t, raise(t, pool, newDriver(t, pool, "public")))
		if e.Code() != code || e.Hint() != "" || e.Message() != "Das hat leider nicht geklappt." {
			t.Errorf("%s: got %v with hint %q", code, e, e.Hint())
		}
	}
}
