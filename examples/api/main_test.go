package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/examples/internal/exampletest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/frontend"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
)

func pool(users ...cognitotest.UserConfig) cognitotest.PoolConfig {
	return cognitotest.PoolConfig{MFA: "OPTIONAL", Users: users}
}

func TestPasswordAndCode(t *testing.T) {
	r := start(t, pool(demoUser("ada", "EMAIL_OTP")))
	c := r.browser().signIn("ada").asks("EMAIL_OTP", "code")
	if to := c.reply.Challenge.Delivery; to.Medium != "EMAIL" || to.Destination != "a***@e***" {
		t.Errorf("the code went to %+v", to)
	}
	if c.header.Get("Cache-Control") != "no-store" {
		t.Error("a response with secrets may be stored")
	}
	c.answer(object{"code": "no code"}).fails(422, "wrong_answer", "answer_prompt", true)
	if again := c.reply.Challenge; again.Name != "EMAIL_OTP" || again.Attempt != 1 || again.Message == "" || again.Message != c.reply.Error.Message {
		t.Errorf("asked again: %+v, after %+v", again, c.reply.Error)
	}
	c.code("ada").isSignedIn("ada")
}

func TestWrongPassword(t *testing.T) {
	r := start(t, pool(demoUser("ada")))
	c := r.browser()
	c.post("/signin", object{"username": "ada", "password": "wrong"}).fails(403, "wrong_credentials", "check_credentials", false)
	c.post("/signin", object{"username": "nobody", "password": "wrong"}).fails(403, "wrong_credentials", "check_credentials", false)
	c.post("/signin", object{"username": "ada", "password": ""}).fails(403, "wrong_credentials", "check_credentials", false)
	c.signIn("ada").isSignedIn("ada")
}

func TestAuthenticatorApp(t *testing.T) {
	config := pool(demoUser("edsger"))
	config.MFA, config.MFATypes = "ON", []string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}
	config.Users[0].Attributes = nil
	c := start(t, config).browser().signIn("edsger").asks("MFA_SETUP", "choice")
	if !slices.Equal(slices.Sorted(slices.Values(c.reply.Challenge.Choices)), []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}) {
		t.Errorf("choices %q", c.reply.Challenge.Choices)
	}
	c.answer(object{"choice": "SOFTWARE_TOKEN_MFA"}).asks("MFA_SETUP", "code")
	app := c.reply.Challenge.TOTP
	if !strings.HasPrefix(app.URI, "otpauth://totp/cognitoflow%20example:edsger?secret="+app.Secret) {
		t.Errorf("the app is to read %s", app.URI)
	}
	code := func(at time.Time) object {
		code, err := totp.GenerateCode(app.Secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return object{"code": code}
	}
	c.answer(code(time.Now().Add(-time.Hour))).fails(422, "wrong_answer", "answer_prompt", true)
	if c.reply.Challenge.TOTP.Secret != app.Secret {
		t.Error("the key has changed after a wrong code")
	}
	c.answer(code(time.Now())).isSignedIn("edsger")
}

func TestNewPassword(t *testing.T) {
	grace := demoUser("grace")
	grace.Password, grace.TemporaryPassword = "", demoPassword
	delete(grace.Attributes, "name")
	config := pool(grace)
	config.RequiredAttributes = []string{"name", "email"}
	c := start(t, config).browser().signIn("grace").asks("NEW_PASSWORD_REQUIRED", "newPassword", "attributes")
	if got := c.reply.Challenge.RequiredAttributes; !slices.Equal(got, []string{"name"}) {
		t.Errorf("attributes %q, want the one that is missing", got)
	}
	name := object{"name": "Grace Hopper"}
	c.answer(object{"newPassword": "Nanoseconds-11"}).fails(422, "answer_not_usable", "answer_prompt", true)
	if c.reply.Error.Field != "attributes" {
		t.Errorf("the field %q is blamed", c.reply.Error.Field)
	}
	c.answer(object{"newPassword": "short", "attributes": name}).fails(422, "wrong_answer", "answer_prompt", true)
	if !strings.Contains(c.reply.Error.Message, "Password") {
		t.Errorf("message %q does not tell the rule", c.reply.Error.Message)
	}
	c.answer(object{"newPassword": "Nanoseconds-11", "attributes": name}).isSignedIn("grace")
}

