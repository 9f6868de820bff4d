package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/printing"
	"github.com/cognitoflow/cognitoflow/secret"
)

const hushed = printing.Hushed

// printed returns what a value looks like, alone, in a struct and as JSON.
func printed[T any](v T) map[string]string {
	ways := printing.Ways(v)
	for way, text := range printing.Ways(printing.Nest(v)) {
		ways["nested, "+way] = text
	}
	if text, err := json.Marshal(map[string]any{"v": v}); err == nil {
		ways["json"] = string(text)
	}
	return ways
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := secret.New(hushed)
	d, err := flow.New(new(scripted), flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app", ClientSecret: s})
	if err != nil {
		t.Fatal(err)
	}
	c := account.For(d)
	signUp := account.NewSignUp(c, "bea", hushed)
	for name, outputs := range map[string]map[string]string{
		"SignUp": printed(signUp), "SignUp value": printed(*signUp), "NewUser": printed(account.NewUser{Password: s}), "TOTP": printed(account.TOTP{Secret: s}),
		"Client": printed(c), "User": printed(c.User(&flow.Tokens{AccessToken: s, IDToken: s, RefreshToken: s})), "SignIn": printed(signUp.SignIn()),
	} {
		for how, text := range outputs {
			if printing.Leaks(text) {
				t.Errorf("%s is printed by %s", name, how)
			}
		}
	}
	if text := fmt.Sprint(signUp, new(account.SignUp)); text != "sign-up, waiting for a code no sign-up" {
		t.Errorf("a SignUp prints as %q", text)
	}
}

// echo is a service that repeats in its errors whatever it was sent, and as it was sent: as
// JSON in a text of JSON.
type echo struct{}

func (echo) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return exception("NotAuthorizedException", "you sent "+string(body)), nil
}

func TestErrorsDoNotEcho(t *testing.T) {
	sdk := cip.New(cip.Options{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: echo{}})
	d, err := flow.New(sdk, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app", ClientSecret: secret.New(hushed + "-of-the-client")})
	if err != nil {
		t.Fatal(err)
	}
	const digits = "271828"
	s, ctx, c := secret.New(hushed), t.Context(), account.For(d)
	user := c.User(&flow.Tokens{AccessToken: secret.New(hushed + "-access")})
	ignore := func(_ any, err error) error { return err }
	for name, call := range map[string]func() error{
		"SignUp": func() error {
			return ignore(c.SignUp(ctx, account.NewUser{Username: "bea", Password: s, Attributes: map[string]string{"email": hushed + "@example.com"}, ValidationData: map[string]string{"invitation": hushed}}))
		},
		"Confirm": func() error {
			return ignore(c.Confirm(ctx, account.NewSignUp(c, "bea", hushed+"-session"), hushed[:4]+" "+hushed[4:]))
		},
		"Resend":         func() error { return ignore(c.Resend(ctx, "bea")) },
		"ForgotPassword": func() error { return ignore(c.ForgotPassword(ctx, "bea")) },
		"ResetPassword":  func() error { return c.ResetPassword(ctx, "bea", digits, s) },
		"ChangePassword": func() error { return user.ChangePassword(ctx, s, secret.New(hushed+"-new")) },
		"StartTOTP":      func() error { return ignore(user.StartTOTP(ctx)) },
		"FinishTOTP":     func() error { return user.FinishTOTP(ctx, digits[:3]+" "+digits[3:], "telephone") },
		"SetMFA":         func() error { return user.SetMFA(ctx, account.MFA{Preferred: challenge.SMSMFA}) },
		"SetMFA, reads":  func() error { return user.SetMFA(ctx, account.MFA{Enable: names(challenge.SMSMFA)}) },
		"Factors":        func() error { return ignore(user.Factors(ctx)) },
		"StartPasskey":   func() error { return ignore(user.StartPasskey(ctx)) },
		"FinishPasskey": func() error {
			return user.FinishPasskey(ctx, json.RawMessage(`{"id":"`+hushed+`-credential","response":{"clientDataJSON":["`+hushed+`-client-data"]}}`))
		},
		"Passkeys":      func() error { return ignore(user.Passkeys(ctx)) },
		"DeletePasskey": func() error { return user.DeletePasskey(ctx, "a-credential") },
	} {
		err := call()
		var e *flow.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "you sent ") {
			t.Errorf("%s: got %v, want the echo", name, err)
			continue
		}
		outputs := printed(error(e))
		outputs["wrapped"], outputs["message"] = fmt.Errorf("wrapped: %w", err).Error(), e.Message()
		for how, text := range outputs {
			if printing.Leaks(text) || strings.Contains(text, digits) {
				t.Errorf("%s, %s: %s", name, how, text)
			}
		}
		// The hash proves the secret of the app client.
		for _, name := range []string{"bea"} {
			err := d.Call(ctx, "SignUp", func(ctx context.Context, call *flow.Call) error {
				hash, err := call.SecretHash(ctx, name)
				if strings.Contains(e.Error(), aws.ToString(hash)) {
					t.Errorf("the hash is in %v", e)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
