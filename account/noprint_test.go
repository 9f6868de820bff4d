package account_test

import (
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
	"github.com/cognitoflow/cognitoflow/secrethash"
)

const hushed = printing.Hushed

// printed returns the prints of a value: alone, in a struct and as JSON.
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

// echo is a service that repeats the whole request in its errors, as JSON in a text of JSON.
type echo struct{}

func (echo) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return exception("InvalidParameterException", "you sent "+string(body)), nil
}

// spoken are different texts that must not be in an error.
type spoken []string

func (s *spoken) text(form string) string {
	text := fmt.Sprintf(form, len(*s)+1)
	*s = append(*s, text)
	return text
}

func (s *spoken) word(form string) secret.String { return secret.New(s.text(form)) }

func TestErrorsDoNotEcho(t *testing.T) {
	sdk := cip.New(cip.Options{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: echo{}})
	var s spoken
	d, err := flow.New(sdk, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app", ClientSecret: s.word("secret_%d_of_the_client")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, c := t.Context(), account.For(d)
	user := c.User(&flow.Tokens{AccessToken: s.word("access-%d-token")})
	signUp := account.NewSignUp(c, "bea", s.text("session-%d-of-sign-up"))
	s = append(s, secrethash.Compute("bea", "app", d.App().ClientSecret.Reveal()))
	ignore := func(_ any, err error) error { return err }
	for name, err := range map[string]error{
		"SignUp": ignore(c.SignUp(ctx, account.NewUser{
			Username: "bea", Password: s.word("Password-%d!"), Attributes: map[string]string{"email": s.text("bea-%d@example.com")},
			ValidationData: map[string]string{"invitation": s.text("invited-by-%d")},
		})),
		"Confirm":        ignore(c.Confirm(ctx, signUp, s.text("10203%d"))),
		"Resend":         ignore(c.Resend(ctx, "bea")),
		"ForgotPassword": ignore(c.ForgotPassword(ctx, "bea")),
		"ResetPassword":  c.ResetPassword(ctx, "bea", s.text("40506%d"), s.word("Password-%d!")),
		"ChangePassword": user.ChangePassword(ctx, s.word("Password-%d!"), s.word("Password-%d!")),
		"StartTOTP":      ignore(user.StartTOTP(ctx)),
		"FinishTOTP":     user.FinishTOTP(ctx, s.text("7080%d"), "telephone"),
		"SetMFA":         user.SetMFA(ctx, account.MFA{Preferred: challenge.SMSMFA}),
		"SetMFA, reads":  user.SetMFA(ctx, account.MFA{Enable: names(challenge.SMSMFA)}),
		"Factors":        ignore(user.Factors(ctx)),
		"StartPasskey":   ignore(user.StartPasskey(ctx)),
		"FinishPasskey": user.FinishPasskey(ctx, json.RawMessage(
			`{"id":"`+s.text("credential-%d-of-bea")+`","response":{"clientDataJSON":["`+s.text("client-data-%d-of-bea")+`"]}}`)),
		"Passkeys":      ignore(user.Passkeys(ctx)),
		"DeletePasskey": user.DeletePasskey(ctx, "a-credential"),
	} {
		var e *flow.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "you sent ") {
			t.Errorf("%s: got %v, want the echo", name, err)
			continue
		}
		outputs := printed(error(e))
		outputs["wrapped"], outputs["message"] = fmt.Errorf("wrapped: %w", err).Error(), e.Message()
		for how, text := range outputs {
			for _, word := range s {
				if strings.Contains(text, word) {
					t.Errorf("%s, %s: %s", name, how, text)
				}
			}
		}
	}
}

// An error with a long status is redacted before it is cut: half a secret would not be found.
func TestStatusDoesNotEcho(t *testing.T) {
	const token = "an-access-token-of-more-than-20-bytes"
	api := &scripted{status: token}
	err := api.client(t).User(&flow.Tokens{AccessToken: secret.New(token)}).FinishTOTP(t.Context(), "123456", "")
	must(t, "FinishTOTP", err, flow.WrongCode)
	if err != nil && strings.Contains(err.Error(), token[:10]) {
		t.Errorf("got %v", err)
	}
}