func TestFirstFactors(t *testing.T) {
	config := pool(demoUser("ada"))
	config.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
	r := start(t, config)
	choose := func() *client {
		return r.browser().post("/signin", object{"username": "ada"}).asks("SELECT_CHALLENGE", "choice", "password")
	}
	choose().answer(object{"choice": "EMAIL_OTP"}).asks("EMAIL_OTP", "code").code("ada").isSignedIn("ada")
	choose().answer(object{"choice": "PASSWORD_SRP", "password": demoPassword}).isSignedIn("ada")
	choose().answer(object{"choice": "PASSWORD_SRP", "password": "wrong"}).fails(403, "wrong_credentials", "check_credentials", false)
	choose().answer(object{"choice": "PASSWORD_SRP"}).fails(422, "answer_not_usable", "answer_prompt", true)
}

func TestPasskey(t *testing.T) {
	const origin = "https://example.com"
	config := pool(demoUser("ada"))
	config.AllowedFirstFactors = []string{"PASSWORD", "WEB_AUTHN"}
	config.WebAuthn = &cognitotest.WebAuthnConfig{RPID: "example.com", Origins: []string{origin}}
	r := start(t, config)
	party := virtualwebauthn.RelyingParty{ID: "example.com", Origin: origin}
	authenticator, key := virtualwebauthn.NewAuthenticator(), passkeytest.NewCredential()
	register(t, r, party, authenticator, key)
	authenticator.AddCredential(key)

	c := r.browser().post("/signin", object{"username": "ada", "preferred": "WEB_AUTHN"}).asks("WEB_AUTHN", "credential")
	var shape struct {
		Challenge, RPID  string
		AllowCredentials []struct{ ID, Type string }
	}
	if err := json.Unmarshal(c.reply.Challenge.PasskeyRequest, &shape); err != nil {
		t.Fatal(err)
	}
	if shape.Challenge == "" || shape.RPID != "example.com" || len(shape.AllowCredentials) != 1 || shape.AllowCredentials[0].Type != "public-key" {
		t.Errorf("request %s", c.reply.Challenge.PasskeyRequest)
	}
	request, err := virtualwebauthn.ParseAssertionOptions(string(c.reply.Challenge.PasskeyRequest))
	if err != nil {
		t.Fatal(err)
	}
	signed := virtualwebauthn.CreateAssertionResponse(party, authenticator, key, *request)
	c.answer(object{"credential": json.RawMessage(signed)}).isSignedIn("ada")
}

// register gives Ada a passkey.
func register(t *testing.T, r *rig, party virtualwebauthn.RelyingParty, authenticator virtualwebauthn.Authenticator, key virtualwebauthn.Credential) {
	t.Helper()
	access := aws.String(r.browser().signIn("ada").isSignedIn("ada").reply.SignedIn.AccessToken)
	api := r.pool.Client()
	begun, err := api.StartWebAuthnRegistration(t.Context(), &cip.StartWebAuthnRegistrationInput{AccessToken: access})
	if err != nil {
		t.Fatal(err)
	}
	options, err := begun.CredentialCreationOptions.MarshalSmithyDocument()
	if err != nil {
		t.Fatal(err)
	}
	creation, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	var credential any
	if err := json.Unmarshal([]byte(virtualwebauthn.CreateAttestationResponse(party, authenticator, key, *creation)), &credential); err != nil {
		t.Fatal(err)
	}
	if _, err := api.CompleteWebAuthnRegistration(t.Context(), &cip.CompleteWebAuthnRegistrationInput{
		AccessToken: access, Credential: document.NewLazyDocument(credential),
	}); err != nil {
		t.Fatal(err)
	}
}

