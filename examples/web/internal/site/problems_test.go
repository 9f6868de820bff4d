package site

import (
	"errors"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// The page tells users about problems that they can solve.
func TestHintedCauses(t *testing.T) {
	clock := time.Now
	off := user("off", "EMAIL_OTP")
	off.Disabled = true
	invited := user("invited")
	invited.TemporaryPassword, invited.Password = invited.Password, ""
	r := start(t, cognitotest.PoolConfig{
		MFA: "OPTIONAL", Users: []cognitotest.UserConfig{off, invited, user("ada")},
		Now: func() time.Time { return clock() },
	})
	r.browser().signIn("off").at(422, "Sign in").blames(hinted[flow.UserDisabled])

	clock = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	r.browser().signIn("invited").at(422, "Sign in").blames(hinted[flow.TemporaryPasswordEnded])

	b := r.browser()
	for range 5 {
		b.get("/signin").submit("username", "ada", "password", "Wrong-Horse-7!", "way", "password").at(422, "Sign in").blames(problemCredentials)
	}
	b.get("/signin").submit("username", "ada", "password", "Wrong-Horse-7!", "way", "password").at(422, "Sign in").blames(hinted[flow.LockedOut])
}

// After too many wrong codes the sign-in has ended, and the page says so.
func TestTooManyWrongCodes(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}})
	b := r.browser().signIn("ada").at(200, "Enter your code")
	for range 9 {
		b.submit("code", "no code").at(422, "Enter your code").blames("not right")
	}
	b.submit("code", "no code").at(422, "Sign in").blames(byCode[flow.LimitReached])
}

func TestExplain(t *testing.T) {
	for _, test := range []struct {
		message, want string
	}{
		{"the code is empty", "The code is empty."},
		{"Password did not conform with policy: Password not long enough", "Password did not conform with policy: Password not long enough."},
		{"Why?", "Why?"},
		{"é", "É."},
		{"密码太短。", "密码太短。"},
		{"पासवर्ड छोटा है।", "पासवर्ड छोटा है।"},
		{"", "That answer was not accepted."},
	} {
		if got := sentence(test.message); got != test.want {
			t.Errorf("%q: %q, want %q", test.message, got, test.want)
		}
	}
	if text, status := explain(errors.New("of our own")); text != "" || status != 502 {
		t.Errorf("an error of the program: %q, %d", text, status)
	}
}
