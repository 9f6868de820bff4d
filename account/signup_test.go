package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestSignUp(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		s := r.signUp()
		if to := (challenge.Delivery{Medium: "EMAIL", Destination: "b***@e***"}); s.Delivery() != to || s.Confirmed() || s.Username() != r.newName || s.Subject() != r.pool.Sub(r.newName) {
			t.Errorf("%+v, %q, %q, confirmed %t", s.Delivery(), s.Username(), s.Subject(), s.Confirmed())
		}
		if !s.Issued().Equal(r.clock.Now()) {
			t.Errorf("issued at %v", s.Issued())
		}
		if !s.SignIn().Session.IsZero() {
			t.Error("a sign-up that waits for a code signs in")
		}
		code := r.pool.LastCode(r.newName).Code
		_, err := r.accounts.Confirm(t.Context(), s, otherThan(code))
		must(t, "a wrong code", err, flow.WrongCode)
		confirmed, err := r.accounts.Confirm(t.Context(), s, " "+code[:3]+" "+code[3:]+"\n")
		if err != nil {
			t.Fatal(err)
		}
		if !confirmed.Confirmed() || s.Confirmed() || confirmed.Subject() != s.Subject() || confirmed.Username() != s.Username() {
			t.Errorf("confirmed %t, before %t", confirmed.Confirmed(), s.Confirmed())
		}
		tokens, err := r.driver.SignIn(t.Context(), confirmed.SignIn(), nil) // there is no handler for a challenge
		if err != nil {
			t.Fatal(err)
		}
		if tokens.Subject != s.Subject() {
			t.Errorf("signed in as %s, want %s", tokens.Subject, s.Subject())
		}
		_, err = r.accounts.Confirm(t.Context(), s, code)
		must(t, "a second time", err, flow.NotAllowed)
		_, err = r.accounts.Confirm(t.Context(), confirmed, code)
		must(t, "what is confirmed", err, flow.NotAllowed)
		_, err = r.accounts.Resend(t.Context(), r.newName)
		must(t, "another code for who is confirmed", err, flow.NotAllowed)
		_, err = r.accounts.SignUp(t.Context(), r.newUser())
		must(t, "the same name", err, flow.UsernameTaken)
	})
}

// otherThan returns a code that is not the one.
func otherThan(code string) string {
	if code == "123456" {
		return "654321"
	}
	return "123456"
}

// The session lives for minutes and the code for a day.
func TestConfirmAfterTheSessionHasEnded(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		s, code := r.signUp(), ""
		r.clock.Advance(time.Hour)
		code = r.pool.LastCode(r.newName).Code
		_, err := r.accounts.Confirm(t.Context(), s, otherThan(code))
		must(t, "a wrong code", err, flow.WrongCode)
		confirmed, err := r.accounts.Confirm(t.Context(), s, code)
		if err != nil {
			t.Fatal(err)
		}
		asked := r.wire.sentTo("ConfirmSignUp")
		if len(asked) != 4 || asked[2]["Session"] == nil || asked[3]["Session"] != nil {
			t.Errorf("sent %v", asked)
		}
		// The reply to the confirmation has a new session.
		if _, err := r.driver.SignIn(t.Context(), confirmed.SignIn(), nil); err != nil {
			t.Error(err)
		}
	})
}

func TestResend(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		s := r.signUp()
		before := r.pool.LastCode(r.newName).Code
		_, err := r.driver.SignIn(t.Context(), flow.UserSRPAuth{Username: r.newName, Password: secret.New(password)}, nil)
		must(t, "a sign-in before", err, flow.SignUpUnconfirmed)
		again, err := r.accounts.Resend(t.Context(), r.newName)
		if err != nil {
			t.Fatal(err)
		}
		code := r.pool.LastCode(r.newName).Code
		if code == before { // one time in a million
			t.Skip("both codes are the same")
		}
		if again.Delivery() != s.Delivery() || again.Confirmed() || again.Username() != r.newName || again.Subject() != "" {
			t.Errorf("got %v", again)
		}
		_, err = r.accounts.Confirm(t.Context(), again, before)
		must(t, "the code before", err, flow.WrongCode)
		confirmed, err := r.accounts.Confirm(t.Context(), s, code) // s has the session
		if err != nil || confirmed.SignIn().Session.IsZero() {
			t.Errorf("the sign-up at hand: %v, %v", confirmed, err)
		}
	})
}

