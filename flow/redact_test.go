package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

func refusing(text string) error { return &types.NotAuthorizedException{Message: aws.String(text)} }

// refusedStart starts a sign-in that the service refuses, and returns the error.
func refusedStart(t testing.TB, f flow.AuthFlow, err error) *flow.Error {
	t.Helper()
	_, got := (&fakeAPI{replies: []fakeReply{{err: err}}}).driver(t).Start(t.Context(), f)
	var e *flow.Error
	if !errors.As(got, &e) {
		t.Fatalf("got %v, want a flow.Error", got)
	}
	return e
}

// refusedAnswer answers a challenge. The service refuses the answer, and refusedAnswer returns
// the error.
func refusedAnswer(t testing.TB, name challenge.Name, params map[string]string, a challenge.Answer, err error) *flow.Error {
	t.Helper()
	d := (&fakeAPI{replies: []fakeReply{{challenge: name, params: params}, {err: err}}}).driver(t)
	step, got := d.Start(t.Context(), flow.CustomAuth{Username: username})
	if got != nil {
		t.Fatal(got)
	}
	_, got = d.Respond(t.Context(), step.Prompt, a)
	var e *flow.Error
	if !errors.As(got, &e) {
		t.Fatalf("got %v, want a flow.Error", got)
	}
	return e
}

// The usual sentences of the service stay whole, also if a secret equals a word of them.
func TestServiceTextStaysWhole(t *testing.T) {
	texts := []string{
		"ADMIN_USER_PASSWORD_AUTH is not enabled for the client.",
		"Auth flow not enabled for this client: USER_PASSWORD_AUTH, USER_SRP_AUTH",
		"Incorrect username or password.",
		"Password attempts exceeded",
		"User does not exist.",
		"Invalid code or auth state for the user.",
		"Invalid session for the user, session can only be used once.",
		"Missing required parameter SRP_A",
		"Missing required parameters TIMESTAMP, PASSWORD_CLAIM_SIGNATURE",
		"Member must satisfy enum value set: [SMS_MFA, PASSWORD, PASSWORD_SRP, SOFTWARE_TOKEN_MFA, EMAIL_OTP]",
		"1 validation error detected: Value at 'userPoolId' failed to satisfy constraint",
	}
	for secretText := range strings.FieldsSeq(`PASSWORD password Password USER user User AUTH auth code username session exist
		Incorrect TIMESTAMP PASSWORD_CLAIM_SIGNATURE SRP_A SMS_MFA PASSWORD_SRP USER_PASSWORD_AUTH EMAIL 1 is or 3 a`) {
		for _, text := range texts {
			f := flow.UserPasswordAuth{Username: "ada", Password: secret.New(secretText)}
			if got := refusedStart(t, f, refusing(text)).Message(); got != text {
				t.Errorf("password %s: got %q, want %q", secretText, got, text)
			}
			if got := refusedAnswer(t, challenge.SMSMFA, nil, challenge.Code(secretText), refusing(text)).Message(); got != text {
				t.Errorf("code %s: got %q, want %q", secretText, got, text)
			}
		}
	}
}

