package site

import (
	"bytes"
	"encoding/base64"
	"html"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// The site shows each kind of prompt. The test gives a wrong answer, if there is one, and then
// the right answer.

func TestCodes(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{
		user("mail", "EMAIL_OTP"), user("phone", "SMS_MFA"),
	}})
	for name, sentTo := range map[string]string{"mail": "m***@e***", "phone": "+*******0123"} {
		b := r.browser().signIn(name).at(200, "Enter your code")
		if !strings.Contains(strings.ReplaceAll(b.body, "&#43;", "+"), sentTo) {
			t.Errorf("%s: the page does not say that the code went to %s", name, sentTo)
		}
		b.submit("code", "").at(422, "Enter your code").blames("Fill in: code")
		b.submit("code", "no code").at(422, "Enter your code").blames("not right")
		b.code(name).at(200, "Hello, "+name)
	}
}

// If the service does not answer for a moment, the prompt stays.
func TestTroubleKeepsThePrompt(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}})
	b := r.browser().signIn("ada").at(200, "Enter your code")
	r.pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Error: "InternalErrorException", Status: 500})
	b.code("ada").at(503, "Enter your code").blames(problemLater)
	b.code("ada").at(200, "Hello, ada")
}

// A pool may ask a challenge for which the site has no form.
func TestUnknownChallenge(t *testing.T) {
	delete(prompts, challenge.SMSMFA)
	defer func() { prompts[challenge.SMSMFA] = prompt{codeForm, codeAnswer, "code"} }()
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "SMS_MFA")}})
	r.browser().signIn("ada").at(501, "We cannot go on here")
}

func TestChoiceOfSecondFactor(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("alan", "EMAIL_OTP", "SMS_MFA")}})
	b := r.browser().signIn("alan").at(200, "Choose how to continue")
	b.submit("choice", "SMS_MFA").at(200, "Enter your code").code("alan").at(200, "Hello, alan")
}

var shownKey = regexp.MustCompile(`<code>([A-Z2-7]+)</code>`)
var shownQR = regexp.MustCompile(`<img class="qr" src="data:image/png;base64,([^"]+)"`)

func TestAuthenticatorApp(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("edsger")}})
	b := r.browser().signIn("edsger").at(200, "Add a second step")
	if strings.Contains(b.body, "SMS_MFA") {
		t.Error("a phone number is offered, and cannot be set up here")
	}
	b.submit("choice", "SOFTWARE_TOKEN_MFA").at(200, "Set up your authenticator app")
	key, picture := shownKey.FindStringSubmatch(b.body), shownQR.FindStringSubmatch(b.body)
	if key == nil || picture == nil {
		t.Fatalf("no key or no picture in the page: %s", b.body)
	}
	file, err := base64.StdEncoding.DecodeString(html.UnescapeString(picture[1]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(file)); err != nil { // a test of interop reads the picture
		t.Error(err)
	}
	code := func(at time.Time) string {
		code, err := totp.GenerateCode(key[1], at)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	b.submit("code", code(time.Now().Add(-time.Hour))).at(422, "Set up your authenticator app").blames("not right")
	b.submit("code", code(time.Now())).at(200, "Hello, edsger")
	b.post("/signout", nil)

	b.signIn("edsger").at(200, "Enter your code")
	b.submit("code", code(time.Now().Add(-time.Hour))).at(422, "Enter your code").blames("not right")
	b.submit("code", code(time.Now().Add(30*time.Second))).at(200, "Hello, edsger") // the code of the set-up works once
}

func TestCodesByEmailAreSetUp(t *testing.T) {
	nobody := user("edsger")
	nobody.Attributes = nil
	r := start(t, cognitotest.PoolConfig{MFA: "ON", MFATypes: []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}, Users: []cognitotest.UserConfig{nobody}})
	b := r.browser().signIn("edsger").at(200, "Add a second step")
	b.submit("choice", "EMAIL_OTP").at(200, "Set up codes by e-mail")
	b.submit("email", "").at(422, "Set up codes by e-mail").blames("Fill in: e-mail address")
	b.submit("email", "edsger@example.com").at(200, "Enter your code").code("edsger").at(200, "Hello, edsger")
}

func TestNewPassword(t *testing.T) {
	grace := user("grace")
	grace.Password, grace.TemporaryPassword = "", demoPassword
	delete(grace.Attributes, "name")
	r := start(t, cognitotest.PoolConfig{RequiredAttributes: []string{"name"}, Users: []cognitotest.UserConfig{grace}})
	b := r.browser().signIn("grace").at(200, "Choose a new password")
	b.submit("password", "Nanoseconds-11").at(422, "Choose a new password").blames("Fill in: full name")
	b.submit("password", "short", "attribute-name", "Grace Hopper").at(422, "Choose a new password").blames("Password")
	if !strings.Contains(b.body, `value="Grace Hopper"`) || strings.Contains(b.body, "short\"") {
		t.Errorf("the name should be kept and the password not: %s", b.body)
	}
	b.submit("password", "Nanoseconds-11", "attribute-name", "Grace Hopper").at(200, "Hello, grace")
}

func TestFirstFactors(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{
		AllowedFirstFactors: []string{"PASSWORD", "EMAIL_OTP"}, Users: []cognitotest.UserConfig{user("ada")},
	})
	choose := func() *browser {
		return r.browser().get("/signin").submit("username", "ada", "way", "choose").at(200, "Choose how to continue")
	}
	if body := choose().body; strings.Count(body, ">Password<") != 1 {
		t.Error("a password is offered more or less than once")
	}
	choose().submit("choice", "EMAIL_OTP").at(200, "Enter your code").code("ada").at(200, "Hello, ada")

	b := choose().submit("choice", "PASSWORD_SRP").at(200, "Enter your password")
	b.submit("password", "").at(422, "Enter your password").blames("Fill in: password")
	b.submit("password", demoPassword).at(200, "Hello, ada")

	choose().submit("choice", "PASSWORD_SRP").submit("password", "wrong").at(422, "Sign in").blames(problemCredentials)
}

func TestQuestions(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{
		CustomQuestions: []cognitotest.CustomQuestion{demoQuestion}, Users: []cognitotest.UserConfig{user("ada")},
	})
	b := r.browser().get("/signin").submit("username", "ada", "way", "question").at(200, "One more question")
	b.submit("answer", "a penguin").at(200, "One more question") // the trigger asks again, and counts
	b.submit("answer", demoQuestion.Answer).at(200, "Hello, ada")
}

func TestEveryKnownChallengeForPeopleHasAForm(t *testing.T) {
	for _, name := range challenge.Names() {
		_, machine := challenge.Challenge{Name: name}.ForMachine()
		machine = machine || name == challenge.AdminNoSRPAuth // the name of an auth flow, which is no challenge
		if _, ok := prompts[name]; ok == machine {
			t.Errorf("%s: a form is %t, a machine answers is %t", name, ok, machine)
		}
	}
}
