package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

const (
	password     = "Correct-Horse-7!"
	clientSecret = "fl0w_t3st_client_secret_0"
	totpSecret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

// newPool runs a pool with these users, and with the app clients "public" and "secret". Both app
// clients may use every auth flow.
func newPool(t testing.TB, change func(*cognitotest.PoolConfig), users ...cognitotest.UserConfig) *cognitotest.Pool {
	t.Helper()
	flows := []string{
		"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH",
		"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
	}
	config := cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{
			{ID: "public", AuthFlows: flows},
			{ID: "secret", Secret: clientSecret, AuthFlows: flows},
		},
		Users:           users,
		AliasAttributes: []string{"email", "phone_number", "preferred_username"},
	}
	if change != nil {
		change(&config)
	}
	return cognitotest.Start(t, config)
}

// newDriver returns a driver for an app client of newPool.
func newDriver(t testing.TB, pool *cognitotest.Pool, client string, optFns ...func(*flow.Options)) *flow.Driver {
	t.Helper()
	d, err := flow.New(pool.Client(), appOf(pool, client), optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// newAdminDriver returns a driver with the operations of administrators.
func newAdminDriver(t testing.TB, pool *cognitotest.Pool, client string, optFns ...func(*flow.Options)) *flow.Driver {
	t.Helper()
	d, err := flow.NewAdmin(pool.AdminClient(), appOf(pool, client), optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func appOf(pool *cognitotest.Pool, client string) flow.App {
	app := flow.App{UserPoolID: pool.ID(), ClientID: client}
	if client == "secret" {
		app.ClientSecret = secret.New(clientSecret)
	}
	return app
}

func srpAuth(username string) flow.UserSRPAuth {
	return flow.UserSRPAuth{Username: username, Password: secret.New(password)}
}

func TestSignInByNameAndByAlias(t *testing.T) {
	pool := newPool(t, nil, cognitotest.UserConfig{
		Name: "ada", Password: password,
		Attributes: map[string]string{"email": "ada@example.com", "email_verified": "true"},
	})
	for _, client := range []string{"public", "secret"} {
		for _, username := range []string{"ada", "ada@example.com"} {
			for _, f := range []flow.AuthFlow{srpAuth(username), flow.UserPasswordAuth{Username: username, Password: secret.New(password)}} {
				tokens, err := newDriver(t, pool, client).SignIn(t.Context(), f, nil)
				if err != nil {
					t.Errorf("%s as %s with %T: %v", client, username, f, err)
					continue
				}
				if tokens.Username != "ada" || tokens.Subject == "" || tokens.RefreshToken.IsZero() || tokens.IDToken.IsZero() {
					t.Errorf("%s as %s with %T: the tokens of %q, sub %q, are not complete", client, username, f, tokens.Username, tokens.Subject)
				}
				if left := time.Until(tokens.Expiry); left < 59*time.Minute || left > time.Hour {
					t.Errorf("the tokens of an hour expire in %v", left)
				}
			}
		}
	}
}

func TestWrongPassword(t *testing.T) {
	pool := newPool(t, nil, cognitotest.UserConfig{Name: "ada", Password: password})
	_, err := newDriver(t, pool, "public").SignIn(t.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong-Password-1!")}, nil)
	var denied *types.NotAuthorizedException
	var e *flow.Error
	if !errors.As(err, &denied) || !errors.As(err, &e) {
		t.Fatalf("got %v, want a NotAuthorizedException in a flow.Error", err)
	}
	if e.Operation != "RespondToAuthChallenge" || e.Challenge != challenge.PasswordVerifier || e.Remedy() != flow.CheckCredentials || e.Prompt != nil {
		t.Errorf("got %+v", e)
	}
	if strings.Contains(err.Error(), "wrong-Password") {
		t.Errorf("the error contains the password: %v", err)
	}
}

func TestWrongCodeAsksAgainOnTheSameSession(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.MFA = "OPTIONAL" },
		cognitotest.UserConfig{Name: "ada", Password: password, TOTPSecret: totpSecret})
	d := newDriver(t, pool, "secret")

	var attempts []int
	ask := challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		attempts = append(attempts, c.Attempt)
		if c.Attempt == 0 {
			return challenge.Code("000000"), nil
		}
		var mismatch *types.CodeMismatchException
		if !errors.As(c.Reason, &mismatch) {
			t.Errorf("the reason is %v", c.Reason)
		}
		return challenge.Code(pool.TOTP("ada")), nil
	})
	if _, err := d.SignIn(t.Context(), srpAuth("ada"), challenge.Mux{challenge.SoftwareTokenMFA: ask}); err != nil {
		t.Fatal(err)
	}
	if len(attempts) != 2 || attempts[1] != 1 {
		t.Errorf("asked with attempts %v", attempts)
	}
}

// If a field is empty, the driver sends nothing, and the error is that of wrong input of the user.
func TestEmptyFields(t *testing.T) {
	pool := newPool(t, nil, cognitotest.UserConfig{Name: "ada", Password: password})
	d := newDriver(t, pool, "public")
	for want, f := range map[string]flow.AuthFlow{
		"UserSRPAuth.Username":          flow.UserSRPAuth{Password: secret.New(password)},
		"UserSRPAuth.Password":          flow.UserSRPAuth{Username: "ada"},
		"UserPasswordAuth.Password":     flow.UserPasswordAuth{Username: "ada"},
		"UserAuth.Password":             flow.UserAuth{Username: "ada", Preferred: challenge.PasswordSRP},
		"CustomAuth.Username":           flow.CustomAuth{},
		"RefreshTokenAuth.RefreshToken": flow.RefreshTokenAuth{Username: "ada"},
	} {
		_, err := d.Start(t.Context(), f)
		var e *flow.Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "flow: "+want+" is empty") {
			t.Errorf("%s: got %v", want, err)
			continue
		}
		remedy := flow.CheckCredentials
		if want == "RefreshTokenAuth.RefreshToken" {
			remedy = flow.StartAgain
		}
		if e.Remedy() != remedy {
			t.Errorf("%s: remedy %q, want %q", want, e.Remedy(), remedy)
		}
	}
	if n := len(pool.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// Message returns the text of the service without secrets, so that a program can show the text to
// the user.
func TestMessageIsWhatTheServiceWrote(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		c.Dialect.Messages = map[string]string{"NotAuthorizedException": "No entry for wrong-Password-1!."}
	}, cognitotest.UserConfig{Name: "ada", Password: password})
	_, err := newDriver(t, pool, "public").Start(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New("wrong-Password-1!")})
	var e *flow.Error
	if !errors.As(err, &e) || e.Message() != "No entry for [redacted]." {
		t.Errorf("got %v", err)
	}
	if got := (&flow.Error{Err: errors.New("local")}).Message(); got != "" {
		t.Errorf("message of an error that is not the service's: %q", got)
	}
}