// A pool whose users have no passwords, and a trigger that confirms everybody.
func TestSignUpWithoutAPassword(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	u := r.newUser()
	u.Password = secret.String{}
	if _, err := r.accounts.SignUp(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if _, given := r.wire.sentTo("SignUp")[0]["Password"]; given {
		t.Error("a password was sent")
	}
	u.Password = secret.New("")
	_, err := r.accounts.SignUp(t.Context(), u)
	must(t, "an empty password", err, flow.PasswordRefused)
}

func TestSignUpConfirmedByATrigger(t *testing.T) {
	api := &scripted{}
	s, err := api.client(t).SignUp(t.Context(), account.NewUser{Username: "bea", Password: secret.New(password)})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Confirmed() || s.Delivery() != (challenge.Delivery{}) || s.SignIn().Session.Reveal() != "session-of-a-script" {
		t.Errorf("got %v", s)
	}
}

func TestSignUpData(t *testing.T) {
	api := &scripted{}
	if _, err := api.client(t, contextData).SignUp(t.Context(), account.NewUser{
		Username: "bea", Attributes: map[string]string{"name": "Bea", "email": "bea@example.com", "custom:team": ""},
		ValidationData: map[string]string{"invitation": "abc"},
	}); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, a := range api.signedUp.UserAttributes {
		list = append(list, *a.Name+"="+*a.Value)
	}
	if got := strings.Join(list, " "); got != "custom:team= email=bea@example.com name=Bea" {
		t.Errorf("attributes %s", got)
	}
	if v := api.signedUp.ValidationData; len(v) != 1 || *v[0].Name != "invitation" || *v[0].Value != "abc" {
		t.Errorf("validation data %v", v)
	}
}

// A sign-up of another app client, or an empty one, is not sent to the service.
func TestSignUpOfAnotherApp(t *testing.T) {
	r, other := newRig(t, "public", "name", nil), newRig(t, "secret", "name", nil)
	for name, s := range map[string]*account.SignUp{"nil": nil, "empty": {}, "another app client": other.signUp()} {
		if _, err := r.accounts.Confirm(t.Context(), s, "123456"); err == nil || !strings.HasPrefix(err.Error(), "account: the SignUp is ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r.wire.count() != 0 {
		t.Error("a request was sent")
	}
	var nobody *account.SignUp
	if nobody.Confirmed() || nobody.SignIn().Username != "" || !nobody.Issued().IsZero() {
		t.Error("a nil SignUp has a state")
	}
}

// A lost reply is not repeated, and the user can go on.
func TestSignUpWhoseReplyIsLost(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	r.wire.fail("SignUp", "", 1)
	_, err := r.accounts.SignUp(t.Context(), r.newUser())
	must(t, "SignUp", err, flow.NetworkFault)
	s, err := r.accounts.Resend(t.Context(), r.newName)
	if err != nil {
		t.Fatal(err)
	}
	code := r.pool.LastCode(r.newName).Code
	r.wire.fail("ConfirmSignUp", "", 1)
	_, err = r.accounts.Confirm(t.Context(), s, code)
	must(t, "Confirm", err, flow.NetworkFault)
	_, err = r.accounts.Confirm(t.Context(), s, code)
	must(t, "Confirm again", err, flow.NotAllowed)
	if _, err := r.driver.SignIn(t.Context(), flow.UserSRPAuth{Username: r.newName, Password: secret.New(password)}, nil); err != nil {
		t.Error(err)
	}
}

func TestForgottenPassword(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		to, err := r.accounts.ForgotPassword(t.Context(), r.name)
		if err != nil || to != (challenge.Delivery{Medium: "EMAIL", Destination: "a***@e***"}) {
			t.Fatalf("got %+v, %v", to, err)
		}
		code := r.pool.LastCode(r.name).Code
		reset := func(name, code, word string) error {
			return r.accounts.ResetPassword(t.Context(), name, code, secret.New(word))
		}
		must(t, "a wrong code", reset(r.name, otherThan(code), newPassword), flow.WrongCode)
		must(t, "a weak password", reset(r.name, code, "weak"), flow.PasswordRefused)
		must(t, "nobody", reset("nobody@example.com", code, newPassword), flow.UnknownUser)
		must(t, "the code", reset(r.name, " "+code+" ", newPassword), "")
		must(t, "the code again", reset(r.name, code, newPassword), flow.CodeExpired)
		if tokens := r.signIn(newPassword); tokens.Subject != r.pool.Sub(r.name) {
			t.Errorf("signed in as %s", tokens.Subject)
		}
		_, err = r.accounts.ForgotPassword(t.Context(), "nobody@example.com")
		must(t, "a code for nobody", err, flow.UnknownUser)
	})
}

// Message tells the user why the service refuses the input.
func TestMessagesForUsers(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	u := r.newUser()
	u.Password = secret.New("weak-1")
	_, err := r.accounts.SignUp(t.Context(), u)
	var e *flow.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Message(), "Password did not conform with policy") || e.Remedy() != flow.CorrectInput {
		t.Errorf("got %v", err)
	}
	u.Username = "bea "
	_, err = r.accounts.SignUp(t.Context(), u)
	if !errors.As(err, &e) || e.Message() != "the user name has white space at its beginning or end" || e.Operation != "" {
		t.Errorf("got %v", err)
	}
}
