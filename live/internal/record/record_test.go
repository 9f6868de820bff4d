package record

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// fixed answers each request with the same reply.
type fixed struct {
	status int
	body   string
}

func (f fixed) Do(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: f.status, Body: io.NopCloser(strings.NewReader(f.body)), Request: request}, nil
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func newRecorder(reply string, status int) *Recorder {
	r := New(fixed{status, reply}, func() time.Time { return noon })
	r.Replace("grace-7", "ada")
	r.Replace("real-client-1", "madeupclient")
	r.Replace("s3cret-Passw0rd", "Made-Up-Passw0rd")
	r.SecretOf(ClientSecret{ClientID: "real-client-1", Secret: "real-secret", MadeUpClientID: "madeupclient", MadeUpSecret: "made up"})
	return r
}

// exchange sends a request and returns the recorded exchange as JSON.
func exchange(t *testing.T, r *Recorder, request string) (conversation.Exchange, string, []string) {
	t.Helper()
	response, err := r.Do(newRequest(t, request))
	if err != nil {
		t.Fatal(err)
	}
	if passed, err := io.ReadAll(response.Body); err != nil || string(passed) != r.below.(fixed).body {
		t.Errorf("the client got %q, %v", passed, err)
	}
	exchanges, problems := r.Recorded()
	if len(exchanges) == 0 {
		return conversation.Exchange{}, "", problems
	}
	e := exchanges[len(exchanges)-1]
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		t.Fatal(err)
	}
	return e, text.String(), problems
}

func newRequest(t *testing.T, body string) *http.Request {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://service.invalid/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")
	return q
}

