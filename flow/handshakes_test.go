package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

func handshakes(n int) func(*flow.Options) { return func(o *flow.Options) { o.Handshakes = n } }

// The driver begins no more handshakes at once than Options.Handshakes allows.
func TestHandshakesAtOnce(t *testing.T) {
	const users = 10
	for bound, want := range map[int]int{1: 1, 3: 3, -1: users, 0: users} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			busy, most, answers := 0, 0, 0
			s := &srpService{
				start: func(string) {
					mu.Lock()
					busy++
					most = max(most, busy)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					busy--
					mu.Unlock()
				},
				answer: func(string) {
					mu.Lock()
					answers++
					mu.Unlock()
					time.Sleep(time.Hour) // the handshake is over
				},
			}
			d := s.driver(t, handshakes(bound))
			started := time.Now()
			signInAll(t, d, users)()
			if most != want || answers != users {
				t.Errorf("with a bound of %d there were %d handshakes at once and %d answers, want %d and %d", bound, most, answers, want, users)
			}
			if took := time.Since(started); took > time.Hour+users*time.Second {
				t.Errorf("with a bound of %d the sign-ins took %v", bound, took)
			}
		})
	}
}

// held returns a driver with room for one handshake. A sign-in of the user "first" holds the
// room until release is called. starts returns the users whose handshakes have begun.
func held(t *testing.T, app flow.App) (d *flow.Driver, starts func() []string, release func()) {
	var mu sync.Mutex
	var began []string
	hold := make(chan struct{})
	s := &srpService{
		app: app,
		start: func(username string) {
			mu.Lock()
			began = append(began, username)
			mu.Unlock()
			<-hold
		},
		answer: func(string) {},
	}
	d = s.driver(t, handshakes(1))
	go d.SignIn(t.Context(), srpAuth("first"), nil)
	synctest.Wait()
	return d, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(began)
	}, sync.OnceFunc(func() { close(hold) })
}

// A caller who gives up gets the error of the context. The driver has sent nothing, and the
// next caller gets the room.
func TestHandshakesGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traced := 0
		d, starts, release := held(t, flow.App{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := d.SignIn(ctx, srpAuth("second"), nil, func(o *flow.Options) {
			o.Observe = onExchange(func(flow.Operation, flow.Outcome) { traced++ })
		})
		if e := flowError(t, err); e.Code() != flow.Canceled || !errors.Is(err, context.DeadlineExceeded) || e.Operation != "" || e.Prompt != nil {
			t.Errorf("got %v of %q", err, e.Operation)
		}
		if got := starts(); !slices.Equal(got, []string{"first"}) || traced != 0 {
			t.Errorf("started %q, traced %d", got, traced)
		}
		release()
		if _, err := d.SignIn(t.Context(), srpAuth("third"), nil); err != nil {
			t.Error(err)
		}
	})
}

// The cause of a context may be the error of another sign-in. A call that waits does not
// return that error.
func TestHandshakesGivenUpForAnother(t *testing.T) {
	for _, cause := range []error{challenge.ErrNoAnswer, &types.NotAuthorizedException{Message: aws.String("Incorrect username or password.")}} {
		synctest.Test(t, func(t *testing.T) {
			d, _, release := held(t, flow.App{})
			defer release()
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Minute, func() { cancel(cause) })
			_, err := d.SignIn(ctx, srpAuth("second"), nil)
			if e := flowError(t, err); e.Code() != flow.Canceled || !errors.Is(err, context.Canceled) || errors.Is(err, cause) || e.ServiceCode() != "" {
				t.Errorf("got %v for the cause %v", err, cause)
			}
		})
	}
}

// A sign-in that begins again gives its room back first, because the caller's handler may
// take long.
func TestHandshakesGiveRoomBackAtARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{replies: []fakeReply{{err: &types.InternalErrorException{}}, {tokens: true}}}
		d, asked := api.driver(t, handshakes(1)), 0
		_, err := d.SignIn(t.Context(), flow.UserAuth{Username: username, Password: srpAuth(username).Password, Preferred: challenge.PasswordSRP}, nil,
			func(o *flow.Options) {
				o.Handlers = challenge.Mux{challenge.PasswordSRP: challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
					if asked++; asked == 2 {
						passes(t, "a lost reply", d)
					}
					return challenge.Answer{}, challenge.ErrNoAnswer
				})}
			})
		if asked != 2 {
			t.Errorf("the handler was asked %d times, %v", asked, err)
		}
	})
}

// If a caller gives up at the moment when the room is free, another caller can have the room.
func TestHandshakesGivenUpAtTheSameMoment(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			d, _, release := held(t, flow.App{})
			time.AfterFunc(time.Minute, release)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var waiting sync.WaitGroup
			for range 3 {
				waiting.Go(func() { d.SignIn(ctx, srpAuth("second"), nil) })
			}
			waiting.Wait()
			passes(t, "a context that ended", d)
		})
	}
}

