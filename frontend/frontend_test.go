package frontend_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/frontend"
)

// exchange is a challenge with its JSON, right answers with the parameters that the driver
// sends, and refused answers. The file is written by hand, with the responses of the
// service's API reference (RespondToAuthChallenge, ChallengeResponses). The tests of interop
// validate the same file with the schema.
type exchange struct {
	What      string
	Challenge challenge.Challenge
	Reason    string // "refused": the service has refused an answer with CodeMismatchException
	JSON      json.RawMessage
	Answers   []struct {
		JSON                     json.RawMessage
		Params                   map[string]string
		Choice, Password, Verify string
		Credential               bool // the params are the credential itself
		Any                      bool // the driver takes any answer
	}
	Refused []struct {
		Text  string
		Code  flow.Code
		Field string
	}
}

func exchanges(t testing.TB) (list []exchange) {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.json")
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range list {
		if e.Reason == "refused" {
			list[i].Challenge.Reason = &flow.Error{Err: &types.CodeMismatchException{Message: aws.String("Invalid code or auth state for the user.")}}
		}
	}
	return list
}

// same reports whether two texts are the same JSON.
func same(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

func TestChallenges(t *testing.T) {
	for _, e := range exchanges(t) {
		f, err := frontend.FromChallenge(e.Challenge, "Big Corp")
		if err != nil {
			t.Errorf("%s: %v", e.What, err)
			continue
		}
		got, err := json.Marshal(f)
		if err != nil || !same(t, got, e.JSON) {
			t.Errorf("%s: got %s, %v\nwant %s", e.What, got, err, e.JSON)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, e := range exchanges(t) {
		if len(e.Answers) == 0 {
			t.Errorf("%s: nothing answers it", e.What)
		}
		for _, answer := range e.Answers {
			a, err := frontend.ReadAnswer(e.Challenge, answer.JSON)
			if err != nil {
				t.Errorf("%s: %s: %v", e.What, answer.JSON, err)
				continue
			}
			if answer.Any {
				continue
			}
			if answer.Credential {
				var members struct{ Credential json.RawMessage }
				if err := json.Unmarshal(answer.JSON, &members); err != nil {
					t.Fatal(err)
				}
				answer.Params = map[string]string{"CREDENTIAL": string(members.Credential)}
			}
			r, err := e.Challenge.Responses(a)
			if err != nil || !reflect.DeepEqual(r.Params(), answer.Params) ||
				string(r.Choice) != answer.Choice || r.Password.Reveal() != answer.Password || r.Verify.Reveal() != answer.Verify {
				t.Errorf("%s: %s is answered with %v, choice %q, verify %q, error %v", e.What, answer.JSON, r.Params(), r.Choice, r.Verify.Reveal(), err)
			}
		}
	}
}

func TestRefusedAnswers(t *testing.T) {
	for _, e := range exchanges(t) {
		for _, refused := range e.Refused {
			_, err := frontend.ReadAnswer(e.Challenge, []byte(refused.Text))
			var problem *frontend.Error
			if !errors.As(err, &problem) {
				t.Errorf("%s: %s: error %v", e.What, refused.Text, err)
				continue
			}
			if problem.Code != refused.Code || problem.Field != refused.Field || problem.Message == "" || !problem.Answerable || problem.Remedy != flow.AnswerPrompt {
				t.Errorf("%s: %s is %#v, want the code %s and the field %q", e.What, refused.Text, *problem, refused.Code, refused.Field)
			}
			if want := map[flow.Code]int{frontend.Malformed: 400, flow.AnswerNotUsable: 422}[refused.Code]; problem.Status() != want {
				t.Errorf("%s: %s has the status %d, want %d", e.What, refused.Text, problem.Status(), want)
			}
			if text := fmt.Sprintf("%v %+v %#v", err, *problem, problem); strings.Contains(text, "hunter2") {
				t.Errorf("%s: the error repeats a password: %s", e.What, text)
			}
		}
	}
}

// A challenge that is new in the table of package challenge needs an exchange.
func TestEveryChallengeHasAForm(t *testing.T) {
	has := map[challenge.Name]bool{}
	for _, e := range exchanges(t) {
		has[e.Challenge.Name] = true
	}
	for _, name := range challenge.Names() {
		c := challenge.Challenge{Name: name}
		if _, machine := c.ForMachine(); !machine {
			if !has[name] {
				t.Errorf("%s: testdata/cases.json has no such challenge", name)
			}
			continue
		}
		if _, err := frontend.FromChallenge(c, ""); err == nil || !strings.Contains(err.Error(), string(name)) {
			t.Errorf("%s is for machines, and the error is %v", name, err)
		}
		if _, err := frontend.ReadAnswer(c, []byte(`{"version":1,"raw":{}}`)); err == nil || frontend.FromError(err).Code != frontend.Internal {
			t.Errorf("%s is for machines, and an answer is read: %v", name, err)
		}
	}
}

// If the service sends a wrong parameter, there is an error for the log, and no partial JSON.
func TestChallengesThatCannotBeRead(t *testing.T) {
	for name, parameters := range map[challenge.Name]map[string]string{
		"SELECT_MFA_TYPE": {"MFAS_CAN_CHOOSE": "SMS_MFA"},
		"MFA_SETUP":       {"MFAS_CAN_SETUP": "{}"},
		"WEB_AUTHN":       {"CREDENTIAL_REQUEST_OPTIONS": `"text"`},
		"":                nil,
	} {
		if f, err := frontend.FromChallenge(challenge.Challenge{Name: name, Parameters: parameters}, ""); err == nil {
			t.Errorf("%s: no error, but %+v", name, f)
		}
	}
	for _, parameter := range []string{"requiredAttributes", "userAttributes"} {
		c := challenge.Challenge{Name: challenge.NewPasswordRequired, Parameters: map[string]string{parameter: "["}}
		if _, err := frontend.FromChallenge(c, ""); err == nil || !strings.Contains(err.Error(), parameter) {
			t.Errorf("%s: error %v", parameter, err)
		}
	}
	if _, err := frontend.FromChallenge(challenge.Challenge{Name: challenge.WebAuthn}, ""); err == nil {
		t.Error("WEB_AUTHN without a request for the passkey: no error")
	}
}

func TestSizeOfAnswers(t *testing.T) {
	custom := challenge.Challenge{Name: challenge.CustomChallenge}
	const around = len(`{"version":1,"custom":""}`)
	answer := func(size int) []byte {
		return []byte(`{"version":1,"custom":"` + strings.Repeat("x", size-around) + `"}`)
	}
	if _, err := frontend.ReadAnswer(custom, answer(frontend.MaxAnswer)); err != nil {
		t.Errorf("%d bytes: %v", frontend.MaxAnswer, err)
	}
	_, err := frontend.ReadAnswer(custom, answer(frontend.MaxAnswer+1))
	if problem := frontend.FromError(err); problem.Code != frontend.TooLarge || problem.Status() != 413 || !problem.Answerable {
		t.Errorf("one byte more: %+v", problem)
	}

	// The name of a member in an error is short and on one line.
	_, err = frontend.ReadAnswer(custom, []byte(`{"version":1,"a\nb`+strings.Repeat("c", 1000)+`":1}`))
	if err == nil || len(err.Error()) > 200 || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %.300q", err)
	}
	if _, err := frontend.ReadAnswer(custom, []byte("{\"version\":1,\"custom\":\"\xff\"}")); frontend.FromError(err).Code != frontend.Malformed {
		t.Errorf("an answer that is not UTF-8: %v", err)
	}
}

// limit is the greatest size of a member of an answer, in characters as in JSON Schema. The
// tests of interop validate the same file with the schema.
type limit struct {
	Challenge challenge.Challenge
	Member    string
	Most      int
	Of        string
}

// answer returns an answer in which the member has that size.
func (l limit) answer(t *testing.T, size int) []byte {
	t.Helper()
	long := strings.Repeat("\U0001F511", size)
	a := map[string]any{"version": 1}
	if l.Member == "attributes" {
		a["newPassword"] = "x"
	}
	switch l.Of {
	case "characters":
		a[l.Member] = long
	case "name":
		a[l.Member] = map[string]string{long: ""}
	case "value":
		a[l.Member] = map[string]string{"name": long}
	case "members":
		object := map[string]string{}
		for i := range size {
			object[fmt.Sprint(i)] = ""
		}
		a[l.Member] = object
	default:
		t.Fatalf("%q", l.Of)
	}
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestLimitsOfAnswers(t *testing.T) {
	var limits []limit
	data, err := os.ReadFile("testdata/limits.json")
	if err == nil {
		err = json.Unmarshal(data, &limits)
	}
	if err != nil || len(limits) == 0 {
		t.Fatalf("no limits: %v", err)
	}
	for _, l := range limits {
		if _, err := frontend.ReadAnswer(l.Challenge, l.answer(t, l.Most)); err != nil {
			t.Errorf("%s, %d %s: %v", l.Member, l.Most, l.Of, err)
		}
		_, err := frontend.ReadAnswer(l.Challenge, l.answer(t, l.Most+1))
		if problem := frontend.FromError(err); err == nil || problem.Code != frontend.Malformed || !strings.HasPrefix(problem.Field, l.Member) {
			t.Errorf("%s, %d %s and one more: %v", l.Member, l.Most, l.Of, err)
		}
	}
}

// The key of an authenticator app does not print in a log, but encoding/json writes the key.
func TestTheKeyOfAnAppDoesNotPrint(t *testing.T) {
	for _, e := range exchanges(t) {
		key := e.Challenge.TOTPSecret.Reveal()
		if key == "" {
			continue
		}
		f, err := frontend.FromChallenge(e.Challenge, "Big Corp")
		if err != nil {
			t.Fatal(err)
		}
		log := new(strings.Builder)
		jsonLogger(log).Info("challenge", "challenge", f, "pointer", &f, "app", f.TOTP)
		jsonLogger(log).Info("reply", "reply", frontend.Reply{Challenge: &f}, "embedded", struct{ frontend.Reply }{frontend.Reply{Challenge: &f}})
		text := fmt.Sprintf("%v %+v %#v", f, f, f) + log.String()
		if f.TOTP != nil {
			text += fmt.Sprintf("%v %+v %#v", *f.TOTP, *f.TOTP, *f.TOTP)
		}
		if strings.Contains(text, key) || !strings.Contains(log.String(), "MFA_SETUP") {
			t.Errorf("%s: %s", e.What, text)
		}
	}
}

func TestSchemaIsServed(t *testing.T) {
	w := httptest.NewRecorder()
	frontend.ServeSchema(w, httptest.NewRequest("GET", "/schema.json", nil))
	file, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if w.Body.String() != string(file) || w.Header().Get("Content-Type") != "application/schema+json" {
		t.Errorf("%s: %.60s", w.Header().Get("Content-Type"), w.Body)
	}
	copied := frontend.Schema()
	if string(copied) != string(file) {
		t.Error("Schema is not the file")
	}
	copied[0] = 'x'
	if frontend.Schema()[0] == 'x' {
		t.Error("a caller can change the schema")
	}
}

// The schema names the version and every member of an answer. A test of interop checks the
// rest of the schema with a validator.
func TestSchemaHasEveryMember(t *testing.T) {
	var schema struct {
		Defs struct {
			Version   struct{ Const int }
			Challenge struct {
				Properties map[string]json.RawMessage
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(frontend.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	if schema.Defs.Version.Const != frontend.Version {
		t.Errorf("the schema is of version %d, the package of version %d", schema.Defs.Version.Const, frontend.Version)
	}
	form := reflect.TypeFor[frontend.Challenge]()
	for i := range form.NumField() {
		name, _, _ := strings.Cut(form.Field(i).Tag.Get("json"), ",")
		if schema.Defs.Challenge.Properties[name] == nil {
			t.Errorf("the schema has no %q", name)
		}
	}
}

func FuzzReadAnswer(f *testing.F) {
	list := exchanges(f)
	for i, e := range list {
		for _, answer := range e.Answers {
			f.Add(i, []byte(answer.JSON))
		}
		for _, refused := range e.Refused {
			f.Add(i, []byte(refused.Text))
		}
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		c := list[uint(i)%uint(len(list))].Challenge
		a, err := frontend.ReadAnswer(c, data)
		if err == nil {
			if _, err := c.Responses(a); err != nil && !c.NoAnswerNeeded {
				t.Errorf("the answer to %s is taken, and does not fit: %v", c.Name, err)
			}
			return
		}
		var problem *frontend.Error
		if !errors.As(err, &problem) {
			t.Fatalf("error %v of type %T", err, err)
		}
		if s := problem.Status(); s != 400 && s != 413 && s != 422 {
			t.Errorf("status %d of %v", s, err)
		}
		if text, err := json.Marshal(problem); err != nil || len(text) > 4096 {
			t.Errorf("%d bytes of JSON, %v", len(text), err)
		}
	})
}
