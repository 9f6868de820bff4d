package flow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// onExchange returns an observer of the requests of sign-ins and refreshes.
func onExchange(f func(flow.Operation, flow.Outcome)) flow.Observer {
	return flow.OnEnd(func(_ context.Context, op flow.Operation, out flow.Outcome) {
		if op.Kind == flow.ServiceOperation && op.By != "" {
			f(op, out)
		}
	})
}

// observed keeps a line for the begin and the end of each operation.
type observed struct {
	lines []string
	outs  []flow.Outcome
}

type spanKey struct{}

// observe adds the name of the operation to the path in its context.
func (o *observed) observe(ctx context.Context, op flow.Operation) (context.Context, func(flow.Outcome)) {
	around, _ := ctx.Value(spanKey{}).(string)
	path := around + "/" + op.Name
	o.lines = append(o.lines, fmt.Sprintf("%s %s %s %s %s %d", path, op.Kind, op.Flow, op.Challenge, op.By, op.Attempt))
	return context.WithValue(ctx, spanKey{}, path), func(out flow.Outcome) {
		o.outs = append(o.outs, out)
		o.lines = append(o.lines, fmt.Sprintf("%s: %s asked=%s prompted=%t granted=%t requests=%d", path, out.Code, out.Asked, out.Prompted, out.Granted, out.Requests))
	}
}

