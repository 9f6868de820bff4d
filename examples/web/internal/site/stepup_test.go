package site

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// steps is a pool with a user who has a password and codes by e-mail.
func steps(users ...cognitotest.UserConfig) cognitotest.PoolConfig {
	return cognitotest.PoolConfig{
		MFA: "OPTIONAL", AllowedFirstFactors: []string{"PASSWORD", "EMAIL_OTP"},
		Users: append(users, user("ada", "EMAIL_OTP"), user("bob")),
	}
}

// confirm goes from the first page of a step-up to the form for the code.
func (b *browser) confirm() *browser {
	b.t.Helper()
	b.get("/secret").at(200, "Confirm that it is you")
	b.submit().at(200, "Choose how to continue").submit("choice", "PASSWORD_SRP").at(200, "Enter your password")
	return b.submit("password", demoPassword).at(200, "Enter your code")
}

func TestStepUp(t *testing.T) {
	passed := new(clock)
	config := steps()
	config.Now = passed.now
	each(t, config, func(t *testing.T, r *rig) {
		r.browser().get("/secret").at(200, "Sign in")

		b := r.browser().signIn("ada").at(200, "Enter your code").code("ada").at(200, "Hello, ada")
		b.confirm().submit("code", "no code").at(422, "Enter your code").blames("not right")
		b.code("ada").at(200, "Secret page")
		if n := r.operations("RevokeToken"); n != 1 {
			t.Errorf("%d revocations, want one, of the former tokens", n)
		}
		b.get("/secret").at(200, "Secret page") // without another step-up
		b.get("/").at(200, "Hello, ada")
		b.refresh().at(200, "Hello, ada")
		b.get("/secret").at(200, "Secret page")
		b.post("/confirm", url.Values{"page": {"/secret"}}).at(200, "Secret page") // the level is met

		passed.pass(11 * time.Minute)
		b.confirm().code("ada").at(200, "Secret page")
		b.post("/signout", nil)
		b.get("/secret").at(200, "Sign in")
	})
}

// After each error of a step-up, the user stays signed in.
func TestStepUpThatFails(t *testing.T) {
	each(t, steps(), func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").code("ada").at(200, "Hello, ada")
		b.get("/secret").submit().submit("choice", "PASSWORD_SRP").at(200, "Enter your password")
		b.submit("password", "Wrong-Horse-7!").at(422, "Confirm that it is you").blames(problemCredentials)
		b.get("/").at(200, "Hello, ada")

		b.confirm()
		r.pool.ExpireSessions()
		b.code("ada").at(422, "Confirm that it is you").blames(problemExpired)
		b.get("/").at(200, "Hello, ada")

		b.confirm()
		r.pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Error: "InternalErrorException", Status: 500})
		b.code("ada").at(503, "Enter your code").blames(problemLater)
		b.code("ada").at(200, "Secret page")
	})
}

func TestStepUpWithoutASecondFactor(t *testing.T) {
	r := start(t, steps())
	b := r.browser().signIn("bob").at(200, "Hello, bob")
	b.get("/secret").submit().at(403, "Add a way to sign in first")
	b.get("/").at(200, "Hello, bob")
}

// With a pool without step-up, no user sees the sensitive page.
func TestStepUpInAPoolWithoutIt(t *testing.T) {
	for name, change := range map[string]func(*cognitotest.PoolConfig){
		"refused": func(c *cognitotest.PoolConfig) { c.Tier = "LITE" },
		"ignored": func(c *cognitotest.PoolConfig) { c.Dialect.StepUp = "IGNORED" },
	} {
		t.Run(name, func(t *testing.T) {
			config := steps()
			change(&config)
			r := start(t, config)
			b := r.browser().signIn("ada").code("ada").at(200, "Hello, ada")
			b.get("/secret").submit()
			for b.status == 200 && b.title() != "We cannot show this page" {
				switch b.title() {
				case "Choose how to continue":
					b.submit("choice", "PASSWORD_SRP")
				case "Enter your password":
					b.submit("password", demoPassword)
				default:
					b.at(200, "Enter your code").code("ada")
				}
			}
			b.at(403, "We cannot show this page")
			b.get("/secret").at(200, "Confirm that it is you")
			b.get("/").at(200, "Hello, ada")
		})
	}
}

// The site refuses the prompt of a step-up in another browser, and a page outside the list.
func TestStepUpOfAnotherBrowser(t *testing.T) {
	each(t, steps(), func(t *testing.T, r *rig) {
		mine := r.browser().signIn("ada").code("ada").at(200, "Hello, ada").confirm()
		stolen := mine.form("code", r.pool.LastCode("ada").Code)
		theirs := r.browser().signIn("bob").at(200, "Hello, bob")
		theirs.post("/confirm", stolen).at(403, "Not accepted")
		theirs.post("/confirm", url.Values{"page": {"https://evil.example"}}).at(403, "Not accepted")
		theirs.get("/").at(200, "Hello, bob")
		mine.post("/confirm", stolen).at(200, "Secret page")
	})
}

func TestNoStepUpWithoutItsFlow(t *testing.T) {
	r := start(t, steps(), "-flows", "USER_SRP_AUTH")
	b := r.browser().signIn("bob").at(200, "Hello, bob")
	b.get("/secret").at(404, "Page not found")
	b.post("/confirm", url.Values{"page": {"/secret"}}).at(405, "")
}

// A remembered browser signs in without a code, and needs a code in a step-up. The tokens of the
// step-up have the same device, and a refresh works.
func TestStepUpOfARememberedBrowser(t *testing.T) {
	passed := new(clock)
	config := steps()
	config.Now = passed.now
	config.DeviceConfiguration = &cognitotest.DeviceConfiguration{
		ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true,
	}
	each(t, config, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Enter your code")
		b.submit("code", r.pool.LastCode("ada").Code, "remember", "yes").at(200, "Hello, ada")
		b.post("/signout", nil)
		b.signIn("ada").at(200, "Hello, ada")

		b.confirm().code("ada").at(200, "Secret page")
		passed.pass(untilExpired)
		b.get("/").at(200, "Hello, ada")
		b.get("/factors").at(200, "Ways to sign in")
		if n := strings.Count(b.body, `value="forget-device"`); n != 1 {
			t.Errorf("%d devices, want the one of before: %s", n, b.body)
		}
	})
}