// passes expects that the driver has room.
func passes(t *testing.T, after string, d *flow.Driver) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := d.Start(ctx, srpAuth(username)); errors.Is(err, flow.Canceled) {
		t.Errorf("after %s the room is gone: %v", after, err)
	}
}

// A call gives its room back at each of its ends.
func TestHandshakesGiveRoomBack(t *testing.T) {
	for name, reply := range map[string]fakeReply{
		"refused":            {err: &types.NotAuthorizedException{Message: aws.String("Incorrect username or password.")}},
		"tokens":             {tokens: true},
		"no tokens":          {empty: true},
		"a code":             {challenge: challenge.EmailOTP},
		"a proof":            {challenge: challenge.PasswordVerifier, params: verifierParams(nil)},
		"a proof of nothing": {challenge: challenge.PasswordVerifier},
		"a device":           {challenge: challenge.DeviceSRPAuth},
		"a device's proof":   {challenge: challenge.DevicePasswordVerifier},
		"a password again":   {challenge: challenge.PasswordSRP},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := (&fakeAPI{replies: []fakeReply{reply}}).driver(t, handshakes(1))
			for range 3 {
				passes(t, name, d)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		refused := &types.NotAuthorizedException{Message: aws.String("Incorrect username or password.")}
		d := (&fakeAPI{replies: []fakeReply{{challenge: challenge.SelectChallenge}, {err: refused}}}).driver(t, handshakes(1))
		step, err := d.Start(t.Context(), flow.UserAuth{Username: username})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Respond(t.Context(), step.Prompt, challenge.CurrentPassword("", password)); err == nil {
			t.Error("no error")
		}
		passes(t, "an answer that was refused", d)
	})
	synctest.Test(t, func(t *testing.T) {
		d := (&fakeAPI{replies: []fakeReply{{tokens: true}}}).driver(t, handshakes(1))
		panics := func(o *flow.Options) { o.Observe = onExchange(func(flow.Operation, flow.Outcome) { panic(errDisk) }) }
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			d.Start(t.Context(), srpAuth(username), panics)
		}()
		passes(t, "a panic", d)
	})
}

// While a person thinks, others have the room.
func TestHandshakesWaitForNoPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := (&fakeAPI{replies: []fakeReply{{challenge: challenge.EmailOTP}, {tokens: true}}}).driver(t, handshakes(1))
		_, err := d.SignIn(t.Context(), srpAuth(username), challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			passes(t, "a question", d)
			return challenge.Code("123456"), nil
		}))
		if err != nil {
			t.Error(err)
		}
	})
}

// If a call gives up before it sends the password of an answer, the person can answer again.
func TestHandshakesGivenUpInRespond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, release := held(t, flow.App{})
		step, err := d.Start(t.Context(), flow.UserAuth{Username: username})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		answer := challenge.CurrentPassword(challenge.PasswordSRP, password)
		_, err = d.Respond(ctx, step.Prompt, answer)
		e := flowError(t, err)
		if e.Code() != flow.Canceled || e.Prompt == nil || strings.Contains(err.Error(), "may have acted") {
			t.Fatalf("got %v with prompt %v", err, e.Prompt)
		}
		release()
		if step, err = d.Respond(t.Context(), e.Prompt, answer); err != nil || step.Tokens == nil {
			t.Errorf("got %v", err)
		}
	})
}

// The proof of a device is a handshake too. The proof goes before sign-ins that have not
// begun, because a session of the service waits. A device whose proof was given up does not
// count as refused.
func TestHandshakesOfDevices(t *testing.T) {
	desk := newDesk(t, nil)
	desk.signIn(srpAuth("ada"), 1)
	kept, err := desk.wallet().Find(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		d, starts, release := held(t, flow.App{UserPoolID: desk.pool.ID(), ClientID: desk.client})
		defer release()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var together sync.WaitGroup
		together.Go(func() {
			if _, err := d.SignIn(t.Context(), srpAuth("second"), nil); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if _, err := d.SignIn(ctx, flow.CustomAuth{Username: "ada"}, nil, desk.here); !errors.Is(err, flow.Canceled) {
			t.Errorf("got %v", err)
		}
		if now, err := desk.wallet().Find(t.Context(), "ada"); err != nil || now.State != kept.State {
			t.Errorf("the device is %v, %v", now.State, err)
		}
		together.Go(func() {
			if _, err := d.SignIn(t.Context(), flow.CustomAuth{Username: "ada"}, nil, desk.here); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		release()
		together.Wait()
		if got := starts(); !slices.Equal(got, []string{"first", "ada", "second"}) {
			t.Errorf("started %q", got)
		}
	})
}