// A choice that the protocol defines is no secret, also where it stands in quotes.
func TestChoicesAreNotRedacted(t *testing.T) {
	const text = `Value "%s" is not enabled; %[1]s`
	choices := map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA","EMAIL_OTP"]`}
	want := fmt.Sprintf(text, "SMS_MFA")
	e := refusedAnswer(t, challenge.SelectMFAType, choices, challenge.Choose(challenge.SMSMFA), refusing(want))
	if got := e.Message(); got != want {
		t.Errorf("ANSWER: got %q", got)
	}
	want = fmt.Sprintf(text, "EMAIL_OTP")
	e = refusedStart(t, flow.UserAuth{Username: "ada", Preferred: challenge.EmailOTP}, refusing(want))
	if got := e.Message(); got != want {
		t.Errorf("PREFERRED_CHALLENGE: got %q", got)
	}
	want = fmt.Sprintf(text, "SRP_A")
	e = refusedStart(t, flow.CustomAuth{Username: "ada", Password: secret.New(password)}, refusing(want))
	if got := e.Message(); got != want {
		t.Errorf("CHALLENGE_NAME: got %q", got)
	}
	for _, parameter := range []string{"USERNAME", "DEVICE_KEY"} {
		want = fmt.Sprintf(text, "eu-west-1_ada.lovelace")
		raw := challenge.Raw(map[string]string{parameter: "eu-west-1_ada.lovelace"})
		if got := refusedAnswer(t, challenge.CustomChallenge, nil, raw, refusing(want)).Message(); got != want {
			t.Errorf("%s: got %q", parameter, got)
		}
	}
	// An answer to a custom challenge is a secret, also if it equals a choice.
	e = refusedAnswer(t, challenge.CustomChallenge, nil, challenge.Custom("SMS_MFA"), refusing(`Value "SMS_MFA" is wrong`))
	if got := e.Message(); got != `Value "[redacted]" is wrong` {
		t.Errorf("answer to a custom challenge: got %q", got)
	}
	// An answer that is none of the choices is a secret.
	raw := challenge.Raw(map[string]string{"ANSWER": "hunter"})
	e = refusedAnswer(t, challenge.SelectMFAType, choices, raw, refusing(`Value "hunter" is wrong`))
	if got := e.Message(); got != `Value "[redacted]" is wrong` {
		t.Errorf("an answer that is no choice: got %q", got)
	}
}

// The characters of a secret decide where it is replaced.
func TestWhereSecretsAreReplaced(t *testing.T) {
	for _, c := range []struct{ secret, text, want string }{
		// A word of the protocol or a very short text is replaced where it is set off as a value.
		{"password", "map[PASSWORD:password USERNAME:ada]", "map[PASSWORD:[redacted] USERNAME:ada]"},
		{"password", `{"PASSWORD":"password"}`, `{"PASSWORD":"[redacted]"}`},
		{"password", `{\"PASSWORD\":\"password\"}`, `{\"PASSWORD\":\"[redacted]\"}`},
		{"password", `\u0022password\u0022 and \npassword is`, `\u0022[redacted]\u0022 and \npassword is`},
		{"password", "password=password&code=1", "password=[redacted]&code=1"},
		{"password", "(password) [password] {password} <password> (password]", "([redacted]) [[redacted]] {[redacted]} <[redacted]> (password]"},
		{"password", "“password” 'password' `password`", "“[redacted]” '[redacted]' `[redacted]`"},
		{"password", "'password is wrong', it's password's x=passwords", "'password is wrong', it's password's x=passwords"},
		{"SMS_MFA", "Value 'SMS_MFA' of SMS_MFA, SMS_MFA_CODE", "Value '[redacted]' of SMS_MFA, SMS_MFA_CODE"},
		{"7", "1 error: '7' is not 17", "1 error: '[redacted]' is not 17"},

		// Another text without digits is replaced where it is a separate word.
		{"hunter", "hunter, not hunters or a hunter_x, éhunter, hunter2; (hunter)", "[redacted], not hunters or a hunter_x, éhunter, hunter2; ([redacted])"},
		{"hunter", `\thunter\u0022hunter\nhunters`, `\t[redacted]\u0022[redacted]\nhunters`},
		{"of course", "a matter of course, of courses", "a matter [redacted], of courses"},
		{"!why?", "me!why?not", "me[redacted]not"},
		{"tom tom", "a-tom tom tom", "a-[redacted]"},
		{"tom tom", "atom tom tom", "atom [redacted]"},

		// A text with digits is replaced, except in a longer number.
		{"123456", "code 123456 is wrong, 123456.", "code [redacted] is wrong, [redacted]."},
		{"123456", "code123456x", "code[redacted]x"},
		{"123456", "0123456 and 1234567", "0123456 and 1234567"},
		{"123456", `\u0022123456\u0022 \u0037123456`, `\u0022[redacted]\u0022 \u0037123456`},

		// A long text is replaced everywhere.
		{"correcthorsebatterystaple", "xcorrecthorsebatterystaplex", "x[redacted]x"},
		{"000000000000", "0000000000000", "0000000000000"}, // a long number is no long text

		{"redacted-1", "redacted-1 redacted", "[redacted] redacted"},
	} {
		f := flow.UserPasswordAuth{Username: "ada", Password: secret.New(c.secret)}
		if got := refusedStart(t, f, refusing(c.text)).Message(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.secret, got, c.want)
		}
	}
}

