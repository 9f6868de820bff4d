package site

import (
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
	"github.com/cognitoflow/cognitoflow/secret"
)

// second presses a button of a second factor.
func (b *browser) second(do string, name challenge.Name) *browser {
	b.t.Helper()
	b.get("/factors").at(200, "Ways to sign in")
	if !strings.Contains(b.body, `name="factor" value="`+string(name)+`"><button name="do" value="`+do+`"`) {
		b.t.Fatalf("there is no button %q of %s: %s", do, name, b.body)
	}
	return b.post("/factors", url.Values{"do": {do}, "factor": {string(name)}})
}

func TestSecondFactors(t *testing.T) {
	each(t, cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		r.browser().get("/factors").at(200, "Sign in")
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		b.second("on", challenge.EmailOTP).at(200, "Ways to sign in")
		b.second("on", challenge.SMSMFA).at(200, "Ways to sign in")
		b.second("prefer", challenge.SMSMFA).at(200, "Ways to sign in")
		if !strings.Contains(b.body, "<strong>Code by text message</strong> Preferred") {
			t.Errorf("the preference does not show: %s", b.body)
		}
		other := r.browser().signIn("ada").at(200, "Enter your code")
		if medium := r.pool.LastCode("ada").Medium; medium != "SMS" {
			t.Errorf("the code went by %s, and SMS is preferred", medium)
		}
		other.code("ada").at(200, "Hello, ada")
		b.second("off", challenge.SMSMFA).second("off", challenge.EmailOTP).at(200, "Ways to sign in")
		r.browser().signIn("ada").at(200, "Hello, ada")
		b.post("/factors", url.Values{"do": {"prefer"}, "factor": {"nonsense"}}).at(422, "Ways to sign in").blames("That answer was not accepted.")
		b.post("/factors", nil).at(422, "Ways to sign in").blames("Choose one of the buttons")
	})
}

func TestFactorThatIsMissing(t *testing.T) {
	mute := user("mute")
	mute.Attributes = nil
	r := start(t, cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{mute}})
	b := r.browser().signIn("mute")
	for _, name := range []challenge.Name{challenge.SoftwareTokenMFA, challenge.EmailOTP, challenge.SMSMFA} {
		b.second("on", name).at(422, "Ways to sign in").blames("First set up an authenticator app")
	}
}

func TestNewAuthenticatorApp(t *testing.T) {
	config := cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{user("ada")}}
	each(t, config, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		b.post("/authenticator", nil).at(200, "Set up your authenticator app")
		key := shownKey.FindStringSubmatch(b.body)
		if key == nil || shownQR.FindString(b.body) == "" {
			t.Fatalf("no key or no picture in the page: %s", b.body)
		}
		code := func(after time.Duration) string {
			code, err := totp.GenerateCode(key[1], time.Now().Add(after))
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
		const title = "Set up your authenticator app"
		b.submit("code", "").at(422, title).blames("Fill in: code")
		b.submit("code", "12345").at(422, title).blames("six digits")
		b.submit("code", code(-time.Hour), "name", "Téléphone d’Ada").at(422, title).blames("not right")
		if again := shownKey.FindStringSubmatch(b.body); again == nil || again[1] != key[1] || !strings.Contains(b.body, "Téléphone d’Ada") {
			t.Errorf("the key or the name of the app is gone: %s", b.body)
		}
		b.submit("code", code(0), "name", "Téléphone d’Ada").at(200, "Ways to sign in")
		if !strings.Contains(b.body, "<strong>Authenticator app</strong> On") {
			t.Errorf("the app is not on: %s", b.body)
		}
		if name := r.sent("VerifySoftwareToken")["FriendlyDeviceName"]; name != "Téléphone d’Ada" {
			t.Errorf("the app is called %q", name)
		}
		b.post("/signout", nil)
		b.signIn("ada").at(200, "Enter your code").submit("code", code(30*time.Second)).at(200, "Hello, ada")
		if strings.Contains(r.log.String(), key[1]) {
			t.Error("the key is in the log")
		}
	})
}

// sent returns the last request of an operation at the pool.
func (r *rig) sent(operation string) (body map[string]any) {
	for _, request := range r.pool.Requests() {
		if request.Operation == operation {
			body = request.Body
		}
	}
	return body
}

