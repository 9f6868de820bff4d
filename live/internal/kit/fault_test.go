package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// odd answers some operations with fixed replies.
type odd struct {
	below  cip.HTTPClient
	answer map[string]func() (*http.Response, error)
}

func (o odd) Do(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	if answer := o.answer[operation]; answer != nil {
		return answer()
	}
	return o.below.Do(request)
}

func reply(status int, body string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		}, nil
	}
}

const (
	account = "210987654321"
	denial  = "User: arn:aws:sts::" + account + ":assumed-role/live/jane.doe is not authorized to perform: cognito-idp:X on resource: " +
		"arn:aws:cognito-idp:eu-west-1:" + account + ":userpool/eu-west-1_AbCdEf123"
)

func refusal(t *testing.T, kind, message string) func() (*http.Response, error) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"__type": kind, "message": message})
	if err != nil {
		t.Fatal(err)
	}
	return reply(http.StatusBadRequest, string(body))
}

func probesNamed(t *testing.T, names ...string) []Probe {
	t.Helper()
	found := slices.DeleteFunc(Probes(), func(p Probe) bool { return !slices.Contains(names, p.Name) })
	if len(found) != len(names) {
		t.Fatalf("%d probes have the names %q", len(found), names)
	}
	return found
}

// An error about rights, load or the network is no answer of the service. A result has no text of AWS
// with names of the account.
func TestFaultsAreNoAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		operation string
		answer    func() (*http.Response, error)
		want      string
	}{
		"denied at the question":  {"AdminUpdateUserAttributes", refusal(t, "AccessDeniedException", denial), "AdminUpdateUserAttributes: AccessDeniedException"},
		"denied at the beginning": {"CreateUserPoolClient", refusal(t, "AccessDeniedException", denial), "CreateUserPoolClient: AccessDeniedException"},
		"a session that is over":  {"InitiateAuth", refusal(t, "ExpiredTokenException", "The security token included in the request is expired"), "InitiateAuth: ExpiredTokenException"},
		"denied afterwards":       {"GetUser", refusal(t, "AccessDeniedException", denial), "GetUser: AccessDeniedException"},
		"a pool that is gone":     {"InitiateAuth", refusal(t, "ResourceNotFoundException", "User pool eu-west-1_AbCdEf123 does not exist."), "InitiateAuth: ResourceNotFoundException"},
		"no JSON":                 {"InitiateAuth", reply(http.StatusOK, "<html>"), "InitiateAuth: the SDK sent no request, or cannot read the reply"},
		"an empty reply":          {"CreateUserPoolClient", reply(http.StatusOK, "{}"), "a fault of the probe"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newDouble(t)
			s.HTTP = odd{s.HTTP, map[string]func() (*http.Response, error){c.operation: c.answer}}
			probes := probesNamed(t, "user-sub", "level-met", "refresh-rotated-out", "tokens-after-password")
			results, err := s.Ask(t.Context(), probes, Options{Double: Double})
			if err != nil {
				t.Error(err)
			}
			failed := 0
			for _, r := range results {
				switch {
				case strings.Contains(r.Reason, account), strings.Contains(r.Reason, "AbCdEf123"), strings.Contains(r.Reason, "jane"):
					t.Errorf("%s: %s", r.Name, r.Reason)
				case r.Outcome == Failed && strings.Contains(r.Reason, c.want):
					failed++
				case r.Outcome != Same:
					t.Errorf("%s %s: %s%s", r.Name, r.Outcome, r.Answer, r.Reason)
				}
			}
			if failed == 0 {
				t.Errorf("no probe failed: %+v", results)
			}
		})
	}
}

// A result has no names of the service that are no words.
func TestNamesAreWords(t *testing.T) {
	const secret = "Zq9XsecretQ7"
	s := newDouble(t)
	s.HTTP = odd{s.HTTP, map[string]func() (*http.Response, error){
		"InitiateAuth": reply(http.StatusOK, `{"ChallengeName":"`+secret+`","ChallengeParameters":{"`+secret+`":"x"},"Session":"`+strings.Repeat(secret, 4)+`"}`),
	}}
	results, err := s.Ask(t.Context(), probesNamed(t, "level-met", "select-mfa-type", "choice-without-password", "chain-user-password-auth"), Options{Double: Double})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if text := encoded(t, r.Recording) + r.Answer + r.Reason; strings.Contains(text, secret) || r.Outcome == Same {
			t.Errorf("%s %s: %s", r.Name, r.Outcome, text)
		}
	}
}