func (o *observed) want(t *testing.T, want ...string) {
	t.Helper()
	got := o.lines
	for n := range got {
		got[n] = strings.Join(strings.Fields(got[n]), " ")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	o.lines = nil
}

// The observer sees the begin and the end of each operation. A service operation has the name of
// the service, and its context is that of the call.
func TestObserver(t *testing.T) {
	type makeDriver func(testing.TB, *cognitotest.Pool, string, ...func(*flow.Options)) *flow.Driver
	for prefix, newDriver := range map[string]makeDriver{"": newDriver, "Admin": newAdminDriver} {
		pool := newCodePool(t)
		seen := new(observed)
		d := newDriver(t, pool, "public", func(o *flow.Options) { o.Observe = seen.observe })
		step, err := d.Start(t.Context(), srpAuth(username))
		if err != nil {
			t.Fatal(err)
		}
		seen.want(t,
			"/Start call USER_SRP_AUTH 0",
			"/Start/"+prefix+"InitiateAuth service USER_SRP_AUTH driver 0",
			"/Start/"+prefix+"InitiateAuth: asked=PASSWORD_VERIFIER prompted=false granted=false requests=1",
			"/Start/"+prefix+"RespondToAuthChallenge service USER_SRP_AUTH PASSWORD_VERIFIER driver 0",
			"/Start/"+prefix+"RespondToAuthChallenge: asked=SOFTWARE_TOKEN_MFA prompted=false granted=false requests=1",
			"/Start: asked=SOFTWARE_TOKEN_MFA prompted=true granted=false requests=0",
		)
		var e *flow.Error
		if _, err = d.Respond(t.Context(), step.Prompt, challenge.Code("000000")); !errors.As(err, &e) {
			t.Fatal(err)
		}
		seen.want(t,
			"/Respond call USER_SRP_AUTH SOFTWARE_TOKEN_MFA caller 0",
			"/Respond/"+prefix+"RespondToAuthChallenge service USER_SRP_AUTH SOFTWARE_TOKEN_MFA caller 0",
			"/Respond/"+prefix+"RespondToAuthChallenge: wrong_answer asked= prompted=false granted=false requests=1",
			"/Respond: wrong_answer asked=SOFTWARE_TOKEN_MFA prompted=true granted=false requests=0",
		)
		if step, err = d.Respond(t.Context(), e.Prompt, challenge.Code(pool.TOTP(username))); err != nil {
			t.Fatal(err)
		}
		seen.want(t,
			"/Respond call USER_SRP_AUTH SOFTWARE_TOKEN_MFA caller 1",
			"/Respond/"+prefix+"RespondToAuthChallenge service USER_SRP_AUTH SOFTWARE_TOKEN_MFA caller 1",
			"/Respond/"+prefix+"RespondToAuthChallenge: asked= prompted=false granted=true requests=1",
			"/Respond: asked= prompted=false granted=true requests=0",
		)
		if _, err := d.Refresh(t.Context(), step.Tokens); err != nil {
			t.Fatal(err)
		}
		seen.want(t,
			"/Refresh call REFRESH_TOKEN_AUTH 0",
			"/Refresh/GetTokensFromRefreshToken service REFRESH_TOKEN_AUTH driver 0",
			"/Refresh/GetTokensFromRefreshToken: asked= prompted=false granted=true requests=1",
			"/Refresh: asked= prompted=false granted=true requests=0",
		)
		if _, err := d.DeviceList(step.Tokens).All(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.SignOut(t.Context(), step.Tokens); err != nil {
			t.Fatal(err)
		}
		seen.want(t,
			"/ListDevices service 0", "/ListDevices: asked= prompted=false granted=false requests=1",
			"/RevokeToken service 0", "/RevokeToken: asked= prompted=false granted=false requests=1",
		)
		for _, out := range seen.outs {
			if (out.Requests > 0 || out.Err != nil) != (out.RequestID != "") {
				t.Errorf("%d requests with ID %q, %v", out.Requests, out.RequestID, out.Err)
			}
		}
	}
}

// The observer sees the confirmation of a new device within the call of the sign-in.
func TestObserverSeesDevices(t *testing.T) {
	t.Parallel()
	d, seen := newDesk(t, nil), new(observed)
	d.options = append(d.options, func(o *flow.Options) { o.Observe = seen.observe })
	d.signIn(srpAuth("ada"), 1)
	if !slices.Contains(seen.lines, "/SignIn/ConfirmDevice service    0") {
		t.Errorf("got %s", strings.Join(seen.lines, "\n"))
	}
}

// The requests of the SDK client's retries count in one operation.
func TestObserverCountsRetries(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil, ada)
	pool.Fail(cognitotest.Fault{Operation: "InitiateAuth", Error: "TooManyRequestsException", Times: 1})
	var got []int
	d := newDriver(t, pool, "public", func(o *flow.Options) {
		o.Observe = onExchange(func(_ flow.Operation, out flow.Outcome) { got = append(got, out.Requests) })
		o.APIOptions = append(o.APIOptions, func(c *cip.Options) {
			c.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		})
	})
	if _, err := d.SignIn(t.Context(), srpAuth("ada"), nil); err != nil {
		t.Fatal(err)
	}
	if want := []int{2, 1}; !slices.Equal(got, want) {
		t.Errorf("got %d requests, want %d", got, want)
	}
}

// SinceStart is the time of the whole sign-in, over several calls and over machines whose clocks
// differ.
func TestObserverSinceStart(t *testing.T) {
	t.Parallel()
	clock := cognitotest.NewClock(time.Now())
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.MFA, c.Now = "ON", clock.Now },
		cognitotest.UserConfig{Name: username, Password: password, TOTPSecret: totpSecret})
	var since []time.Duration
	driver := func(skew time.Duration) *flow.Driver {
		return newDriver(t, pool, "public", func(o *flow.Options) {
			o.Now = func() time.Time { return clock.Now().Add(skew) }
			o.Observe = flow.OnEnd(func(_ context.Context, _ flow.Operation, out flow.Outcome) {
				if out.SinceStart != 0 {
					since = append(since, out.SinceStart)
				}
			})
		})
	}
	first, second := driver(-5*time.Minute), driver(time.Hour)
	if _, err := second.DeviceList(new(flow.Tokens)).All(t.Context()); err == nil {
		t.Fatal("no error")
	}
	step, err := first.Start(t.Context(), srpAuth(username))
	if err != nil {
		t.Fatal(err)
	}
	prompt := reread(t, step.Prompt)
	clock.Advance(40 * time.Second)
	if _, err := second.Start(t.Context(), srpAuth(username)); err != nil { // the driver learns the service's time
		t.Fatal(err)
	}
	if _, err := second.Respond(t.Context(), prompt, challenge.Code(pool.TOTP(username))); err != nil {
		t.Fatal(err)
	}
	// The Date of a reply has whole seconds.
	if len(since) != 1 || since[0] < 38*time.Second || since[0] > 43*time.Second {
		t.Errorf("got %v, want 40s", since)
	}
}

