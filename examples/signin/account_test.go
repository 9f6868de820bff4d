package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

const newPassword = "Better-Horse-8!"

// keyboard types lines. For each code that the pool sends, keyboard types the text that
// onCode returns.
func keyboard(t *testing.T, onCode func(nth int, code string) string, lines ...string) (stdin io.Reader, change func(*cognitotest.PoolConfig)) {
	t.Helper()
	stdin, typed := io.Pipe()
	t.Cleanup(func() { typed.Close() })
	begin := strings.Join(append(lines, ""), "\n")
	if begin != "" {
		go io.WriteString(typed, begin)
	}
	sent := 0
	return stdin, func(c *cognitotest.PoolConfig) {
		c.OnCode = func(code cognitotest.Code) {
			sent++
			go io.WriteString(typed, onCode(sent, code.Code))
		}
	}
}

// typeAfterOneMore types a wrong code, asks for another code, and types that code.
func typeAfterOneMore(nth int, code string) string {
	if nth == 1 {
		return "000000x\n\n"
	}
	return code + "\n"
}

func TestSignUp(t *testing.T) {
	stdin, change := keyboard(t, typeAfterOneMore, "eve@example.com", "short", newPassword)
	pool := newPool(t, change)
	r := signin(t, stdin, at(pool, "eve", "-sign-up", "-attributes", "email")...)
	r.wantSignedIn(t, "eve", newPassword)
	r.wantSteps(t,
		"SignUp sent by you, without success",
		"SignUp sent by you",
		"ConfirmSignUp sent by you, without success",
		"ResendConfirmationCode sent by you",
		"ConfirmSignUp sent by you",
		"USER_SRP_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
	)
	if !strings.Contains(r.stdout, `"eve@example.com"`) {
		t.Errorf("no e-mail address among the claims:\n%s", r.stdout)
	}
}

func TestSignUpWithAClientSecretAndJSON(t *testing.T) {
	t.Setenv("COGNITO_PASSWORD", newPassword)
	t.Setenv("COGNITO_CLIENT_SECRET", clientSecret)
	stdin, change := keyboard(t, func(_ int, code string) string { return code + "\n" }, "eve@example.com")
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.Clients[0].Secret = clientSecret; change(c) })
	r := signin(t, stdin, at(pool, "eve", "-sign-up", "-attributes", "email", "-json")...)
	var tokens struct{ Username string }
	if err := json.Unmarshal([]byte(r.stdout), &tokens); err != nil || r.code != 0 || tokens.Username != "eve" {
		t.Errorf("exit code %d, %v, standard output %q, standard error %q", r.code, err, r.stdout, r.stderr)
	}
}

// With USER_AUTH the session of the confirmation signs in.
func TestSignUpThatEndsInTokens(t *testing.T) {
	stdin, change := keyboard(t, func(_ int, code string) string { return code + "\n" }, "eve@example.com", newPassword)
	r := signin(t, stdin, at(newPool(t, change), "eve", "-sign-up", "-attributes", "email", "-flow", "USER_AUTH")...)
	r.wantSignedIn(t, "eve", newPassword)
	r.wantSteps(t, "SignUp sent by you", "ConfirmSignUp sent by you", "USER_AUTH started by the driver")
}

// In a pool without passwords the user leaves the line empty.
func TestSignUpWithoutAPassword(t *testing.T) {
	stdin, change := keyboard(t, func(_ int, code string) string { return code + "\n" }, "eve@example.com", "")
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		change(c)
		c.MFA, c.AllowedFirstFactors = "OFF", []string{"PASSWORD", "EMAIL_OTP"}
	})
	r := signin(t, stdin, at(pool, "eve", "-sign-up", "-attributes", "email", "-flow", "USER_AUTH")...)
	r.wantSignedIn(t, "eve")
}

func TestConfirm(t *testing.T) {
	t.Setenv("COGNITO_PASSWORD", password)
	stdin, change := keyboard(t, typeAfterOneMore)
	waiting := cognitotest.UserConfig{Name: "eve", Password: password, Unconfirmed: true, Attributes: map[string]string{"email": "eve@example.com"}}
	pool := newPool(t, change, waiting)
	signin(t, strings.NewReader(""), at(pool, "eve")...).wantError(t, 1, "confirm the sign-up with -confirm")
	r := signin(t, stdin, at(pool, "eve", "-confirm")...)
	r.wantSignedIn(t, "eve")
	r.wantSteps(t,
		"ResendConfirmationCode sent by you",
		"ConfirmSignUp sent by you, without success",
		"ResendConfirmationCode sent by you",
		"ConfirmSignUp sent by you",
		"USER_SRP_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
	)
}

func TestReset(t *testing.T) {
	ada := ada
	ada.TOTPSecret, ada.ResetRequired, ada.Attributes = "", true, map[string]string{"email": "ada@example.com", "email_verified": "true"}
	stdin, change := keyboard(t, func(nth int, code string) string {
		if nth == 1 {
			return "000000x\n" + newPassword + "\n\n" // a wrong code, and a request for another code
		}
		return code + "\n"
	})
	pool := newPool(t, change, ada)
	signin(t, strings.NewReader(password+"\n"), at(pool, "ada")...).wantError(t, 1, "set a new password with -reset")
	r := signin(t, stdin, at(pool, "ada@example.com", "-reset")...)
	r.wantSignedIn(t, "ada", newPassword)
	r.wantSteps(t,
		"ForgotPassword sent by you",
		"ConfirmForgotPassword sent by you, without success",
		"ForgotPassword sent by you",
		"ConfirmForgotPassword sent by you",
		"USER_SRP_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
	)
}

