package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// vault has the secret of the app client "secret", as a store of secrets would.
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

// functionOnly makes a driver whose App has no secret.
func functionOnly(t *testing.T, v *vault) (*cognitotest.Pool, *flow.Driver) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.MFA = "ON" }, deskUser("ada"))
	d, err := flow.New(pool.Client(), flow.App{UserPoolID: pool.ID(), ClientID: "secret"}, v.use)
	if err != nil {
		t.Fatal(err)
	}
	return pool, d
}

func TestClientSecretFunction(t *testing.T) {
	v := &vault{text: clientSecret}
	pool, d := functionOnly(t, v)
	step, err := d.Start(t.Context(), srpAuth("ada"))
	if err != nil {
		t.Fatal(err)
	}
	if step, err = d.Respond(t.Context(), step.Prompt, challenge.Code(pool.TOTP("ada"))); err != nil {
		t.Fatal(err)
	}
	tokens, err := d.Refresh(t.Context(), step.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
	if v.asked != 5 { // InitiateAuth, twice RespondToAuthChallenge, a refresh, RevokeToken
		t.Errorf("the function was called %d times, want 5", v.asked)
	}
}

// A function that fails in the middle of a sign-in costs a repetition.
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
