package site

import (
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

var newUser = []string{"username", "katherine", "password", "Hidden-figures-3", "attribute-email", "katherine@example.com"}

func TestSignUp(t *testing.T) {
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b := r.browser().get("/signup").at(200, "Create an account")
		b.submit("username", "katherine").at(422, "Create an account")
		if n := len(b.problems()); n != 2 {
			t.Errorf("%d problems, want the password and the address: %q", n, b.problems())
		}
		b.submit("username", "ada", "password", "Hidden-figures-3", "attribute-email", "k@example.com").
			at(422, "Create an account").blames("Another user has this user name")
		b.submit("username", "katherine", "password", "short", "attribute-email", "k@example.com").
			at(422, "Create an account").blames("Password")
		b.submit(newUser...).at(200, "Confirm your address")
		b.submit("code", "000 000x").at(422, "Confirm your address").blames("not right")
		b.submit("resend", "yes").at(200, "Confirm your address")
		b.code("katherine").at(200, "Hello, katherine") // the confirmation signs in
		if n := r.operations("ResendConfirmationCode"); n != 1 {
			t.Errorf("%d codes sent again, want 1", n)
		}
	})
}

// The session of a sign-up expires after minutes. The e-mail with the code may arrive later.
func TestConfirmationAfterTheSession(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	b := r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	r.pool.ExpireSessions()
	b.code("katherine").at(200, "Hello, katherine") // with the session of the confirmation
}

func TestSignInBeforeConfirmation(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	b := r.browser().get("/signin")
	b.submit("username", "katherine", "password", "Hidden-figures-3", "way", "password").at(200, "Confirm your address")
	b.code("katherine").at(200, "Hello, katherine")
}

// Without USER_AUTH the service gives no session, and the user signs in.
func TestSignUpWithoutUserAuth(t *testing.T) {
	client := cognitotest.ClientConfig{AuthFlows: []string{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}}
	r := start(t, cognitotest.PoolConfig{Clients: []cognitotest.ClientConfig{client}}, "-flows", "USER_SRP_AUTH")
	b := r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	b.code("katherine").at(200, "Sign in")
	b.submit("username", "katherine", "password", "Hidden-figures-3", "way", "password").at(200, "Hello, katherine")
}

// The site refuses a sealed sign-up of another browser.
func TestPendingOfAnotherBrowser(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	mine := r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	theirs := r.browser().get("/signup")
	theirs.post("/signup", mine.form("code", r.pool.LastCode("katherine").Code)).at(403, "Not accepted")
	mine.code("katherine").at(200, "Hello, katherine")
}

// The user may have confirmed the sign-up elsewhere, or the reply to the code was lost.
func TestConfirmedAlready(t *testing.T) {
	each(t, cognitotest.PoolConfig{}, func(t *testing.T, r *rig) {
		b := r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
		r.pool.Fail(cognitotest.Fault{Operation: "ConfirmSignUp", AfterWork: true, Drop: true})
		b.code("katherine").at(503, "Confirm your address").blames(problemLater)
		b.code("katherine").at(422, "Confirm your address").blames(problemConfirmed)
		b.submit("resend", "yes").at(422, "Confirm your address").blames(problemConfirmed)
		b.with("katherine", "Hidden-figures-3").at(200, "Hello, katherine")
	})
}

// The form for the code works as long as the code is valid: a day.
func TestOldSignUp(t *testing.T) {
	passed := new(clock)
	r := start(t, cognitotest.PoolConfig{Now: passed.now})
	b := r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	passed.pass(23 * time.Hour)
	b.submit("code", "no code").at(422, "Confirm your address").blames("not right")
	passed.pass(25 * time.Hour)
	b.submit("code", "no code").at(422, "Sign in").blames(problemExpired)
}