func TestRememberedBrowser(t *testing.T) {
	config := pool(demoUser("ada", "EMAIL_OTP"))
	config.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
	r := start(t, config)
	hers := r.browser()
	hers.signIn("ada").asks("EMAIL_OTP", "code").code("ada").isSignedIn("ada")
	hers.signIn("ada").isSignedIn("ada")
	r.browser().signIn("ada").asks("EMAIL_OTP", "code")
	hers.post("/refresh", object{"session": hers.reply.SignedIn.Session}).isSignedIn("ada")
}

func TestSession(t *testing.T) {
	r := start(t, pool(demoUser("ada")))
	c := r.browser().signIn("ada").isSignedIn("ada")
	first := c.reply.SignedIn
	c.post("/refresh", object{"session": first.Session}).isSignedIn("ada")
	if c.reply.SignedIn.AccessToken == first.AccessToken {
		t.Error("the access token is the one before")
	}
	session := object{"session": c.reply.SignedIn.Session}
	r.browser().post("/refresh", session).fails(403, "seal_refused", "start_again", false)
	if c.post("/signout", session); c.status != 200 {
		t.Fatalf("status %d, %+v", c.status, c.reply)
	}
	c.post("/refresh", session).fails(401, "token_refused", "start_again", false)
	c.post("/refresh", object{}).fails(403, "seal_refused", "start_again", false)
	c.post("/signout", object{"session": "x"}).fails(403, "seal_refused", "start_again", false)
}

// A member that belongs to another call does not keep a sign-in from renewing the browser's ID.
func TestSignInWithASession(t *testing.T) {
	c := start(t, pool(demoUser("ada", "EMAIL_OTP"))).browser().signIn("ada").asks("EMAIL_OTP", "code")
	answer := object{"prompt": c.reply.Prompt, "session": "x", "answer": object{"version": 1, "code": c.pool.LastCode("ada").Code}}
	c.post("/answer", answer).isSignedIn("ada")
	c.post("/answer", answer).fails(403, "seal_refused", "start_again", false)
}

// A prompt works in one browser, and until the user is signed in.
func TestPromptOfAnotherBrowser(t *testing.T) {
	r := start(t, pool(demoUser("ada", "EMAIL_OTP")))
	hers := r.browser().signIn("ada").asks("EMAIL_OTP", "code")
	prompt, code := hers.reply.Prompt, r.pool.LastCode("ada").Code
	answer := object{"prompt": prompt, "answer": object{"version": 1, "code": code}}
	r.browser().post("/answer", answer).fails(403, "seal_refused", "start_again", false)
	hers.post("/answer", answer).isSignedIn("ada")
	hers.post("/answer", answer).fails(403, "seal_refused", "start_again", false)
}

func TestInputThatIsWrong(t *testing.T) {
	r := start(t, pool(demoUser("ada", "EMAIL_OTP")))
	c := r.browser()
	for _, path := range []string{"/signin", "/answer", "/refresh", "/signout"} {
		for _, body := range []string{"", "{", "[]", `{"username":1,"prompt":1,"session":1}`, strings.Repeat(" ", maxBody) + "{}"} {
			c.post(path, body).fails(400, "malformed", "", false)
		}
	}
	c.signIn("ada").asks("EMAIL_OTP", "code")
	c.answer(object{"code": 123456}).fails(400, "malformed", "answer_prompt", true)
	if c.reply.Error.Field != "code" {
		t.Errorf("the field %q is blamed", c.reply.Error.Field)
	}
	c.answer(object{"code": strings.Repeat("1", frontend.MaxAnswer)}).fails(413, "too_large", "answer_prompt", true)
	c.post("/answer", object{"prompt": c.reply.Prompt}).fails(400, "malformed", "answer_prompt", true)
	c.code("ada").isSignedIn("ada") // the pool has seen none of these answers
}

