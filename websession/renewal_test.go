package websession_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// bubble runs a test in a bubble of package synctest: time passes when all wait.
func bubble(t *testing.T, graceSeconds int, f func(t *testing.T, s *service, shared *store.Memory)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newService(t, graceSeconds, nil, "ada", "bob"), new(store.Memory)) })
}

// Sleeps in bubbles are the passing of time, and wait for nothing.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// dueAfter is a time at which a refresh is due and the tokens are still valid.
const dueAfter = lifetime - lifetime/6

func TestRefreshIsEarlyAndOnce(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		first := i.tokens(id)
		for n := range 20 {
			pass(lifetime / 2)
			i.tokens(id)
			i.idle()
			s.wantRefreshes(t, "ada", n)
			pass(lifetime / 3) // by now the refresh is due
			before := i.tokens(id)
			i.idle()
			s.wantRefreshes(t, "ada", n+1)
			if after := i.tokens(id); after.AccessToken.Reveal() == before.AccessToken.Reveal() {
				t.Fatal("the tokens are the same after a refresh")
			}
		}
		if last := i.tokens(id); last.Username != first.Username || last.Subject != first.Subject {
			t.Errorf("the tokens are %s's, want %s's", last.Username, first.Username)
		}
		if told := i.told(); len(told) > 0 {
			t.Errorf("OnError was told %v", told)
		}
	})
}

// While a token is valid no caller waits, even if the service hangs or fails.
func TestNobodyWaitsForAValidToken(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		answer := make(chan struct{})
		i.line.before = func(context.Context, string) error { <-answer; return nil }
		pass(dueAfter)
		ctx, cancel := context.WithCancel(t.Context())
		started := time.Now()
		before, err := i.Tokens(ctx, id)
		if err != nil || time.Since(started) > 0 {
			t.Fatalf("got %v after %v", err, time.Since(started))
		}
		cancel() // the request ends, and the refresh does not
		synctest.Wait()
		close(answer)
		i.idle()
		s.wantRefreshes(t, "ada", 1)
		if after := i.tokens(id); after.AccessToken.Reveal() == before.AccessToken.Reveal() {
			t.Error("the refresh ended with the request")
		}
	})
}

// When the token has expired, all callers on all instances wait for one refresh.
func TestOneRefreshOverAllInstances(t *testing.T) {
	for name, after := range map[string]time.Duration{"ahead of expiry": dueAfter, "after expiry": lifetime} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
				var fleet []*instance
				for range 5 {
					i := newInstance(t, s, shared)
					i.line.after = func(context.Context, string) error { time.Sleep(300 * time.Millisecond); return nil }
					fleet = append(fleet, i)
				}
				id := fleet[0].create(s.signIn(t, "ada", nil))
				for n := range 10 {
					pass(after)
					var requests sync.WaitGroup
					for _, i := range fleet {
						for range 10 {
							requests.Go(func() { i.tokens(id) })
						}
					}
					requests.Wait()
					for _, i := range fleet {
						i.idle()
						i.tokens(id)
					}
					s.wantRefreshes(t, "ada", n+1)
				}
				if s.atOnce != 1 || len(s.refusals()) > 0 {
					t.Errorf("%d refreshes at once, refused %v", s.atOnce, s.refusals())
				}
			})
		})
	}
}

func TestWaitersAreBoundedByTheirContext(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		answer := make(chan struct{})
		i.line.before = func(context.Context, string) error { <-answer; return nil }
		pass(lifetime)
		for _, i := range []*instance{i, other} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			started := time.Now()
			if _, err := i.Tokens(ctx, id); !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != time.Second {
				t.Errorf("got %v after %v, want the end of the context after a second", err, time.Since(started))
			}
		}
		close(answer)
		i.idle()
		other.idle()
		i.tokens(id)
		s.wantRefreshes(t, "ada", 1)
	})
}

// If an instance dies during a refresh, another one takes over at the end of the lease, and not
// before.
func TestDeadInstanceIsSucceeded(t *testing.T) {
	const lease = 15 * time.Second
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		dead, successor := newInstance(t, s, shared), newInstance(t, s, shared, func(o *websession.Options) {
			o.Now = func() time.Time { return time.Now().Add(20 * time.Second) } // a clock that is wrong
		})
		id := dead.create(s.signIn(t, "ada", nil))
		pass(dueAfter)
		died := make(chan struct{})
		dead.line.after = func(context.Context, string) error { <-died; return errDown }
		dead.tokens(id)
		synctest.Wait() // the service has replied, and the reply is lost
		s.wantRefreshes(t, "ada", 1)
		dead.store.fail()

		successor.tokens(id) // from now on it knows of the lease
		started := time.Now()
		pass(lease - time.Millisecond)
		s.wantRefreshes(t, "ada", 1)
		successor.idle()
		s.wantRefreshes(t, "ada", 2)
		if took := time.Since(started); took > lease+2*time.Second {
			t.Errorf("the successor took over after %v, want the lease of %v", took, lease)
		}
		pass(lifetime / 4)
		successor.tokens(id)
		close(died)
		dead.idle()
		if len(s.refusals()) > 0 {
			t.Errorf("refused %v", s.refusals())
		}
	})
}

// A request with an expired token waits for the rest of the lease of a dead instance.
func TestRequestOutlivesALease(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		dead, successor := newInstance(t, s, shared), newInstance(t, s, shared)
		id := dead.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		died := make(chan struct{})
		dead.line.before = func(context.Context, string) error { <-died; return errDown } // dies before it sends
		go dead.Tokens(t.Context(), id)
		synctest.Wait()
		dead.store.fail()
		started := time.Now()
		successor.tokens(id)
		if took := time.Since(started); took < 15*time.Second || took > 17*time.Second {
			t.Errorf("the wait was %v, want the lease of 15 seconds", took)
		}
		s.wantRefreshes(t, "ada", 1)
		close(died)
		dead.idle()
	})
}

// The request to the service ends before the lease does, also if the service hangs.
func TestRefreshEndsBeforeTheLease(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		started := time.Now()
		var ended time.Duration
		i.line.before = func(ctx context.Context, _ string) error {
			<-ctx.Done()
			ended = time.Since(started)
			return ctx.Err()
		}
		i.refused(id, flow.Canceled)
		if ended != 10*time.Second {
			t.Errorf("the request ended after %v, want two thirds of the lease", ended)
		}
		pass(time.Second) // the backoff
		other.tokens(id)
		if took := time.Since(started); took > 12*time.Second {
			t.Errorf("the other instance has tokens after %v: the lease was not given back", took)
		}
	})
}

func TestWait(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		i.idle() // nothing is under way
		id := i.create(s.signIn(t, "ada", nil))
		answer := make(chan struct{})
		i.line.before = func(context.Context, string) error { <-answer; return nil }
		pass(dueAfter)
		i.tokens(id)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := i.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(answer)
		i.idle()
		s.wantRefreshes(t, "ada", 1)
	})
}
