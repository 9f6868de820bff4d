package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// effect is the kind of a fault.
type effect int

const (
	harmless     effect = iota // the sign-in succeeds
	notProcessed               // the service has not acted
	loss                       // there is no reply, and the service may have acted
	broken                     // a reply that cannot be read
	cancellation               // the caller gives up
	refusal                    // the service refuses the request
	expiry                     // the session of the sign-in has expired
	forgetting                 // the pool does not know the device any more
)

// wireFault is a fault of a request between the driver and the pool.
type wireFault struct {
	name   string
	effect effect
	always bool // the fault happens each time, and not the first time only
	acts   bool // the service does its work
	code   flow.Code

	codeAtAnswer, codeAtRefresh flow.Code // the codes at an answer and at a refresh, if not code

	do    func(*wire, *http.Request) (*http.Response, error)
	clock time.Duration // from the pool's time to the driver's
}

var wireFaults = []wireFault{
	{name: "throttled", effect: notProcessed, code: flow.Throttled, do: exceptionReply(400, "TooManyRequestsException")},
	{name: "throttled, always", effect: notProcessed, always: true, code: flow.Throttled, do: exceptionReply(400, "TooManyRequestsException")},
	{name: "dial refused, always", effect: notProcessed, always: true, code: flow.NetworkFault, do: netError("dial", syscall.ECONNREFUSED)},
	{name: "500", effect: loss, code: flow.ServiceFault, do: exceptionReply(500, "InternalErrorException")},
	{name: "500, always", effect: loss, always: true, code: flow.ServiceFault, do: exceptionReply(500, "InternalErrorException")},
	{name: "503 without a body, always", effect: loss, always: true, code: flow.ServiceFault, do: plainReply(503, "")},
	{name: "no answer in time, always", effect: loss, always: true, code: flow.NetworkFault, do: timedOut},
	{name: "reset before the work", effect: loss, code: flow.NetworkFault, do: netError("write", syscall.ECONNRESET)},
	{name: "reset after the work", effect: loss, acts: true, code: flow.NetworkFault, do: afterWork(netError("read", syscall.ECONNRESET))},
	{name: "500 after the work", effect: loss, acts: true, code: flow.ServiceFault, do: afterWork(exceptionReply(500, "InternalErrorException"))},
	{name: "truncated reply", effect: broken, acts: true, code: flow.NetworkFault, do: truncated},
	{name: "garbage", effect: broken, acts: true, code: flow.UnexpectedReply, do: afterWork(plainReply(200, "<html>"))},
	{name: "empty reply", effect: broken, acts: true, code: flow.UnexpectedReply, do: afterWork(plainReply(200, "{}"))},
	{name: "canceled before the work", effect: cancellation, always: true, code: flow.Canceled, do: canceled},
	{name: "canceled after the work", effect: cancellation, always: true, acts: true, code: flow.Canceled, do: afterWork(canceled)},
	{name: "not authorized", effect: refusal, code: flow.WrongCredentials, codeAtAnswer: flow.SessionEnded, codeAtRefresh: flow.TokenRefused, do: exceptionReply(400, "NotAuthorizedException")},
	{name: "not found", effect: refusal, code: flow.Other, do: exceptionReply(400, "ResourceNotFoundException")},
	{name: "refused by a trigger", effect: refusal, code: flow.TriggerRefused, do: exceptionReply(400, "UserLambdaValidationException")},
	{name: "session expired", effect: expiry, code: flow.WrongCredentials, codeAtAnswer: flow.SessionEnded, do: func(w *wire, r *http.Request) (*http.Response, error) {
		w.pool.ExpireSessions()
		return w.forward(r)
	}},
	{name: "device forgotten", effect: forgetting, do: func(w *wire, r *http.Request) (*http.Response, error) {
		if w.deviceKey != "" {
			w.pool.ForgetDevice(username, w.deviceKey)
		}
		return w.forward(r)
	}},
	{name: "clock an hour slow", clock: -time.Hour},
	{name: "clock an hour fast", clock: time.Hour},
}

// wire is the HTTP client between a driver and a pool.
type wire struct {
	*testing.T
	pool      *cognitotest.Pool
	next      cip.HTTPClient
	request   string // the request at which the fault happens
	fault     wireFault
	deviceKey string
	cancel    context.CancelFunc

	armed bool
	hits  int
	now   string // the name of the present request
	body  []byte // the body of the present request

	got         map[string]int // the numbers of requests that the pool got, by name
	sessions    []string       // the sessions of all requests
	lastSession string         // the last session that the driver got
	granted     bool           // the driver got tokens
}

// Do implements the SDK's HTTPClient.
func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.body = body
	var sent struct{ ChallengeName, Session string }
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if sent.ChallengeName != "" {
		name = sent.ChallengeName
	}
	w.sessions, w.now = append(w.sessions, sent.Session), name

	var response *http.Response
	if hit := w.armed && name == w.request; hit && w.fault.do != nil && (w.fault.always || w.hits == 0) {
		w.hits++
		response, err = w.fault.do(w, r)
	} else {
		response, err = w.forward(r)
	}
	if err == nil {
		w.note(response)
	}
	return response, err
}

func (w *wire) forward(r *http.Request) (*http.Response, error) {
	w.got[w.now]++
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(w.body))
	return w.next.Do(r)
}

// note notes the session and the tokens of a response for the driver.
func (w *wire) note(response *http.Response) {
	text, err := io.ReadAll(response.Body)
	rest := io.Reader(bytes.NewReader(text))
	if err != nil {
		rest = io.MultiReader(rest, failingReader{err})
	}
	response.Body = io.NopCloser(rest)
	var reply struct {
		Session              string
		AuthenticationResult struct{ AccessToken string }
	}
	if json.Unmarshal(text, &reply) != nil || response.StatusCode != http.StatusOK || err != nil {
		return
	}
	if reply.Session != "" {
		w.lastSession = reply.Session
	}
	w.granted = w.granted || reply.AuthenticationResult.AccessToken != ""
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func plainReply(status int, body string) func(*wire, *http.Request) (*http.Response, error) {
	return func(_ *wire, r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		}, nil
	}
}

func exceptionReply(status int, exception string) func(*wire, *http.Request) (*http.Response, error) {
	return plainReply(status, `{"__type":"`+exception+`","message":"injected"}`)
}

func netError(op string, errno syscall.Errno) func(*wire, *http.Request) (*http.Response, error) {
	return func(*wire, *http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: op, Net: "tcp", Err: errno}
	}
}

// timedOut returns the error of an http.Client whose Timeout is over.
func timedOut(_ *wire, r *http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: context.DeadlineExceeded}
}

func canceled(w *wire, r *http.Request) (*http.Response, error) {
	w.cancel()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.forward(r) // the request goes on after the caller has given up
}

// afterWork sends the request to the pool, and returns another reply.
func afterWork(instead func(*wire, *http.Request) (*http.Response, error)) func(*wire, *http.Request) (*http.Response, error) {
	return func(w *wire, r *http.Request) (*http.Response, error) {
		response, err := w.forward(r)
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			err = errors.Join(err, response.Body.Close())
		}
		if err != nil {
			w.Errorf("the pool did not do %s: %v", w.request, err)
		}
		return instead(w, r)
	}
}

func truncated(w *wire, r *http.Request) (*http.Response, error) {
	response, err := w.forward(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text[:len(text)/2]), failingReader{io.ErrUnexpectedEOF}))
	return response, nil
}
