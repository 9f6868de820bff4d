package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// If a reply has no end, the driver stops after 1 MiB.
func TestReplyWithoutEnd(t *testing.T) {
	for name, status := range map[string]int{"reply": http.StatusOK, "refusal": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			d := overHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				io.WriteString(w, `{"Session":"`)
				for line := bytes.Repeat([]byte("A"), 1<<16); ; {
					if _, err := w.Write(line); err != nil {
						return
					}
				}
			}), nil)
			_, err := d.Start(t.Context(), passwordAuth(username))
			if !errors.Is(err, flow.UnexpectedReply) || !strings.Contains(err.Error(), "the response is longer than 1048576 bytes") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The driver reads a whole reply of 1 MiB, and refuses a longer one.
func TestReplyUpToTheBound(t *testing.T) {
	const bound = 1 << 20
	for size, fits := range map[int]bool{bound: true, bound + 1: false} {
		d := overHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			text := `{"ChallengeName":"SMS_MFA","Session":"s","Ignored":"` + `"}`
			io.WriteString(w, text[:len(text)-2]+strings.Repeat("A", size-len(text))+text[len(text)-2:])
		}), nil)
		step, err := d.Start(t.Context(), passwordAuth(username))
		if fits && (err != nil || step.Prompt == nil) || !fits && !errors.Is(err, flow.UnexpectedReply) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// The bound holds for the replies of an API without HTTP too.
func TestReplyOfAnotherAPIIsBounded(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.CustomChallenge, params: map[string]string{"picture": strings.Repeat("A", 1<<20)}}}}
	if _, err := api.driver(t).Start(t.Context(), flow.CustomAuth{Username: username}); !errors.Is(err, flow.UnexpectedReply) {
		t.Errorf("got %v", err)
	}
}