func TestServiceIsNotThere(t *testing.T) {
	r := start(t, pool(demoUser("ada", "EMAIL_OTP")))
	c := r.browser().signIn("ada").asks("EMAIL_OTP", "code")
	r.pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Error: "InternalErrorException", Status: 500})
	c.code("ada").fails(503, "service_fault", "try_later", true)
	c.code("ada").isSignedIn("ada")
	r.pool.Fail(cognitotest.Fault{Operation: "InitiateAuth", Error: "InvalidLambdaResponseException"})
	c.signIn("ada").fails(500, "internal", "", false)
	if !strings.Contains(r.log.String(), "InvalidLambdaResponseException") {
		t.Error("the log does not have the error that the front end must not see")
	}
}

func TestCookies(t *testing.T) {
	config := pool(demoUser("ada", "EMAIL_OTP"))
	config.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
	c := start(t, config).browser().signIn("ada")
	lines := c.header["Set-Cookie"]
	lines = append(lines, c.code("ada").isSignedIn("ada").header["Set-Cookie"]...)
	if len(lines) != 3 {
		t.Fatalf("cookies %q, want the browser's ID, its devices, and a new ID", lines)
	}
	for _, line := range lines {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || !cookie.Secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(cookie.Name, "__Host-") {
			t.Errorf("%v: %s", err, line)
		}
	}
}

func TestLogHasNoSecrets(t *testing.T) {
	r := start(t, pool(demoUser("ada", "EMAIL_OTP")))
	c := r.browser().signIn("ada").asks("EMAIL_OTP", "code")
	prompt := c.reply.Prompt
	c.answer(object{"code": "hunter2hunter2"}).fails(422, "wrong_answer", "answer_prompt", true)
	c.post("/answer", object{"prompt": prompt[1:], "answer": object{}}).fails(403, "seal_refused", "start_again", false)
	log := r.log.String()
	if strings.Count(log, "refused") < 2 {
		t.Errorf("log: %s", log)
	}
	for _, text := range []string{demoPassword, "hunter2hunter2", prompt[1:40]} {
		if strings.Contains(log, text) {
			t.Errorf("the log has %q", text)
		}
	}
}

// If many users sign in, a call waits in the driver. RequestTimeout does not bound the wait.
func TestCallsHaveADeadline(t *testing.T) {
	asked, b := false, start(t, pool(demoUser("ada"))).backend
	b.on(func(c *call) (flow.Step, error) {
		until, ok := c.Deadline()
		if asked = true; !ok || time.Until(until) > callTimeout {
			t.Errorf("the deadline is %v, %v", until, ok)
		}
		return flow.Step{}, flow.Canceled
	})(httptest.NewRecorder(), httptest.NewRequest("POST", "/signin", strings.NewReader("{}")))
	if !asked {
		t.Error("the call was not made")
	}
}

