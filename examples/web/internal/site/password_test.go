package site

import (
	"net/url"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

const newPassword = "Nanoseconds-11"

// with signs in with a password.
func (b *browser) with(username, password string) *browser {
	b.t.Helper()
	return b.get("/signin").at(200, "Sign in").submit("username", username, "password", password, "way", "password")
}

func TestForgottenPassword(t *testing.T) {
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b := r.browser().get("/signin")
		if !strings.Contains(b.body, `href="/forgot"`) {
			t.Error("the sign-in page has no link to the forgotten password")
		}
		b.get("/forgot").at(200, "Forgotten password")
		b.submit("username", "").at(422, "Forgotten password").blames("Fill in: user name")
		b.submit("username", "ada").at(200, "Reset your password")
		sent := func() string { return r.pool.LastCode("ada").Code }
		first := sent()
		b.submit("code", "000 000x", "password", newPassword).at(422, "Reset your password").blames(problemReset)
		b.submit("code", first, "password", "short").at(422, "Reset your password").blames("Password")
		b.submit("code", first).at(422, "Reset your password").blames("Fill in: new password")
		b.submit("resend", "yes").at(200, "Reset your password")
		if n := r.operations("ForgotPassword"); n != 2 {
			t.Errorf("%d codes were sent, want 2", n)
		}
		b.submit("code", sent(), "password", newPassword).at(200, "Hello, ada") // the reset signs in with the new password

		b.post("/signout", nil)
		b.with("ada", demoPassword).at(422, "Sign in").blames(problemCredentials)
		b.with("ada", newPassword).at(200, "Hello, ada")
		for _, text := range []string{first, sent(), newPassword} {
			if strings.Contains(r.log.String()+strings.Join(b.visited, "\n"), text) {
				t.Errorf("a code or the password is in a URL or in the log:\n%s\n%s", b.visited, r.log)
			}
		}
	})
}

// The pool asks for the second factor after a reset too.
func TestForgottenPasswordAndACode(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}})
	b := r.browser().get("/forgot").submit("username", "ada").at(200, "Reset your password")
	b.submit("code", r.pool.LastCode("ada").Code, "password", newPassword).at(200, "Enter your code")
	b.code("ada").at(200, "Hello, ada")
}

// Strangers see the same pages about each name, with each setting of the app client.
func TestForgottenPasswordTellsNobody(t *testing.T) {
	once(t)
	off, invited, mute := user("off"), user("invited"), user("mute")
	off.Disabled = true
	invited.Password, invited.TemporaryPassword = "", demoPassword
	mute.Attributes = nil
	for _, existence := range []string{"LEGACY", "ENABLED"} {
		t.Run(existence, func(t *testing.T) {
			r := start(t, cognitotest.PoolConfig{
				Clients: []cognitotest.ClientConfig{{PreventUserExistenceErrors: existence}},
				Users:   []cognitotest.UserConfig{user("ada"), user("busy"), off, invited, mute},
			})
			var asked, refused string
			for _, test := range []struct{ name, send, take string }{
				{"ada", "", ""}, {"nobody", "", ""}, {"off", "", ""}, {"invited", "", ""}, {"mute", "", ""},
				{"busy", "LimitExceededException", "LimitExceededException"},
				{"busy", "CodeDeliveryFailureException", "ExpiredCodeException"},
				{"busy", "UserLambdaValidationException", "UserLambdaValidationException"},
				{"busy", "", "UserNotConfirmedException"},
			} {
				for operation, exception := range map[string]string{"ForgotPassword": test.send, "ConfirmForgotPassword": test.take} {
					if exception != "" {
						r.pool.Fail(cognitotest.Fault{Operation: operation, Error: exception})
					}
				}
				b := r.browser().get("/forgot").submit("username", test.name).at(200, "Reset your password")
				page := strings.ReplaceAll(b.body, test.name, "somebody")
				b.submit("code", "000000", "password", newPassword).at(422, "Reset your password").blames(problemReset)
				again := strings.ReplaceAll(b.body, test.name, "somebody")
				if asked == "" {
					asked, refused = page, again
				}
				if page != asked || again != refused {
					t.Errorf("%+v: the pages are not those of ada:\n%s\n%s", test, page, again)
				}
			}
		})
	}
}