// An unreachable service ends the run.
func TestLost(t *testing.T) {
	s := newDouble(t)
	lost := false
	s.HTTP = odd{s.HTTP, map[string]func() (*http.Response, error){"InitiateAuth": func() (*http.Response, error) {
		lost = true
		return nil, &smithyhttp.RequestSendError{Err: errors.New("refused")}
	}}}
	results, err := s.Ask(t.Context(), probesNamed(t, "level-met", "level-claims", "level-unknown"), Options{Parallel: 1, Double: Double})
	if !errors.Is(err, ErrLost) || !lost || results[0].Outcome != Failed || results[1].Outcome != Skipped || results[2].Outcome != Skipped {
		t.Errorf("%v: %+v", err, results)
	}
}

// If the service refuses a typed code, the kit asks the person. After a mistyped code the reply is no
// answer.
func TestMistyped(t *testing.T) {
	s := newDouble(t)
	right := s.Code
	s.Code = func(ctx context.Context, probe, to string) (string, error) {
		code, err := right(ctx, probe, to)
		return strings.Repeat(string('0'+(code[0]-'0'+1)%10), len(code)), err
	}
	asked := 0
	s.Sure = func(context.Context) (bool, error) { asked++; return false, nil }
	probes := probesNamed(t, "verify-wrong-code", "chain-user-auth-email-otp-email-otp-wrong-email-otp", "verify-changed")
	results, err := s.Ask(t.Context(), probes, Options{Double: Double})
	for _, r := range results {
		if r.Outcome != Failed || !strings.Contains(r.Reason, "newest message") {
			t.Errorf("%+v", r)
		}
	}
	if err != nil || asked != len(probes) {
		t.Errorf("asked %d times, %v", asked, err)
	}
	s.Code = func(context.Context, string, string) (string, error) { return "", io.EOF }
	results, err = s.Ask(t.Context(), probes, Options{Double: Double})
	for _, r := range results {
		if r.Outcome != Failed || r.Recording != nil {
			t.Errorf("%+v", r)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// An error about one pool does not keep the kit from deleting the others.
func TestLeftInSpiteOfOthers(t *testing.T) {
	s := newDouble(t)
	for range 3 {
		if err := s.newScene("left", newSetting()).make(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	below, asked := s.HTTP, 0
	first := func() (*http.Response, error) {
		if asked++; asked == 1 {
			return refusal(t, "AccessDeniedException", denial)()
		}
		return nil, nil
	}
	s.HTTP = fallback{below, "DescribeUserPool", first}
	s = &Service{Region: s.Region, Endpoint: s.Endpoint, Credentials: s.Credentials, HTTP: s.HTTP, Now: s.Now, Sleep: s.Sleep}
	left, err := s.Left(t.Context(), "")
	if told := Tell(err, nil); len(left) != 2 || told != "DescribeUserPool: AccessDeniedException" {
		t.Errorf("%d pools are listed, %s", len(left), told)
	}
	asked = 0
	s = &Service{Region: s.Region, Endpoint: s.Endpoint, Credentials: s.Credentials, HTTP: fallback{below, "DeleteUserPool", first}, Now: s.Now, Sleep: s.Sleep}
	err = s.Delete(t.Context(), left)
	if told := Tell(err, nil); told != left[0].Name+" still exists: DeleteUserPool: AccessDeniedException" || asked != 2 {
		t.Errorf("%s, after %d deletions", told, asked)
	}
}

// fallback answers one operation while the function has a reply.
type fallback struct {
	below     cip.HTTPClient
	operation string
	answer    func() (*http.Response, error)
}

func (f fallback) Do(request *http.Request) (*http.Response, error) {
	if strings.HasSuffix(request.Header.Get("X-Amz-Target"), "."+f.operation) {
		if response, err := f.answer(); response != nil || err != nil {
			return response, err
		}
	}
	return f.below.Do(request)
}

// closing reads each body again after its end, as net/http does after an early reply.
type closing struct {
	below cip.HTTPClient
	t     *testing.T
}

func (c closing) Do(request *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body.Close()
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		c.t.Errorf("%s: the body fails after its end: %v", request.Header.Get("X-Amz-Target"), err)
	}
	request.Body = io.NopCloser(bytes.NewReader(sent))
	return c.below.Do(request)
}

// A read after the end of a request body does not fail. Otherwise the SDK would repeat a request that
// the service has answered.
func TestBodiesEnd(t *testing.T) {
	s := newDouble(t)
	s.HTTP = closing{s.HTTP, t}
	results, err := s.Ask(t.Context(), probesNamed(t, "alias-in-answers"), Options{Double: Double})
	if err != nil || results[0].Outcome != Same {
		t.Errorf("%+v, %v", results, err)
	}
}