func TestRequests(t *testing.T) {
	hash := secrethash.Compute("grace-7", "real-client-1", "real-secret")
	for name, c := range map[string]struct {
		request string
		want    string // the text in the recording
		problem bool
	}{
		"names":              {`{"ClientId":"real-client-1","AuthParameters":{"USERNAME":"grace-7","PASSWORD":"s3cret-Passw0rd"}}`, `{"PASSWORD":"Made-Up-Passw0rd","USERNAME":"ada"}`, false},
		"another name":       {`{"AuthParameters":{"USERNAME":"henry-8"}}`, `"USERNAME":"<redacted>"`, true},
		"a new member":       {`{"AuthParameters":{"COLOUR":"teal-9-x"}}`, `"COLOUR":"<redacted>"`, true},
		"an odd member":      {`{"AuthParameters":{"x9x9x9":"teal-9-x"}}`, `"<redacted>":"<redacted>"`, true},
		"a word":             {`{"AuthFlow":"USER_AUTH"}`, `"AuthFlow":"USER_AUTH"`, false},
		"a secret as a word": {`{"AuthFlow":"s3cret"}`, `"AuthFlow":"<redacted>"`, true},
		"a hash":             {`{"AuthParameters":{"USERNAME":"grace-7","SECRET_HASH":"` + hash + `"}}`, secrethash.Compute("ada", "madeupclient", "made up"), false},
		"another hash":       {`{"AuthParameters":{"USERNAME":"grace-7","SECRET_HASH":"c29tZXRoaW5nIGVsc2U="}}`, `"SECRET_HASH":"<redacted>"`, true},
		"the time":           {`{"ChallengeResponses":{"TIMESTAMP":"Fri Jan 2 12:00:01 UTC 2026"}}`, `"TIMESTAMP":"<timestamp>"`, false},
		"another time":       {`{"ChallengeResponses":{"TIMESTAMP":"Fri Jan 2 10:00:00 UTC 2026"}}`, `"TIMESTAMP":"Sat Mar 7 19:04:05 UTC 2026"`, false},
		"no time":            {`{"ChallengeResponses":{"TIMESTAMP":"noon"}}`, `"TIMESTAMP":"<redacted>"`, true},
		"an unknown session": {`{"Session":"AYABeMv00000000000000"}`, `"Session":"<redacted>"`, true},
		"an unknown code":    {`{"ChallengeResponses":{"SOFTWARE_TOKEN_MFA_CODE":"123456"}}`, `"SOFTWARE_TOKEN_MFA_CODE":"<redacted>"`, true},
		"an object":          {`{"Session":{"inner":"teal-9-x"}}`, `"Session":"<redacted>"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, text, problems := exchange(t, newRecorder(`{}`, http.StatusOK), c.request)
			if !strings.Contains(text, c.want) || (len(problems) > 0) != c.problem {
				t.Errorf("recorded %s, problems %q", text, problems)
			}
			for _, secret := range []string{"grace-7", "henry-8", "teal-9-x", "x9x9x9", "s3cret", "real-client-1", "c29tZX", "AYABeMv"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is recorded: %s", secret, text)
				}
			}
		})
	}
}

// A request may repeat the refresh token before the last one.
func TestFormerRefreshToken(t *testing.T) {
	r := newRecorder(`{"AuthenticationResult":{"RefreshToken":"first-token"}}`, http.StatusOK)
	exchange(t, r, `{}`)
	r.below = fixed{http.StatusOK, `{"AuthenticationResult":{"RefreshToken":"second-token"}}`}
	exchange(t, r, `{}`)
	r.below = fixed{http.StatusOK, `{}`}
	for sent, want := range map[string]string{"first-token": "<former refresh token>", "second-token": "<refresh token>", "third-token": Redacted} {
		if _, text, _ := exchange(t, r, `{"RefreshToken":"`+sent+`"}`); !strings.Contains(text, `"request":{"RefreshToken":"`+want+`"}`) {
			t.Errorf("%s is recorded as %s", sent, text)
		}
	}
}

// A request may repeat the last session, and no session before it.
func TestTheLastValueOnly(t *testing.T) {
	r := newRecorder(`{"Session":"first-session-1234567890"}`, http.StatusOK)
	exchange(t, r, `{}`)
	r.below = fixed{http.StatusOK, `{"Session":"second-session-123456789"}`}
	if _, text, _ := exchange(t, r, `{"Session":"first-session-1234567890"}`); !strings.Contains(text, `"request":{"Session":"<session>"}`) {
		t.Errorf("recorded %s", text)
	}
	if _, text, problems := exchange(t, r, `{"Session":"first-session-1234567890"}`); strings.Contains(text, `"request":{"Session":"<session>"}`) || len(problems) == 0 {
		t.Errorf("recorded %s", text)
	}
}

func TestRefusals(t *testing.T) {
	for message, want := range map[string]string{
		"Incorrect username or password.":                   "Incorrect username or password.",
		"Invalid PASSWORD_CLAIM_SIGNATURE format. (base64)": conversation.NotRecorded, // base64 has digits
		"User grace-7 is disabled.":                         "User ada is disabled.",
		"User henry-8 is disabled.":                         conversation.NotRecorded,
		"The code 123456 is wrong.":                         conversation.NotRecorded,
		"The code 123 456 is wrong.":                        conversation.NotRecorded,
		"Member must have at most 131 of 42 letters.":       "Member must have at most 131 of 42 letters.",
		"": conversation.NotRecorded,
	} {
		e, _, _ := exchange(t, newRecorder(`{"__type":"NotAuthorizedException","message":`+quote(t, message)+`}`, http.StatusBadRequest), `{}`)
		if e.Error == nil || e.Error.Message != want || e.Error.Exception != "NotAuthorizedException" {
			t.Errorf("%q is recorded as %+v", message, e.Error)
		}
	}
	for _, kind := range []string{"TooManyRequestsException", "InternalErrorException"} {
		r := newRecorder(`{"__type":"`+kind+`","message":"x"}`, http.StatusBadRequest)
		if e, _, problems := exchange(t, r, `{}`); e.Operation != "" || len(problems) != 1 {
			t.Errorf("%s is recorded, and the SDK repeats the request; problems %q", kind, problems)
		}
	}
}

// A reply that makes the SDK repeat its request is a problem only if the SDK does not repeat.
func TestRepeatedRequests(t *testing.T) {
	for second, problems := range map[string]int{`{"AuthFlow":"USER_AUTH"}`: 0, `{"AuthFlow":"CUSTOM_AUTH"}`: 1} {
		r := newRecorder(`busy`, http.StatusServiceUnavailable)
		r.Do(newRequest(t, `{"AuthFlow":"USER_AUTH"}`))
		r.below = fixed{http.StatusOK, `{}`}
		if _, text, told := exchange(t, r, second); len(told) != problems || !strings.Contains(text, "AuthFlow") {
			t.Errorf("after %s: %q", second, told)
		}
	}
}

func TestWaits(t *testing.T) {
	r := newRecorder(`{}`, http.StatusOK)
	exchange(t, r, `{}`)
	r.Wait(30 * time.Second)
	e, _, _ := exchange(t, r, `{"ChallengeResponses":{"TIMESTAMP":"Fri Jan 2 11:00:00 UTC 2026"}}`)
	inner, _ := e.Request["ChallengeResponses"].(map[string]any)
	if want := conversation.Start.Add(30*time.Second - time.Hour).Format(conversation.TimestampLayout); inner["TIMESTAMP"] != want || time.Duration(e.Wait) != 30*time.Second {
		t.Errorf("recorded %+v, want TIMESTAMP %s", e, want)
	}
}

func quote(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(quoted)
}