func TestTroubleWithAReset(t *testing.T) {
	once(t)
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().get("/forgot")
	r.pool.Fail(cognitotest.Fault{Operation: "ForgotPassword", Error: "InternalErrorException", Status: 500})
	b.submit("username", "ada").at(503, "Forgotten password").blames(problemLater)
	b.submit("username", "ada").at(200, "Reset your password")
	code := r.pool.LastCode("ada").Code
	r.pool.Fail(cognitotest.Fault{Operation: "ConfirmForgotPassword", Error: "TooManyRequestsException"})
	b.submit("code", code, "password", newPassword).at(422, "Reset your password").blames("We are busy")

	// The service may have set the new password.
	r.pool.Fail(cognitotest.Fault{Operation: "ConfirmForgotPassword", AfterWork: true, Drop: true})
	b.submit("code", code, "password", newPassword).at(503, "Sign in").blames(problemUnsure)
	b.with("ada", newPassword).at(200, "Hello, ada")
}

// Without SRP the user signs in by another way after the reset.
func TestResetWithoutSRP(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, "-flows", "USER_AUTH")
	b := r.browser().get("/forgot").submit("username", "ada")
	b.submit("code", r.pool.LastCode("ada").Code, "password", newPassword).at(200, "Sign in")
	if !strings.Contains(b.body, "Your new password is set") || !strings.Contains(b.body, `value="ada"`) {
		t.Errorf("the page does not go on with ada: %s", b.body)
	}
}

func TestResetDemandedByAnAdministrator(t *testing.T) {
	ada := user("ada")
	ada.ResetRequired = true
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{ada}})
	b := r.browser().signIn("ada").at(200, "Reset your password")
	b.submit("resend", "yes").at(200, "Reset your password")
	b.submit("code", r.pool.LastCode("ada").Code, "password", newPassword).at(200, "Hello, ada")
}

func TestChangePassword(t *testing.T) {
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		r.browser().get("/password").at(200, "Sign in")
		b := r.browser().signIn("ada").get("/password").at(200, "Change your password")
		b.submit("previous", "").at(422, "Change your password")
		if n := len(b.problems()); n != 2 {
			t.Errorf("problems %q, want both passwords", b.problems())
		}
		b.submit("previous", "Wrong-Horse-7!", "password", newPassword).at(422, "Change your password").blames("not your present password")
		b.submit("previous", demoPassword, "password", "short").at(422, "Change your password").blames("Password")
		if strings.Contains(b.body, demoPassword) || strings.Contains(b.body, "short\"") {
			t.Errorf("a password is in the page: %s", b.body)
		}
		b.submit("previous", demoPassword, "password", newPassword).at(200, "Your password is changed")
		b.get("/").at(200, "Hello, ada")
		b.post("/signout", nil)
		b.with("ada", demoPassword).at(422, "Sign in").blames(problemCredentials)
		b.with("ada", newPassword).at(200, "Hello, ada")
		if log := r.log.String(); strings.Contains(log, newPassword) || strings.Contains(log, demoPassword) || strings.Contains(log, "Wrong-Horse") {
			t.Errorf("a password is in the log:\n%s", log)
		}
	})
}

func TestTooManyWrongPresentPasswords(t *testing.T) {
	once(t) // a second attempt would come after the limit
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada").get("/password")
	for range 5 {
		b.submit("previous", "Wrong-Horse-7!", "password", newPassword).at(422, "Change your password").blames("not your present password")
	}
	b.submit("previous", demoPassword, "password", newPassword).at(422, "Change your password").blames(problems["LimitExceededException"])
	b.get("/").at(200, "Hello, ada")
}