// If the pool refuses the new password, also the one of the environment, the program asks for
// another password. The code stays valid.
func TestResetToAWeakPassword(t *testing.T) {
	t.Setenv("COGNITO_PASSWORD", "weak-password")
	stdin, change := keyboard(t, func(_ int, code string) string { return code + "\n" + newPassword + "\n" })
	bob := bob
	bob.MFA = nil
	r := signin(t, stdin, at(newPool(t, change, bob), "bob", "-reset")...)
	r.wantSignedIn(t, "bob", newPassword, "weak-password")
	r.wantSteps(t,
		"ForgotPassword sent by you",
		"ConfirmForgotPassword sent by you, without success",
		"ConfirmForgotPassword sent by you",
		"USER_SRP_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
	)
}

// Each error names the flags that help.
func TestAdvice(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	t.Setenv("COGNITO_PASSWORD", newPassword)
	off, mute := bob, ada
	off.Name, off.MFA, off.Attributes, off.Disabled = "off", nil, nil, true
	mute.Name, mute.Attributes = "mute", nil
	waiting := cognitotest.UserConfig{Name: "waiting", Password: password, Unconfirmed: true, Attributes: map[string]string{"email": "waiting@example.com"}}
	for _, test := range []struct {
		what, username string
		fault          cognitotest.Fault
		want           string
	}{
		{flagSignUp, "ada", cognitotest.Fault{}, "leave out -sign-up or give -confirm"},
		{flagSignUp, "eve", cognitotest.Fault{Operation: "SignUp", Error: "InvalidParameterException"}, "with -attributes"},
		{flagSignUp, "eve", cognitotest.Fault{Operation: "SignUp", Error: "NotAuthorizedException"}, "does not allow sign-up"},
		{flagSignUp, "eve", cognitotest.Fault{Operation: "SignUp", Error: "CodeDeliveryFailureException"}, "another code with -confirm"},
		{flagSignUp, "eve", cognitotest.Fault{Operation: "SignUp", Drop: true, AfterWork: true}, "may have created the user: try -confirm"},
		{flagConfirm, "nobody", cognitotest.Fault{}, "or sign up with -sign-up"},
		{flagConfirm, "ada", cognitotest.Fault{}, "leave out -confirm"},
		{flagConfirm, "waiting", cognitotest.Fault{Operation: "ConfirmSignUp", Error: "AliasExistsException"}, "sign up with another address"},
		{flagReset, "nobody", cognitotest.Fault{}, "or sign up with -sign-up"},
		{flagReset, "off", cognitotest.Fault{}, "ask an administrator"},
		{flagReset, "mute", cognitotest.Fault{}, "has no verified address"},
		{flagReset, "bob", cognitotest.Fault{Operation: "ForgotPassword", Error: "LimitExceededException"}, "LimitExceededException"},
		{flagReset, "bob", cognitotest.Fault{Operation: "ConfirmForgotPassword", Drop: true, AfterWork: true}, "try to sign in without -reset"},
	} {
		t.Run(fmt.Sprint(test.what, " ", test.username, " ", test.fault.Error), func(t *testing.T) {
			pool := newPool(t, nil, ada, bob, off, mute, waiting)
			if test.fault.Operation != "" {
				pool.Fail(test.fault)
			}
			r := signin(t, strings.NewReader("123456\n"), at(pool, test.username, test.what)...)
			r.wantError(t, 1, test.want)
			if strings.Contains(r.stderr, newPassword) {
				t.Errorf("the password is on standard error: %q", r.stderr)
			}
			if left := pool.Faults(); len(left) > 0 {
				t.Errorf("no request met the faults %+v", left)
			}
		})
	}
}

// If the input ends, the error names the missing line, and the refusal that made it
// necessary.
func TestInputOfAnAccountEnds(t *testing.T) {
	pool := newPool(t, nil, bob)
	for _, test := range []struct{ what, lines, want string }{
		{flagSignUp, "", "the input has ended"},
		{flagSignUp, "eve@example.com\n", "COGNITO_PASSWORD"},
		{flagSignUp, "eve@example.com\nshort\n", "Not accepted: Password did not conform"},
		{flagSignUp, "eve@example.com\n" + newPassword + "\n", "code: the input has ended"},
		{flagReset, "", "code: the input has ended"},
		{flagReset, "000000x\n" + newPassword + "\n", "Not accepted: Invalid verification code"},
	} {
		args := at(pool, "bob", test.what)
		if test.what == flagSignUp {
			args = at(pool, "eve", test.what, "-attributes", "email")
		}
		r := signin(t, strings.NewReader(test.lines), args...)
		r.wantError(t, 2, test.want)
		if strings.Contains(r.stderr, newPassword) {
			t.Errorf("the password is on standard error: %q", r.stderr)
		}
	}
}
