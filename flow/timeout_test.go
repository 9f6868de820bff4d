package flow_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

// overHTTP returns a driver with an SDK client for a server with this handler. If the HTTP client is
// not nil, the SDK client sends its requests by that client.
func overHTTP(t *testing.T, handler http.Handler, client cip.HTTPClient, optFns ...func(*flow.Options)) *flow.Driver {
	t.Helper()
	url := "http://cognito.invalid"
	if handler != nil {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		url = server.URL
	}
	d, err := flow.New(cip.New(cip.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(url), Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}, HTTPClient: client,
	}), flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"}, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// If a server does not answer, the call ends after RequestTimeout.
func TestServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	asked := new(atomic.Int32)
	d := overHTTP(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		io.Copy(io.Discard, r.Body) // a server sees that the client is gone after it has read the body
		<-r.Context().Done()
	}), nil, func(o *flow.Options) { o.RequestTimeout = 300 * time.Millisecond }) // long enough for a connection on a busy machine
	_, err := d.Start(t.Context(), passwordAuth(username))
	if !errors.Is(err, flow.NetworkFault) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if n := asked.Load(); n != 2 { // the sign-in begins again once
		t.Errorf("%d requests, want 2", n)
	}
}

// If the caller's deadline is over, the error is Canceled, and no fault of the network.
func TestCallersDeadline(t *testing.T) {
	d := overHTTP(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := d.Start(ctx, passwordAuth(username)); !errors.Is(err, flow.Canceled) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

const noDeadline = -time.Hour

// deadlines is a service that keeps the time until the deadline of each request.
type deadlines struct{ seen []time.Duration }

func (d *deadlines) note(ctx context.Context) {
	left := noDeadline
	if at, has := ctx.Deadline(); has {
		left = time.Until(at)
	}
	d.seen = append(d.seen, left)
}

func (d *deadlines) InitiateAuth(ctx context.Context, _ *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	d.note(ctx)
	return &cip.InitiateAuthOutput{ChallengeName: "SMS_MFA"}, nil
}

func (d *deadlines) RespondToAuthChallenge(ctx context.Context, _ *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	d.note(ctx)
	return &cip.RespondToAuthChallengeOutput{AuthenticationResult: someTokens}, nil
}

// RequestTimeout bounds a request of a caller without a deadline. A caller's deadline stays as it
// is.
func TestRequestTimeout(t *testing.T) {
	for name, test := range map[string]struct {
		option, caller time.Duration // 0 for none
		want           time.Duration
	}{
		"by default":             {0, 0, time.Minute},
		"set":                    {time.Hour, 0, time.Hour},
		"turned off":             {-1, 0, noDeadline},
		"a caller with less":     {time.Hour, 10 * time.Minute, 10 * time.Minute},
		"a caller with more":     {time.Second, 10 * time.Minute, 10 * time.Minute},
		"a caller, and no bound": {-1, 10 * time.Minute, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			if test.caller != 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.caller)
				defer cancel()
			}
			api := &deadlines{}
			d, err := flow.New(api, anApp, func(o *flow.Options) { o.RequestTimeout = test.option })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.SignIn(ctx, passwordAuth(username), answering(challenge.Code("123456"))); err != nil {
				t.Fatal(err)
			}
			if len(api.seen) != 2 {
				t.Fatalf("%d requests", len(api.seen))
			}
			for _, left := range api.seen {
				if left > test.want || left < test.want-5*time.Second {
					t.Errorf("the request has %v, want %v", left, test.want)
				}
			}
		})
	}
}