// If a handler or an operation panics, the observer sees the end of the operation, without success.
func TestObserverSeesPanics(t *testing.T) {
	t.Parallel()
	var outs []flow.Outcome
	d := (&fakeAPI{replies: []fakeReply{{challenge: challenge.CustomChallenge}}}).driver(t, func(o *flow.Options) {
		o.Observe = flow.OnEnd(func(_ context.Context, _ flow.Operation, out flow.Outcome) { outs = append(outs, out) })
	})
	func() {
		defer func() { recover() }()
		d.SignIn(t.Context(), flow.CustomAuth{Username: username}, challenge.HandlerFunc(
			func(context.Context, challenge.Challenge) (challenge.Answer, error) { panic("trouble") }))
	}()
	func() {
		defer func() { recover() }()
		d.Call(t.Context(), "GetUser", func(context.Context, *flow.Call) error { panic("trouble") })
	}()
	if len(outs) != 3 || outs[0].Err != nil || outs[1].Code != flow.Other || outs[1].Granted || outs[2].Code != flow.Other {
		t.Errorf("got %+v", outs)
	}
}

// The SDK client gets the context that the observer returns.
func TestObserverContextReachesTheClient(t *testing.T) {
	t.Parallel()
	pool, seen := newPool(t, nil, ada), new(observed)
	api := contextAPI{pool.Client(), new([]string)}
	d, err := flow.New(api, flow.App{UserPoolID: pool.ID(), ClientID: "public"}, func(o *flow.Options) { o.Observe = seen.observe })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SignIn(t.Context(), srpAuth("ada"), nil); err != nil {
		t.Fatal(err)
	}
	if want := []string{"/SignIn/InitiateAuth", "/SignIn/RespondToAuthChallenge"}; !slices.Equal(*api.paths, want) {
		t.Errorf("got %q, want %q", *api.paths, want)
	}
}

type contextAPI struct {
	flow.API
	paths *[]string
}

func (c contextAPI) note(ctx context.Context) {
	path, _ := ctx.Value(spanKey{}).(string)
	*c.paths = append(*c.paths, path)
}

func (c contextAPI) InitiateAuth(ctx context.Context, in *cip.InitiateAuthInput, optFns ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	c.note(ctx)
	return c.API.InitiateAuth(ctx, in, optFns...)
}

func (c contextAPI) RespondToAuthChallenge(ctx context.Context, in *cip.RespondToAuthChallengeInput, optFns ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	c.note(ctx)
	return c.API.RespondToAuthChallenge(ctx, in, optFns...)
}

// The log has no text of a handler's error, because the text may contain a secret.
func TestObserverLogs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "duration" || a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.CustomChallenge}}}
	d := api.driver(t, func(o *flow.Options) {
		o.Observe = flow.OnEnd(func(ctx context.Context, op flow.Operation, out flow.Outcome) {
			logger.InfoContext(ctx, "cognito", "operation", op, "outcome", out)
		})
	})
	_, err := d.SignIn(t.Context(), flow.CustomAuth{Username: username}, challenge.HandlerFunc(
		func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			return challenge.Answer{}, errors.New("the code 123456 is in this error")
		}))
	if err == nil {
		t.Fatal("no error")
	}
	want := `level=INFO msg=cognito operation.kind=service operation.name=InitiateAuth operation.flow=CUSTOM_AUTH operation.by=driver outcome.granted=false outcome.asked=CUSTOM_CHALLENGE
level=INFO msg=cognito operation.kind=call operation.name=SignIn operation.flow=CUSTOM_AUTH outcome.granted=false outcome.code=other
`
	if log.String() != want {
		t.Errorf("got\n%swant\n%s", log.String(), want)
	}
}
