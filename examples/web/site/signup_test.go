package site

import (
	"testing"

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
			at(422, "Create an account").blames("Somebody has this user name")
		b.submit("username", "katherine", "password", "short", "attribute-email", "k@example.com").
			at(422, "Create an account").blames("Password")
		b.submit(newUser...).at(200, "Confirm your address")
		b.submit("code", "000 000x").at(422, "Confirm your address").blames("not right")
		b.submit("resend", "yes").at(200, "Confirm your address")
		b.code("katherine").at(200, "Hello, katherine") // signed in with it
		if n := r.operations("ResendConfirmationCode"); n != 1 {
			t.Errorf("%d codes sent again, want 1", n)
		}
	})
}

// The session in which a user may go straight on lives for minutes; the code
// arrives when the mail does.
func TestConfirmationAfterTheSession(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	b := r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	r.pool.ExpireSessions()
	b.code("katherine").at(200, "Sign in")
	b.submit("username", "katherine", "password", "Hidden-figures-3", "way", "password").at(200, "Hello, katherine")
}

func TestSignInBeforeConfirmation(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	b := r.browser().get("/signin")
	b.submit("username", "katherine", "password", "Hidden-figures-3", "way", "password").at(200, "Confirm your address")
	b.code("katherine").at(200, "Sign in")
}

// A sign-up that waits for its code belongs to its browser as a prompt does.
func TestPendingOfAnotherBrowser(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	mine := r.browser().get("/signup").submit(newUser...).at(200, "Confirm your address")
	theirs := r.browser().get("/signup")
	theirs.post("/signup", mine.form("code", r.pool.LastCode("katherine").Code)).at(403, "Not accepted")
	mine.code("katherine").at(200, "Hello, katherine")
}
