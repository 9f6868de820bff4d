package flow_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// vault stands for a store of secrets. The field text is the client secret of "secret", an app
// client.
type vault struct {
	text  string
	err   error
	asked int
}

func (v *vault) use(o *flow.Options) {
	o.ClientSecret = func(context.Context) (secret.String, error) {
		v.asked++
		return secret.New(v.text), v.err
	}
}

// functionOnly returns a pool, and a driver that gets the client secret from v only.
func functionOnly(t *testing.T, v *vault) (*cognitotest.Pool, *flow.Driver) {
	pool := newCodePool(t)
	d, err := flow.New(pool.Client(), flow.App{UserPoolID: pool.ID(), ClientID: "secret"}, v.use)
	if err != nil {
		t.Fatal(err)
	}
	return pool, d
}

// withCode signs ada in with the code of her authenticator app.
func withCode(t *testing.T, pool *cognitotest.Pool, d *flow.Driver) *flow.Tokens {
	t.Helper()
	tokens, err := d.SignIn(t.Context(), srpAuth("ada"), answering(challenge.Code(pool.TOTP("ada"))))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestClientSecretFunction(t *testing.T) {
	v := &vault{text: clientSecret}
	pool, d := functionOnly(t, v)
	tokens, err := d.Refresh(t.Context(), withCode(t, pool, d))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
	if v.asked != 5 { // InitiateAuth, RespondToAuthChallenge twice, a refresh, RevokeToken
		t.Errorf("the function was called %d times, want 5", v.asked)
	}
}

// If the function fails in the middle of a sign-in, the same prompt can be answered again.
func TestClientSecretFailure(t *testing.T) {
	v := &vault{text: clientSecret}
	pool, d := functionOnly(t, v)
	step, err := d.Start(t.Context(), srpAuth("ada"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range []vault{{err: errors.New("the vault is sealed")}, {text: clientSecret + "\n"}} {
		v.err, v.text = fault.err, fault.text
		_, err = d.Respond(t.Context(), step.Prompt, challenge.Code(pool.TOTP("ada")))
		e := flowError(t, err)
		if e.Code() != flow.SecretUnavailable || e.Remedy() != flow.TryLater || e.Prompt == nil || !strings.Contains(err.Error(), "Options.ClientSecret: ") {
			t.Fatalf("got %v with prompt %v", err, e.Prompt)
		}
	}
	v.err, v.text = nil, clientSecret
	if step, err = d.Respond(t.Context(), step.Prompt, challenge.Code(pool.TOTP("ada"))); err != nil {
		t.Fatal(err)
	}
	v.err = errors.New("the vault is sealed")
	for name, f := range map[string]func() error{
		"Refresh": func() error { _, err := d.Refresh(t.Context(), step.Tokens); return err },
		"SignOut": func() error { return d.SignOut(t.Context(), step.Tokens) },
	} {
		if err := f(); !errors.Is(err, flow.SecretUnavailable) || !errors.Is(err, v.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	v.err = nil
	if _, err := d.Refresh(t.Context(), step.Tokens); err != nil {
		t.Errorf("the tokens are lost: %v", err)
	}
}

// addSecret adds a second secret to the app client "secret", as an administrator does.
func addSecret(t *testing.T, pool *cognitotest.Pool) string {
	t.Helper()
	id, client := pool.ID(), "secret"
	out, err := pool.AdminClient().AddUserPoolClientSecret(t.Context(), &cip.AddUserPoolClientSecretInput{UserPoolId: &id, ClientId: &client})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ClientSecretDescriptor.ClientSecretValue
}

// deleteOldSecret deletes the older of the app client's two secrets.
func deleteOldSecret(t *testing.T, pool *cognitotest.Pool) {
	t.Helper()
	id, client := pool.ID(), "secret"
	list, err := pool.AdminClient().ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: &id, ClientId: &client})
	if err != nil || len(list.ClientSecrets) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	if _, err := pool.AdminClient().DeleteUserPoolClientSecret(t.Context(), &cip.DeleteUserPoolClientSecretInput{
		UserPoolId: &id, ClientId: &client, ClientSecretId: list.ClientSecrets[0].ClientSecretId,
	}); err != nil {
		t.Fatal(err)
	}
}

// An administrator exchanges the secret of an app client while users sign in. Sign-ins that
// began with the old secret go on with the new secret. After the administrator has deleted
// the old secret, all tokens work.
func TestClientSecretIsExchanged(t *testing.T) {
	for name, keep := range keeping {
		for by, option := range map[string]func(*flow.Options){"GetTokensFromRefreshToken": func(*flow.Options) {}, "REFRESH_TOKEN_AUTH": byAuthFlow} {
			t.Run(name+" and "+by, func(t *testing.T) {
				v := &vault{text: clientSecret}
				c := newClock()
				pool := newPool(t, func(config *cognitotest.PoolConfig) { config.MFA, config.Now = "ON", c.Now }, deskUser("ada"))
				d, err := flow.New(pool.Client(), flow.App{UserPoolID: pool.ID(), ClientID: "secret"}, v.use, c.use)
				if err != nil {
					t.Fatal(err)
				}
				begin := func() *flow.Prompt {
					step, err := d.Start(t.Context(), srpAuth("ada"))
					if err != nil {
						t.Fatal(err)
					}
					return keep(t, step.Prompt)
				}
				finish := func(p *flow.Prompt) *flow.Tokens {
					c.Advance(time.Minute) // a code works once
					step, err := d.Respond(t.Context(), p, challenge.Code(pool.TOTP("ada")))
					if err != nil {
						t.Fatal(err)
					}
					return step.Tokens
				}
				old := finish(begin())
				first, second := begin(), begin()
				v.text = addSecret(t, pool)
				tokens := []*flow.Tokens{old, finish(first)}
				deleteOldSecret(t, pool)
				tokens = append(tokens, finish(second))
				for i, got := range tokens {
					fresh, err := d.Refresh(t.Context(), got, option)
					if err != nil {
						t.Errorf("tokens %d: %v", i, err)
					} else if err := d.SignOut(t.Context(), fresh); err != nil {
						t.Errorf("tokens %d: %v", i, err)
					}
				}
				// The service refuses a program with the old secret. The tokens of the program
				// stay valid.
				late := finish(begin())
				current := v.text
				v.text = clientSecret
				if _, err := d.Refresh(t.Context(), late, option); !errors.Is(err, flow.TokenRefused) {
					t.Errorf("under the old secret: %v", err)
				}
				v.text = current
				if _, err := d.Refresh(t.Context(), late, option); err != nil {
					t.Errorf("after the old secret: %v", err)
				}
			})
		}
	}
}

func TestClientSecretEndsWithTheCaller(t *testing.T) {
	_, d := functionOnly(t, new(vault))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := d.Start(ctx, srpAuth("ada"), func(o *flow.Options) {
		o.ClientSecret = func(ctx context.Context) (secret.String, error) {
			cancel()
			return secret.String{}, context.Cause(ctx)
		}
	})
	if !errors.Is(err, flow.Canceled) {
		t.Errorf("got %v", err)
	}
}

// If the pool does not know the device of a refresh, the refresh makes two requests, perhaps
// with two secrets. The error has neither secret if the service repeats both.
func TestClientSecretsAreNotEchoed(t *testing.T) {
	before, after := "the-secret-of-before-0123", "the-secret-of-after-4567"
	secrets := []string{before, after}
	asked, sent := 0, 0
	sdk := cip.New(cip.Options{Region: "local-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: doFunc(func(*http.Request) (*http.Response, error) {
		sent++
		body := `{"__type":"ResourceNotFoundException","message":"Device does not exist."}`
		if sent == 2 {
			body = `{"__type":"InvalidParameterException","message":"neither ` + before + ` nor ` + after + `"}`
		}
		return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})})
	d, err := flow.New(sdk, anApp, func(o *flow.Options) {
		o.ClientSecret = func(context.Context) (secret.String, error) {
			asked++
			return secret.New(secrets[asked-1]), nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Refresh(t.Context(), &flow.Tokens{Username: "ada", RefreshToken: secret.New("refresh-token"), Device: flow.DeviceOutcome{Key: "eu-west-1_a-device"}})
	if err == nil || sent != 2 || strings.Contains(err.Error(), before) || strings.Contains(err.Error(), after) {
		t.Errorf("after %d requests: %v", sent, err)
	}
}

// An empty secret is an error, and nothing is sent. The service would refuse the token or the
// password, and web sessions would end.
func TestClientSecretIsNotEmpty(t *testing.T) {
	v := &vault{text: clientSecret}
	pool, d := functionOnly(t, v)
	tokens := withCode(t, pool, d)
	v.text = ""
	_, startErr := d.Start(t.Context(), srpAuth("ada"))
	_, refreshErr := d.Refresh(t.Context(), tokens)
	for name, err := range map[string]error{"Start": startErr, "Refresh": refreshErr, "SignOut": d.SignOut(t.Context(), tokens)} {
		if !errors.Is(err, flow.SecretUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A secret that comes too late is no cancellation by the caller.
func TestClientSecretIsLate(t *testing.T) {
	_, d := functionOnly(t, new(vault))
	late := func(o *flow.Options) {
		o.RequestTimeout = time.Millisecond
		o.ClientSecret = func(ctx context.Context) (secret.String, error) {
			<-ctx.Done()
			return secret.String{}, ctx.Err()
		}
	}
	tokens := &flow.Tokens{Username: "ada", RefreshToken: secret.New("refresh-token")}
	_, startErr := d.Start(t.Context(), srpAuth("ada"), late)
	_, refreshErr := d.Refresh(t.Context(), tokens, late)
	for name, err := range map[string]error{"Start": startErr, "Refresh": refreshErr, "SignOut": d.SignOut(t.Context(), tokens, late)} {
		if !errors.Is(err, flow.SecretUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