// If a connection is cut, the SDK client sends the same request again.
func TestRequestIsSentAgainWhole(t *testing.T) {
	pool := newPool(t, nil, ada)
	pool.Fail(cognitotest.Fault{Operation: "InitiateAuth", Drop: true, Times: 2})
	client := pool.Client(func(o *cip.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
	})
	d, err := flow.New(client, appOf(pool, "public"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SignIn(t.Context(), srpAuth("ada"), nil); err != nil {
		t.Fatal(err)
	}
	sent := calls(pool, "InitiateAuth")
	if len(sent) != 3 || !reflect.DeepEqual(sent[0], sent[1]) || !reflect.DeepEqual(sent[1], sent[2]) {
		t.Errorf("sent %v", sent)
	}
}

// slowReader is an HTTP client that reads the request when the response is read, as net/http may.
// The SDK has closed the body of the request by then (aws-sdk-go-v2 issue 2737).
type slowReader struct{ read []byte }

func (s *slowReader) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(readFunc(func(p []byte) (n int, err error) {
			if s.read == nil {
				if s.read, err = io.ReadAll(r.Body); err != nil {
					return 0, err
				}
				return copy(p, `{"ChallengeName":"SMS_MFA"}`), nil
			}
			return 0, io.EOF
		})),
	}, nil
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestBodyOutlivesTheCall(t *testing.T) {
	client := &slowReader{}
	if _, err := overHTTP(t, nil, client).Start(t.Context(), passwordAuth(username)); err != nil {
		t.Fatal(err)
	}
	var sent struct{ AuthFlow string }
	if err := json.Unmarshal(client.read, &sent); err != nil || sent.AuthFlow != "USER_PASSWORD_AUTH" {
		t.Errorf("the body that was read is %q: %v", client.read, err)
	}
}

// A caller can choose the HTTP client in the SDK client or in the options of a driver.
func TestHTTPClientOfTheCaller(t *testing.T) {
	server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"ChallengeName":"SMS_MFA"}`) })
	used := 0
	own := doFunc(func(r *http.Request) (*http.Response, error) {
		used++
		return http.DefaultClient.Do(r)
	})
	for name, d := range map[string]*flow.Driver{
		"of the SDK client": overHTTP(t, server, own),
		"of the sign-in": overHTTP(t, server, nil, func(o *flow.Options) {
			o.APIOptions = append(o.APIOptions, func(o *cip.Options) { o.HTTPClient = own })
		}),
	} {
		used = 0
		if _, err := d.Start(t.Context(), passwordAuth(username)); err != nil || used != 1 {
			t.Errorf("%s: used %d times, %v", name, used, err)
		}
	}
	if _, err := overHTTP(t, server, awshttp.NewBuildableClient().WithTimeout(time.Minute)).Start(t.Context(), passwordAuth(username)); err != nil {
		t.Errorf("a client of the SDK: %v", err)
	}
	gone := errors.New("no route")
	failing := doFunc(func(*http.Request) (*http.Response, error) { return nil, gone })
	if _, err := overHTTP(t, nil, failing).Start(t.Context(), passwordAuth(username)); !errors.Is(err, gone) {
		t.Errorf("got %v, want the error of the HTTP client", err)
	}
}

// tiredConn is a connection that the peer has closed while no request used it.
type tiredConn struct {
	net.Conn
	tired *atomic.Bool
}

func (c tiredConn) Write(p []byte) (int, error) {
	if c.tired.Load() {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(p)
}

// A person takes long to answer, and the peer closes the connection meanwhile. The driver sends
// the answer over a new connection, because no byte of the answer was written.
func TestAnswerOverAConnectionThatWasClosed(t *testing.T) {
	pool := newCodePool(t)
	var dialed []*atomic.Bool
	client := pool.Client(func(o *cip.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			tired := new(atomic.Bool)
			dialed = append(dialed, tired)
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return tiredConn{conn, tired}, err
		}}}
	})
	d, err := flow.New(client, appOf(pool, "public"))
	if err != nil {
		t.Fatal(err)
	}
	step, err := d.Start(t.Context(), srpAuth("ada"))
	if err != nil {
		t.Fatal(err)
	}
	before := len(pool.Requests())
	for _, tired := range dialed {
		tired.Store(true)
	}
	if step, err = d.Respond(t.Context(), step.Prompt, challenge.Code(pool.TOTP("ada"))); err != nil || step.Tokens == nil {
		t.Fatal(err)
	}
	if sent := len(pool.Requests()) - before; sent != 1 || len(dialed) != 2 {
		t.Errorf("%d requests over %d connections", sent, len(dialed))
	}
}

// If no connection can be opened, the SDK client tries again, and the error does not say that
// the service may have acted. The prompt can be answered again.
func TestAnswerThatCannotDial(t *testing.T) {
	pool := newCodePool(t)
	tried, op := 0, ""
	client := pool.Client(func(o *cip.Options) {
		forward := o.HTTPClient
		o.Retryer = retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond)
		o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
			if op == "" {
				return forward.Do(r)
			}
			tried++
			return nil, &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNREFUSED}
		})
	})
	d, err := flow.New(client, appOf(pool, "public"))
	if err != nil {
		t.Fatal(err)
	}
	step, err := d.Start(t.Context(), srpAuth("ada"))
	if err != nil {
		t.Fatal(err)
	}
	for failing, attempts := range map[string]int{"dial": retry.DefaultMaxAttempts, "proxyconnect": retry.DefaultMaxAttempts, "write": 1} {
		tried, op = 0, failing
		_, err := d.Respond(t.Context(), step.Prompt, challenge.Code(pool.TOTP("ada")))
		var e *flow.Error
		if !errors.As(err, &e) || e.Code() != flow.NetworkFault || e.Prompt == nil || tried != attempts {
			t.Fatalf("%s: tried %d times, then %v", failing, tried, err)
		}
		if warns := strings.Contains(err.Error(), "may have acted"); warns != (failing == "write") {
			t.Errorf("%s: %v", failing, err)
		}
	}
}

// The driver does not follow a redirect with the body of the request.
func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := new(atomic.Int32)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for name, client := range map[string]cip.HTTPClient{"of the SDK": nil, "of net/http": &http.Client{}} {
			_, err := overHTTP(t, http.RedirectHandler(other.URL, status), client).Start(t.Context(), passwordAuth(username))
			if err == nil || strings.Contains(err.Error(), password) {
				t.Errorf("%d, client %s: %v", status, name, err)
			}
			if n := elsewhere.Swap(0); n != 0 && status != http.StatusFound { // a redirect with 302 has no body
				t.Errorf("%d, client %s: the request was sent on", status, name)
			}
		}
	}
}
