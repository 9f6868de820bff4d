package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

// The text of an error names the cause of the end, such as a limit, and the last refusal.
func TestErrorTexts(t *testing.T) {
	pool := newCodePool(t)
	wrong := func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		return challenge.Code("no digits"), nil
	}
	once := func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Attempt > 0 {
			return challenge.Answer{}, challenge.ErrNoAnswer
		}
		return challenge.Code("no digits"), nil
	}
	for name, test := range map[string]struct {
		handler challenge.HandlerFunc
		code    flow.Code
		remedy  flow.Remedy
		says    []string
	}{
		"limit": {wrong, flow.LimitReached, flow.StartAgain, []string{"CodeMismatchException", "3 answers were refused", "Options.Limits"}},
		"no other answer": {once, flow.NoAnswer, flow.AnswerPrompt,
			[]string{"SOFTWARE_TOKEN_MFA: no handler has an answer: answer with challenge.Code; an earlier answer was refused: CodeMismatchException"}},
	} {
		_, err := newDriver(t, pool, "public").SignIn(t.Context(), srpAuth(username), test.handler, func(o *flow.Options) {
			o.Limits.Refusals = 3
		})
		var e *flow.Error
		if !errors.As(err, &e) || e.Code() != test.code || e.Remedy() != test.remedy || !is[*types.CodeMismatchException](err) {
			t.Errorf("%s: got %v", name, err)
		}
		for _, text := range test.says {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %q does not say %q", name, err, text)
			}
		}
		if strings.Count(err.Error(), "[") != 1 {
			t.Errorf("%s: %q has more than one code", name, err)
		}
		var object map[string]string
		if text, err := json.Marshal(e); err != nil || json.Unmarshal(text, &object) != nil || object["code"] != string(test.code) {
			t.Errorf("%s: JSON %s, %v", name, text, err)
		}
	}
}

// If the connection fails, the text of the error has no parts of a response.
func TestTextWithoutAResponse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	api := cip.New(cip.Options{
		Region: "eu-test-1", BaseEndpoint: aws.String("http://" + listener.Addr().String()), Credentials: aws.AnonymousCredentials{},
		RetryMaxAttempts: 1,
	})
	d, err := flow.New(api, flow.App{UserPoolID: "eu-test-1_A", ClientID: "app"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Start(t.Context(), srpAuth(username))
	if !errors.Is(err, flow.NetworkFault) || !strings.Contains(err.Error(), "dial tcp") || strings.Contains(err.Error(), "StatusCode") {
		t.Errorf("got %v", err)
	}
}

// If the service does not answer within RequestTimeout, the error is a fault of the network. If the
// caller's deadline is over, the error is Canceled.
func TestRequestTimeoutIsTold(t *testing.T) {
	release := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer web.Close()
	defer close(release)
	api := cip.New(cip.Options{Region: "eu-test-1", BaseEndpoint: aws.String(web.URL), Credentials: aws.AnonymousCredentials{}})
	d, err := flow.New(api, flow.App{UserPoolID: "eu-test-1_A", ClientID: "app"}, func(o *flow.Options) { o.RequestTimeout = 50 * time.Millisecond })
	if err != nil {
		t.Fatal(err)
	}
	if _, err = d.Start(t.Context(), srpAuth(username)); !errors.Is(err, flow.NetworkFault) || !strings.Contains(err.Error(), "RequestTimeout") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = d.Start(ctx, srpAuth(username)); !errors.Is(err, flow.Canceled) {
		t.Errorf("with a deadline of the caller: got %v", err)
	}
}

// If the service asks for the proof of the password again, the driver sends no second proof, and
// the error says so.
func TestOneProofOfThePassword(t *testing.T) {
	verifier := fakeReply{challenge: challenge.PasswordVerifier, params: map[string]string{"USER_ID_FOR_SRP": username}}
	api := &fakeAPI{replies: []fakeReply{verifier}}
	proof := challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		return challenge.Raw(map[string]string{"PASSWORD_CLAIM_SIGNATURE": "x"}), nil
	})
	_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), nil, func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.PasswordVerifier: proof}
	})
	if !errors.Is(err, flow.LimitReached) || !strings.Contains(err.Error(), "the password was proved once") || len(api.sent) != 2 {
		t.Errorf("got %v after %d requests", err, len(api.sent))
	}
}