// If the front end goes away, the sign-in goes on: the pool accepts an answer once.
func TestFrontEndGoesAway(t *testing.T) {
	r := start(t, pool(demoUser("ada")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request := httptest.NewRequest("POST", "/signin", strings.NewReader(`{"username":"ada","password":"`+demoPassword+`"}`)).WithContext(ctx)
	w := httptest.NewRecorder()
	r.Config.Handler.ServeHTTP(w, request)
	if w.Code != http.StatusOK {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}

func TestPageOfAnotherSite(t *testing.T) {
	r := start(t, pool(demoUser("ada")))
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/signin", strings.NewReader(`{"username":"ada","password":"`+demoPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer reply
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusForbidden || len(response.Cookies()) != 0 || answer.Error.Code != "forbidden" {
		t.Errorf("status %d, cookies %v, error %+v", response.StatusCode, response.Cookies(), answer.Error)
	}
}

// openAPIDocument has the members of openapi.json that these tests read. A test of interop
// validates the whole document, and responses against the document.
type openAPIDocument struct {
	Paths map[string]map[string]struct {
		Responses map[string]json.RawMessage
	}
	Components struct{ Schemas map[string]json.RawMessage }
}

func documented(t *testing.T) (d openAPIDocument) {
	t.Helper()
	if err := json.Unmarshal(openAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

var (
	routes     = regexp.MustCompile(`HandleFunc\("(GET|POST) (/[^"]*)"`)
	references = regexp.MustCompile(`"\$ref": "([^"]*)"`)
)

// The document has the paths of the backend and no other paths. Each reference of the
// document has a target.
func TestOpenAPI(t *testing.T) {
	d := documented(t)
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	served := 0
	for _, route := range routes.FindAllStringSubmatch(string(source), -1) {
		if _, ok := d.Paths[route[2]][strings.ToLower(route[1])]; !ok {
			t.Errorf("%s %s is not in openapi.json", route[1], route[2])
		}
		served++
	}
	if served != len(d.Paths) {
		t.Errorf("%d paths are served, %d are in openapi.json", served, len(d.Paths))
	}
	var form struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(frontend.Schema(), &form); err != nil {
		t.Fatal(err)
	}
	for _, reference := range references.FindAllStringSubmatch(string(openAPI), -1) {
		own, isOwn := strings.CutPrefix(reference[1], "#/components/schemas/")
		other, isOther := strings.CutPrefix(reference[1], "schema.json#/$defs/")
		if !(isOwn && d.Components.Schemas[own] != nil || isOther && form.Defs[other] != nil) {
			t.Errorf("the reference %s has no target", reference[1])
		}
	}
}

// TestDemo runs the whole program with its embedded pool.
func TestDemo(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	stderr, ended := new(exampletest.Buffer), make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"-listen", "127.0.0.1:0"}, stdout, stderr)
		stdout.Close()
	}()
	lines := bufio.NewScanner(out)
	var printed []string
	url, serves := "", false
	for !serves && lines.Scan() {
		printed = append(printed, lines.Text())
		url, serves = strings.CutPrefix(lines.Text(), "Serving ")
	}
	go io.Copy(io.Discard, out)
	if !serves {
		t.Fatalf("the program prints no address:\n%s", stderr)
	}
	for path, want := range map[string]string{"openapi.json": `"openapi"`, "schema.json": `"$defs"`} {
		response, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != 200 || !strings.Contains(string(body), want) {
			t.Errorf("%s: status %d, %v", path, response.StatusCode, err)
		}
	}
	response, err := http.Post(url+"signin", "application/json", strings.NewReader(`{"username":"ada","password":"`+demoPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 {
		t.Errorf("status %d of the command that the program prints", response.StatusCode)
	}
	for _, demo := range demoUsers {
		if !strings.Contains(strings.Join(printed, "\n"), "  "+demo.user.Name+" ") {
			t.Errorf("the output does not name %s", demo.user.Name)
		}
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

func TestCommandLine(t *testing.T) {
	for text, want := range map[string]int{
		"-help": 0, "-no-such-flag": 2, "more": 2, "-client-id x": 2,
		"-listen 127.0.0.1:no-port": 1, "-listen 127.0.0.1:0 -user-pool-id x -client-id x": 1,
	} {
		stderr := new(exampletest.Buffer)
		if code := run(t.Context(), strings.Fields(text), io.Discard, stderr); code != want || stderr.String() == "" {
			t.Errorf("%s: exit code %d, %q", text, code, stderr)
		}
	}
	t.Setenv("API_SEALING_KEYS", "c2VjcmV0,not base64 hunter2")
	stderr := new(exampletest.Buffer)
	if code := run(t.Context(), []string{"-listen", "127.0.0.1:0"}, io.Discard, stderr); code != 1 || !strings.Contains(stderr.String(), "key 1 is not base64") || strings.Contains(stderr.String(), "hunter2") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}