// All secrets are replaced if they overlap, or if one contains another.
func TestOverlappingSecrets(t *testing.T) {
	answer := challenge.Raw(map[string]string{"A": "one-two3", "B": "two3-four", "C": "two3", "D": "five5"})
	e := refusedAnswer(t, challenge.CustomChallenge, nil, answer, refusing("one-two3-four, two3 and two3five5"))
	if got := e.Message(); got != "[redacted], [redacted] and [redacted][redacted]" {
		t.Errorf("got %q", got)
	}
}

// asciiJSON returns text as a JSON string of ASCII characters.
func asciiJSON(text string) string {
	quoted := `"`
	for _, unit := range utf16.Encode([]rune(text)) {
		if unit < 0x80 && (unit >= '0' && unit <= '9' || unit >= 'A' && unit <= 'Z' || unit >= 'a' && unit <= 'z' || unit == '_') {
			quoted += string(rune(unit))
		} else {
			quoted += fmt.Sprintf(`\u%04X`, unit)
		}
	}
	return quoted + `"`
}

func plainJSON(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(text) // a string has no error
	return strings.TrimSpace(b.String())
}

func htmlJSON(text string) string {
	b, _ := json.Marshal(text) // a string has no error
	return string(b)
}

// quotations are the ways in which services quote a value.
var quotations = map[string]func(string) string{
	"plain":              func(s string) string { return "'" + s + "'" },
	"JSON":               plainJSON,
	"JSON, HTML":         htmlJSON,
	"JSON, /":            func(s string) string { return strings.ReplaceAll(plainJSON(s), "/", `\/`) },
	"ASCII JSON":         asciiJSON,
	"JSON twice":         func(s string) string { return plainJSON(plainJSON(s)) },
	"ASCII JSON twice":   func(s string) string { return asciiJSON(asciiJSON(s)) },
	"HTML in plain JSON": func(s string) string { return plainJSON(htmlJSON(s)) },
	"Go":                 strconv.Quote,
	"ASCII Go":           strconv.QuoteToASCII,
}

func TestEscapedSecretsAreReplaced(t *testing.T) {
	for _, s := range []string{
		password, "123456", "password", `pass"word<&>\1`, `\`, `\\\\`, `back\slash`, `ends in \`, `"quoted"`, "two words", " spaces ",
		"tab\tline\nreturn\r\b\f\v\a", "päss wörd", "日本語パスワード", "🔑-🔑", "a+b/c==", `\u0041bc`, "%41bcd", "null\x00", "\u2028", "é",
		`{"id":"rTx","response":{"signature":"MEUC+/=="}}`, "'", "[redacted", strings.ToValidUTF8("\xff-invalid", "\ufffd"),
	} {
		for name, quote := range quotations {
			quoted := quote(s)
			e := refusedStart(t, flow.UserPasswordAuth{Username: "ada", Password: secret.New(s)}, refusing("Value "+quoted+" is bad."))
			got := e.Message()
			if strings.Contains(got, quoted) || !strings.Contains(got, "[redacted]") {
				t.Errorf("%q in %s: %q", s, name, got)
			}
			if !strings.HasPrefix(got, "Value ") || !strings.HasSuffix(got, " is bad.") {
				t.Errorf("%q in %s: the text around the secret changed: %q", s, name, got)
			}
		}
	}
}

// The SDK client replaces a byte that is not UTF-8 by U+FFFD. The service repeats U+FFFD.
func TestSecretsThatAreNotUTF8(t *testing.T) {
	const invalid = "\xff\xfe-invalid"
	for _, text := range []string{invalid, `\ufffd\ufffd-invalid`, "\ufffd\ufffd-invalid"} {
		f := flow.UserPasswordAuth{Username: "ada", Password: secret.New(invalid)}
		if got := refusedStart(t, f, refusing("Value "+text)).Message(); got != "Value [redacted]" {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

// SECRET_HASH, the client secret and the session are secrets of each answer, although no caller
// gives them.
func TestSecretsOfTheDriverAreNotEchoed(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.SMSMFA}, {}}}
	d, err := flow.New(api, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app", ClientSecret: secret.New(clientSecret)})
	if err != nil {
		t.Fatal(err)
	}
	hash := secrethash.Compute("ada", "app", clientSecret)
	step, err := d.Start(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New(password)})
	if err != nil {
		t.Fatal(err)
	}
	if sent := api.sent[0].params["SECRET_HASH"]; sent != hash {
		t.Fatalf("SECRET_HASH is %s, want %s", sent, hash)
	}
	api.replies[1].err = refusing(fmt.Sprint(api.sent[0].params, asciiJSON(hash), clientSecret, "session-1-of-a-fake-service"))
	_, err = d.Respond(t.Context(), step.Prompt, challenge.Code("123456"))
	for _, part := range []string{hash, strings.Trim(asciiJSON(hash), `"`), clientSecret, "session-1-of"} {
		if err == nil || strings.Contains(err.Error(), part) {
			t.Errorf("%s is in %v", part, err)
		}
	}
}