// If the preference fails after the set-up of an app, the page has a button for the app.
func TestNewAppThatCouldNotBeTurnedOn(t *testing.T) {
	once(t)
	r := start(t, cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada").post("/authenticator", nil)
	code, err := totp.GenerateCode(shownKey.FindStringSubmatch(b.body)[1], time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r.pool.Fail(cognitotest.Fault{Operation: "SetUserMFAPreference", Error: "InternalErrorException", Status: 500})
	b.submit("code", code).at(503, "Ways to sign in").blames(problemLater)
	b.second("on", challenge.SoftwareTokenMFA).at(200, "Ways to sign in")
}

// An app shows accounts under a name that the user knows. In a pool with e-mail addresses as
// user names, the name of the service is a UUID.
func TestAccountInTheApp(t *testing.T) {
	ada := user("ada@example.com")
	ada.Attributes = map[string]string{"email_verified": "true"}
	for _, mfa := range []string{"OPTIONAL", "ON"} {
		t.Run(mfa, func(t *testing.T) {
			r := start(t, cognitotest.PoolConfig{
				MFA: mfa, MFATypes: []string{"SOFTWARE_TOKEN_MFA"}, UsernameAttributes: []string{"email"}, Users: []cognitotest.UserConfig{ada},
			})
			b := r.browser().signIn("ada@example.com")
			if mfa == "OPTIONAL" { // with ON the user sets up the app during the sign-in
				b.post("/authenticator", nil)
			}
			b.at(200, "Set up your authenticator app")
			key, picture := shownKey.FindStringSubmatch(b.body), shownQR.FindStringSubmatch(b.body)
			if key == nil || picture == nil {
				t.Fatalf("no key or no picture in the page: %s", b.body)
			}
			want, err := authenticatorForm(secret.New(key[1]), "ada@example.com") // a test of interop reads the picture
			if err != nil || html.UnescapeString(picture[1]) != strings.TrimPrefix(string(want.QR), "data:image/png;base64,") {
				t.Errorf("the picture does not name the account by its address, %v", err)
			}
		})
	}
}

func TestPasskeysAreListedAndDeleted(t *testing.T) {
	const origin = "https://example.com"
	each(t, cognitotest.PoolConfig{
		AllowedFirstFactors: []string{"PASSWORD", "WEB_AUTHN"},
		WebAuthn:            &cognitotest.WebAuthnConfig{RPID: "example.com", Origins: []string{origin}},
		Users:               []cognitotest.UserConfig{user("ada")},
	}, func(t *testing.T, r *rig) {
		party := virtualwebauthn.RelyingParty{ID: "example.com", Origin: origin}
		b := r.browser().signIn("ada").get("/factors").at(200, "Ways to sign in")
		if !strings.Contains(b.body, "None yet") {
			t.Errorf("a passkey from nowhere: %s", b.body)
		}
		b.post("/passkey", nil).at(200, "Add a passkey")
		b.submit("credential", `{"id":"nonsense"}`).at(422, "Ways to sign in").blames("not accepted")
		b.post("/passkey", url.Values{"credential": {"no JSON"}}).at(422, "Ways to sign in").blames("not accepted")
		b.post("/passkey", nil).at(200, "Add a passkey")
		creation, err := virtualwebauthn.ParseAttestationOptions(b.options())
		if err != nil {
			t.Fatal(err)
		}
		made := virtualwebauthn.CreateAttestationResponse(party, virtualwebauthn.NewAuthenticator(), passkeytest.NewCredential(), *creation)
		b.submit("credential", made).at(200, "Ways to sign in")
		form := b.form()
		if form.Get("passkey") == "" || !strings.Contains(b.body, "Added on") {
			t.Fatalf("the passkey is not listed: %s", b.body)
		}
		b.post("/factors", url.Values{"do": {"delete-passkey"}, "passkey": {form.Get("passkey")}}).at(200, "Ways to sign in")
		if !strings.Contains(b.body, "None yet") {
			t.Errorf("the passkey is still there: %s", b.body)
		}
		b.post("/factors", url.Values{"do": {"delete-passkey"}, "passkey": {form.Get("passkey")}}).at(200, "Ways to sign in") // deleted twice
	})
}

func TestFullOfPasskeys(t *testing.T) {
	once(t)
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada")
	r.pool.Fail(cognitotest.Fault{Operation: "StartWebAuthnRegistration", Error: "LimitExceededException"})
	b.post("/passkey", nil).at(422, "Ways to sign in").blames(problemFull)
}

// If the service does not list factors, the user need not try again or sign in again.
func TestServiceThatListsNoFactors(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada")
	r.pool.Fail(cognitotest.Fault{Operation: "GetUserAuthFactors", Error: "OperationNotEnabledException"})
	b.get("/factors").at(502, "Something went wrong")
	b.get("/").at(200, "Hello, ada")
}

// For a pool without passkeys, the page has no part for passkeys.
func TestPartsThatThePoolDoesNotHave(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada")
	r.pool.Fail(
		cognitotest.Fault{Operation: "ListWebAuthnCredentials", Error: "ForbiddenException"},
		cognitotest.Fault{Operation: "ListDevices", Error: "InvalidParameterException"},
	)
	b.get("/factors").at(200, "Ways to sign in")
	for _, part := range []string{"Passkeys", "Remembered browsers"} {
		if strings.Contains(b.body, part) {
			t.Errorf("the page has %q: %s", part, b.body)
		}
	}
	r = start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, "-flows", "USER_SRP_AUTH")
	if b := r.browser().signIn("ada").get("/factors").at(200, "Ways to sign in"); strings.Contains(b.body, "Passkeys") {
		t.Error("passkeys without the flow that takes them")
	}
}

func TestRememberedBrowsersAreForgotten(t *testing.T) {
	each(t, cognitotest.PoolConfig{
		MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{
			ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true,
		},
	}, func(t *testing.T, r *rig) {
		in := func(remember ...string) *browser {
			fields := append([]string{"code"}, append([]string{""}, remember...)...)
			b := r.browser().signIn("ada")
			fields[1] = r.pool.LastCode("ada").Code
			return b.submit(fields...).at(200, "Hello, ada")
		}
		in() // the user does not agree to be remembered
		phone, desk := in("remember", "yes"), in("remember", "yes")
		desk.get("/factors").at(200, "Ways to sign in")
		if n := strings.Count(desk.body, `value="forget-device"`); n != 2 || strings.Count(desk.body, "Forget and sign out") != 1 {
			t.Errorf("%d devices, want 2, and one of them this one: %s", n, desk.body)
		}
		of := func(b *browser) string {
			_, rest, _ := strings.Cut(b.get("/factors").body, "This browser")
			return attr(rest, "value")
		}
		phoneKey, deskKey := of(phone), of(desk)

		desk.post("/factors", url.Values{"do": {"forget-device"}, "device": {phoneKey}}).at(200, "Ways to sign in")
		if strings.Contains(desk.body, phoneKey) || !strings.Contains(desk.body, deskKey) {
			t.Errorf("the wrong device is gone: %s", desk.body)
		}
		phone.post("/signout", nil)
		phone.signIn("ada").at(200, "Enter your code")

		// The service refuses to refresh the tokens of this browser.
		desk.post("/factors", url.Values{"do": {"forget-device"}, "device": {deskKey}}).at(200, "Sign in")
		if !strings.Contains(desk.body, "This browser is forgotten") {
			t.Errorf("the page does not say so: %s", desk.body)
		}
		desk.get("/").at(200, "Sign in")
		before := len(r.pool.Requests())
		desk.signIn("ada").at(200, "Enter your code")
		for _, request := range r.pool.Requests()[before:] { // the browser has deleted the device too
			if strings.Contains(fmt.Sprint(request.Body), deskKey) {
				t.Errorf("%s has the key of the device", request.Operation)
			}
		}
	})
}

// The page shows a name that is not English, or is written from right to left, without change.
func TestNamesInAnyScript(t *testing.T) {
	ada := user("ada")
	ada.Attributes["name"] = "عادة لوفلايس"
	ada.Attributes["custom:équipe"] = "Zürich <東京>"
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{ada}}, func(t *testing.T, r *rig) {
		r.site.signUp = list{"custom:équipe", "Ärger"}
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		for _, want := range []string{`<dd dir="auto">عادة لوفلايس</dd>`, `<dt dir="auto">custom:équipe</dt><dd dir="auto">Zürich &lt;東京&gt;</dd>`} {
			if !strings.Contains(b.body, want) {
				t.Errorf("no %q in the page: %s", want, b.body)
			}
		}
		form := page{Fields: []field{attributeField("Ärger"), attributeField("東京")}}
		form.fill(nil, true)
		if form.Fields[0].Error != "Fill in: ärger" || form.Fields[1].Error != "Fill in: 東京" {
			t.Errorf("%q, %q", form.Fields[0].Error, form.Fields[1].Error)
		}
	})
}