func TestChangeWhoseAnswerIsLost(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada").get("/password")
	r.pool.Fail(cognitotest.Fault{Operation: "ChangePassword", AfterWork: true, Drop: true})
	b.submit("previous", demoPassword, "password", newPassword).at(503, "Try your new password")
	if n := r.operations("ChangePassword"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	b.get("/").at(200, "Hello, ada")
	b.post("/signout", nil)
	b.with("ada", newPassword).at(200, "Hello, ada")
}

// signedInRequests has the requests of a user who is signed in, with the operation of each
// request.
var signedInRequests = []struct {
	operation, method, path string
	form                    url.Values
}{
	{"GetUser", "GET", "/", nil},
	{"GetUserAuthFactors", "GET", "/factors", nil},
	{"ListWebAuthnCredentials", "GET", "/factors", nil},
	{"ListDevices", "GET", "/factors", nil},
	{"ChangePassword", "POST", "/password", url.Values{"previous": {demoPassword}, "password": {newPassword}}},
	{"SetUserMFAPreference", "POST", "/factors", url.Values{"do": {"prefer"}, "factor": {"EMAIL_OTP"}}},
	{"DeleteWebAuthnCredential", "POST", "/factors", url.Values{"do": {"delete-passkey"}, "passkey": {"QQ"}}},
	{"ForgetDevice", "POST", "/factors", url.Values{"do": {"forget-device"}, "device": {"local-1_3a4c0b1e-0000-4000-8000-000000000000"}}},
	{"StartWebAuthnRegistration", "POST", "/passkey", nil},
	{"CompleteWebAuthnRegistration", "POST", "/passkey", url.Values{"credential": {`{"id":"QQ","type":"public-key"}`}}},
	{"AssociateSoftwareToken", "POST", "/authenticator", nil},
	{"InitiateAuth", "POST", "/confirm", url.Values{"page": {"/secret"}}},
}

// once makes the SDK client send each request once, so that a fault costs no time.
func once(t *testing.T) {
	t.Helper()
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
}

// After a passing error of a call, the user stays signed in on each page.
func TestPassingFailuresSignNobodyOut(t *testing.T) {
	once(t)
	each(t, cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		for _, request := range signedInRequests {
			for name, fault := range map[string]cognitotest.Fault{
				"a fault":    {Error: "InternalErrorException", Status: 500},
				"throttling": {Error: "TooManyRequestsException"},
				"the limit":  {Error: "LimitExceededException"},
				"no answer":  {Drop: true},
			} {
				fault.Operation = request.operation
				r.pool.Fail(fault)
				b.ask(request.method, request.path, request.form)
				if b.status < 400 || strings.Contains(b.title(), "Sign in") || len(r.pool.Faults()) > 0 {
					t.Errorf("%s in %s: status %d, %q, %d faults left", name, request.operation, b.status, b.title(), len(r.pool.Faults()))
				}
				b.get("/").at(200, "Hello, ada")
			}
		}
	})
}

func (b *browser) ask(method, path string, form url.Values) *browser {
	b.t.Helper()
	if method == "GET" {
		return b.get(path)
	}
	return b.post(path, form)
}

// If the service refuses the access token, each page signs the user out.
func TestRefusedTokensSignOut(t *testing.T) {
	each(t, cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		for _, request := range signedInRequests {
			exception := "NotAuthorizedException"
			if request.operation == "ChangePassword" { // ChangePassword has the same exception for a wrong password
				exception = "UserNotFoundException"
			}
			b := r.browser().signIn("ada").at(200, "Hello, ada")
			r.pool.Fail(cognitotest.Fault{Operation: request.operation, Error: exception})
			b.ask(request.method, request.path, request.form).at(200, "Sign in").blames(problemEnded)
			b.get("/").at(200, "Sign in")
		}
	})
}

// After a wrong present password the user stays signed in, although the exception is the same.
func TestWrongPresentPasswordKeepsTheSession(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada").get("/password")
	b.submit("previous", "Wrong-Horse-7!", "password", newPassword).at(422, "Change your password")
	b.get("/").at(200, "Hello, ada")
}

func TestDescribe(t *testing.T) {
	err := &flow.Error{}
	if text, _, known := describe(err, nil); known {
		t.Errorf("nothing is known of %v, and users are told %q", err, text)
	}
	text, status, known := describe(err, blames{flow.Other: {text: "Do this."}})
	if text != "Do this." || status != 422 || !known {
		t.Errorf("%q, %d, %t", text, status, known)
	}
}