// A user name is no secret. If the password equals the user name, it is replaced.
func TestPasswordThatIsTheUserName(t *testing.T) {
	f := flow.UserPasswordAuth{Username: "lovelace", Password: secret.New("lovelace")}
	if got := refusedStart(t, f, refusing("No entry for lovelace.")).Message(); got != "No entry for [redacted]." {
		t.Errorf("got %q", got)
	}
	f.Password = secret.New(password)
	if got := refusedStart(t, f, refusing("No entry for lovelace.")).Message(); got != "No entry for lovelace." {
		t.Errorf("got %q", got)
	}
}

// If a handler gives up after a refusal, the error has no secret of the refused request.
func TestErrorsAroundRefusalsDoNotEcho(t *testing.T) {
	echo := &types.CodeMismatchException{Message: aws.String("Value 123456 is wrong")}
	d := (&fakeAPI{replies: []fakeReply{{challenge: challenge.SMSMFA}, {err: echo}}}).driver(t)
	asked := 0
	_, err := d.SignIn(t.Context(), flow.CustomAuth{Username: "ada"}, challenge.HandlerFunc(
		func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			if asked++; asked > 1 {
				return challenge.Answer{}, challenge.ErrNoAnswer
			}
			return challenge.Code("123456"), nil
		}))
	var e *flow.Error
	if !errors.As(err, &e) || asked != 2 || !errors.Is(err, challenge.ErrNoAnswer) {
		t.Fatalf("asked %d times, got %v", asked, err)
	}
	if strings.Contains(err.Error()+e.Message(), "123456") {
		t.Errorf("%v repeats the code, and so does %q", err, e.Message())
	}
}

// A secret is replaced in the code of an error too, and in errors of proxies and of the SDK.
func TestOtherTextsDoNotEcho(t *testing.T) {
	f := flow.UserPasswordAuth{Username: "ada", Password: secret.New(password)}
	for _, err := range []error{
		&smithy.GenericAPIError{Code: password, Message: "no"},
		fmt.Errorf("proxy: no route for %q", password),
		&smithy.OperationError{OperationName: "InitiateAuth", Err: errors.New("cannot read " + password)},
	} {
		if text := refusedStart(t, f, err).Error(); strings.Contains(text, password) || !strings.Contains(text, "[redacted]") {
			t.Errorf("%T: %s", err, text)
		}
	}
}

