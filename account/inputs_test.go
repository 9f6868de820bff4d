package account_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Inputs that cannot be right are not sent. The error names the input and does not repeat
// a secret.
func TestImpossibleInputs(t *testing.T) {
	r := newRig(t, "secret", "name", nil)
	tokens := r.signIn(password)
	user, c, ctx := r.accounts.User(tokens), r.accounts, t.Context()
	before := r.wire.count()
	signUp := func(change func(*account.NewUser)) error {
		u := r.newUser()
		change(&u)
		_, err := c.SignUp(ctx, u)
		return err
	}
	confirm := func(name, code string) error {
		_, err := c.Confirm(ctx, account.NewSignUp(c, name, keptSession), code)
		return err
	}
	resend := func(name string) error { _, err := c.Resend(ctx, name); return err }
	forgot := func(name string) error { _, err := c.ForgotPassword(ctx, name); return err }
	reset := func(name, code, word string) error { return c.ResetPassword(ctx, name, code, secret.New(word)) }
	change := func(previous, proposed secret.String) error { return user.ChangePassword(ctx, previous, proposed) }
	s := secret.New(password)
	for name, test := range map[string]struct {
		err  error
		code flow.Code
		says string
	}{
		"SignUp, no name":             {signUp(func(u *account.NewUser) { u.Username = "" }), flow.InputRefused, "NewUser.Username is empty"},
		"SignUp, white space":         {signUp(func(u *account.NewUser) { u.Username = " bea" }), flow.InputRefused, "NewUser.Username has white space"},
		"SignUp, long name":           {signUp(func(u *account.NewUser) { u.Username = strings.Repeat("b", 129) }), flow.InputRefused, "NewUser.Username is longer than 128"},
		"SignUp, empty password":      {signUp(func(u *account.NewUser) { u.Password = secret.New("") }), flow.PasswordRefused, "NewUser.Password is empty"},
		"SignUp, space in front":      {signUp(func(u *account.NewUser) { u.Password = secret.New(" " + password) }), flow.PasswordRefused, "NewUser.Password has white space"},
		"SignUp, nameless attribute":  {signUp(func(u *account.NewUser) { u.Attributes[""] = "x" }), flow.InputRefused, "NewUser.Attributes has a value without a name"},
		"SignUp, nameless validation": {signUp(func(u *account.NewUser) { u.ValidationData = map[string]string{"": "x"} }), flow.InputRefused, "NewUser.ValidationData has"},
		"Confirm, no code":            {confirm("bea", " "), flow.WrongCode, "the code is empty"},
		"Confirm, long code":          {confirm("bea", strings.Repeat("1", 2049)), flow.WrongCode, "the code is too long"},
		"Confirm, odd name":           {confirm("be a", "123456"), flow.InputRefused, "SignUp.Username has white space"},
		"Resend, no name":             {resend(""), flow.InputRefused, "username is empty"},
		"Resend, odd name":            {resend("b\x00"), flow.InputRefused, "username has white space or a control character"},
		"ForgotPassword, no name":     {forgot(""), flow.InputRefused, "username is empty"},
		"ForgotPassword, not UTF-8":   {forgot("\xff"), flow.InputRefused, "username is not UTF-8"},
		"ResetPassword, no name":      {reset("", "123456", newPassword), flow.InputRefused, "username is empty"},
		"ResetPassword, no code":      {reset("ada", "", newPassword), flow.WrongCode, "the code is empty"},
		"ResetPassword, no password":  {reset("ada", "123456", ""), flow.PasswordRefused, "password is empty"},
		"ResetPassword, one letter":   {reset("ada", "123456", "x"), flow.PasswordRefused, "password is shorter than 2"},
		"ChangePassword, previous":    {change(secret.New(""), s), flow.WrongCredentials, "previous is empty"},
		"ChangePassword, one letter":  {change(secret.New("x"), s), flow.WrongCredentials, "previous is shorter than 2"},
		"ChangePassword, proposed":    {change(s, secret.String{}), flow.PasswordRefused, "proposed is empty"},
		"ChangePassword, long":        {change(s, secret.New(strings.Repeat("x", 257))), flow.PasswordRefused, "proposed is longer than 256"},
		"FinishTOTP, no code":         {user.FinishTOTP(ctx, "", ""), flow.WrongCode, "the code is empty"},
		"FinishTOTP, letters":         {user.FinishTOTP(ctx, "12345a", ""), flow.WrongCode, "the code is not six digits"},
		"FinishTOTP, short":           {user.FinishTOTP(ctx, "12345", ""), flow.WrongCode, "the code is not six digits"},
		"SetMFA, nothing":             {user.SetMFA(ctx, account.MFA{}), flow.InputRefused, "MFA is empty"},
		"SetMFA, a first factor":      {user.SetMFA(ctx, account.MFA{Enable: names(challenge.SMSOTP)}), flow.InputRefused, `MFA has "SMS_OTP": the second factors are [SMS_MFA EMAIL_OTP SOFTWARE_TOKEN_MFA WEB_AUTHN]`},
		"SetMFA, preferred nonsense":  {user.SetMFA(ctx, account.MFA{Preferred: "IRIS"}), flow.InputRefused, `MFA has "IRIS"`},
		"SetMFA, both":                {user.SetMFA(ctx, account.MFA{Enable: names(challenge.SMSMFA), Disable: names(challenge.SMSMFA)}), flow.InputRefused, "MFA.Disable has SMS_MFA"},
		"SetMFA, preferred and off":   {user.SetMFA(ctx, account.MFA{Preferred: challenge.SMSMFA, Disable: names(challenge.SMSMFA)}), flow.InputRefused, "MFA.Disable has SMS_MFA"},
		"SetMFA, preferred passkey":   {user.SetMFA(ctx, account.MFA{Preferred: challenge.WebAuthn}), flow.InputRefused, "MFA.Preferred is WEB_AUTHN"},
		"FinishPasskey, nothing":      {user.FinishPasskey(ctx, nil), flow.PasskeyRefused, "the credential is not a JSON object"},
		"FinishPasskey, a list":       {user.FinishPasskey(ctx, json.RawMessage(`["x"]`)), flow.PasskeyRefused, "the credential is not a JSON object"},
		"FinishPasskey, half":         {user.FinishPasskey(ctx, json.RawMessage(`{"id":"x"`)), flow.PasskeyRefused, "the credential is not a JSON object"},
		"FinishPasskey, empty":        {user.FinishPasskey(ctx, json.RawMessage(`{}`)), flow.PasskeyRefused, "the credential is not a JSON object"},
		"DeletePasskey, no ID":        {user.DeletePasskey(ctx, ""), flow.InputRefused, "id is empty"},
	} {
		var e *flow.Error
		if !errors.As(test.err, &e) || e.Code() != test.code || !strings.Contains(e.Error(), test.says) || e.Operation != "" {
			t.Errorf("%s: got %v, want %q with %q", name, test.err, test.code, test.says)
		}
	}
	// Message names the flaw of the input for the user.
	for want, err := range map[string]error{
		"the user name is empty":                                forgot(""),
		"the user name has white space at its beginning or end": resend("ada "),
		"the code is empty":                                     confirm("bea", " "),
		"the code is not six digits":                            user.FinishTOTP(ctx, "12345a", ""),
		"the password is shorter than 2 characters":             reset("ada", "123456", "x"),
		"the password is empty":                                 change(secret.New(""), s),
		"":                                                      user.DeletePasskey(ctx, ""),
	} {
		var e *flow.Error
		if !errors.As(err, &e) || e.Message() != want {
			t.Errorf("%v has the message %q, want %q", err, e.Message(), want)
		}
	}
	for _, m := range methods {
		if m.user {
			for how, tokens := range map[string]*flow.Tokens{"no tokens": nil, "empty tokens": {RefreshToken: s}} {
				must(t, m.name+", "+how, m.call(ctx, c, tokens), flow.TokenRefused)
			}
		}
	}
	if sent := r.wire.count() - before; sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}