// A server may repeat the password in a later reply, and in any part of it.
func TestLateEchoes(t *testing.T) {
	again := map[string]string{"MFAS_CAN_CHOOSE": `["` + password + `"]`}
	id := &awshttp.ResponseError{RequestID: password, ResponseError: &smithyhttp.ResponseError{Err: refusing("no")}}
	for name, replies := range map[string][]fakeReply{
		"a message":        {{challenge: challenge.SMSMFA}, {err: refusing("'" + password + "'")}},
		"a request ID":     {{challenge: challenge.SMSMFA}, {err: id}},
		"a parameter":      {{challenge: challenge.SMSMFA}, {challenge: challenge.SelectMFAType, params: again}},
		"a challenge name": {{challenge: challenge.SMSMFA}, {challenge: password}},
	} {
		api := &fakeAPI{replies: replies}
		f := flow.UserPasswordAuth{Username: "ada", Password: secret.New(password)}
		_, err := api.driver(t).SignIn(t.Context(), f, answering(challenge.Code("123456")))
		if text := fmt.Sprint(err, jsonOf(t, err)); err == nil || len(api.sent) != 2 || strings.Contains(text, password) {
			t.Errorf("%s: %d requests, then %s", name, len(api.sent), text)
		}
	}
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.SelectMFAType, params: again}}}
	_, err := api.driver(t).SignIn(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New(password)}, answering(challenge.Choose(challenge.SMSMFA)))
	if !errors.Is(err, flow.LimitReached) || strings.Contains(err.Error(), password) {
		t.Errorf("a list of choices: %v", err)
	}
}

// Tokens.Device.Err can contain text of the server. The error is one line without a secret.
func TestDeviceErrorIsFitForALog(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.SMSMFA, params: map[string]string{"USERNAME": password + "\n"}}, {tokens: true}}}
	d := api.driver(t, flow.ThisMachine(fullStore{}))
	tokens, err := d.SignIn(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New(password)}, answering(challenge.Code("123456")))
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(tokens.Device.Err)
	if strings.Contains(text, password) || strings.Contains(text, "\n") || strings.Count(text, errStore.Error()) != 2 || !errors.Is(tokens.Device.Err, errStore) {
		t.Errorf("got %q", text)
	}
}

var errStore = errors.New("the disk is full")

type fullStore struct{ device.Store }

func (fullStore) Get(context.Context, string) ([]byte, error) { return nil, errStore }

// FuzzEcho has a service repeat a password in quotes, with any text around it. The message must
// not contain the password in any way of quoting.
func FuzzEcho(f *testing.F) {
	f.Add("password", "Value ", " is bad")
	f.Add(`pass"word<&>\1`, `\u00`, `\u0022`)
	f.Add("tom tom", "tom ", " tom")
	f.Add("123456", "0", "7")
	f.Add("🔑é\\", `\ `, `\`)
	f.Add("redacted", "[", "]")
	f.Fuzz(func(t *testing.T, password, before, after string) {
		switch {
		case password == "" || len(password) > 200 || !utf8.ValidString(password):
			return
		case strings.Contains("[redacted]", password):
			return // the placeholder itself contains the password
		case strings.HasSuffix(before, `\`):
			return // the backslash escapes the quote, or the first character after it
		}
		for name, quote := range quotations {
			quoted := quote(password)
			text := refusedStart(t, flow.UserPasswordAuth{Username: "ada", Password: secret.New(password)}, refusing(before+quoted+after)).Message()
			if strings.Contains(text, quoted) {
				t.Errorf("%q in %s: %q", password, name, text)
			}
		}
	})
}

// A challenge may repeat a long password. The error cuts the text of a challenge after the
// password is replaced, and not before.
func TestChallengesDoNotEcho(t *testing.T) {
	const long = "Correct-Horse-Battery-Staple-of-more-than-sixty-bytes-0123456789"
	for name, reply := range map[string]fakeReply{
		"choices":    {challenge: challenge.SelectChallenge, available: []types.ChallengeNameType{long}},
		"set-ups":    {challenge: challenge.SelectMFAType, params: map[string]string{"MFAS_CAN_CHOOSE": `["` + long + `"]`}},
		"salt":       {challenge: challenge.PasswordVerifier, params: map[string]string{"SALT": long, "SRP_B": "1", "SECRET_BLOCK": "MQ==", "USER_ID_FOR_SRP": "ada"}},
		"a new name": {challenge: long},
	} {
		api := &fakeAPI{replies: []fakeReply{reply}}
		_, err := api.driver(t).SignIn(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New(long)}, answering(challenge.Choose(challenge.SMSMFA)))
		if err == nil || strings.Contains(err.Error(), long[:10]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
