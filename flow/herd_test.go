package flow_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
)

const (
	herdSize  = 200
	lifetimes = 60
	lifetime  = 5 * time.Minute // the shortest that the service allows
)

// herd has 200 goroutines on one token source. The pool rotates refresh tokens without a grace
// period, so a second use of a refresh token fails.
type herd struct {
	t      *testing.T
	clock  *clock
	pool   *cognitotest.Pool
	source *flow.TokenSource
	saved  chan *flow.Tokens
	failed chan error
}

func newHerd(t *testing.T) *herd {
	const room = herdSize * lifetimes // enough for each goroutine, so that a broken source fails and does not hang
	h := &herd{t: t, clock: newClock(), saved: make(chan *flow.Tokens, room), failed: make(chan error, room)}
	h.pool = newPool(t, func(c *cognitotest.PoolConfig) {
		rotating(0)(c)
		c.Now = h.clock.Now
		c.Clients[1].AccessTokenSeconds, c.Clients[1].IDTokenSeconds = int(lifetime/time.Second), int(lifetime/time.Second)
	}, ada)
	d := newDriver(t, h.pool, "secret", h.clock.use)
	h.source = d.TokenSource(byAlias(t, d), func(o *flow.SourceOptions) {
		o.Save = func(_ context.Context, t *flow.Tokens) error { h.saved <- t; return nil }
		o.OnError = func(err error) { h.failed <- err }
	})
	return h
}

// call has all goroutines ask for a token at once. Each token must be valid.
func (h *herd) call() {
	h.t.Helper()
	var ready, done sync.WaitGroup
	ready.Add(herdSize)
	for range herdSize {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			token, err := h.source.TokenContext(h.t.Context())
			switch {
			case err != nil:
				h.t.Error(err)
			case !h.clock.Now().Before(token.Expiry):
				h.t.Errorf("at %v, the token has expired at %v", h.clock.Now(), token.Expiry)
			}
		})
	}
	done.Wait()
}

// refreshed waits for the end of a refresh, and reports whether the refresh succeeded.
func (h *herd) refreshed() bool {
	h.t.Helper()
	select {
	case <-h.saved:
		h.idle()
		return true
	case <-h.failed:
		h.idle()
		return false
	case <-time.After(30 * time.Second):
		h.t.Fatal("there was no refresh within 30 seconds")
		panic("unreachable")
	}
}

func (h *herd) requests(want int) {
	h.t.Helper()
	if got := len(calls(h.pool, "GetTokensFromRefreshToken")); got != want {
		h.t.Fatalf("there were %d refreshes, want %d", got, want)
	}
}

// idle waits until no goroutine of the source runs.
func (h *herd) idle() {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		var stacks strings.Builder
		if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
			h.t.Fatal(err)
		}
		if !strings.Contains(stacks.String(), "TokenSource)") {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("goroutines of the source still run:\n%s", stacks.String())
		}
	}
}

func TestTokenSourceHerd(t *testing.T) {
	t.Parallel()
	sound := lifetimes
	if byname.Quick(t) {
		sound /= 4
	}
	t.Run("ahead of expiry", func(t *testing.T) {
		h := newHerd(t)
		for n := range sound {
			h.clock.Advance(lifetime / 2)
			h.call()
			h.requests(n)
			h.clock.Advance(lifetime / 3) // the refresh is due
			h.call()
			if !h.refreshed() {
				t.Fatal("a refresh failed")
			}
			h.requests(n + 1)
		}
	})
	t.Run("after expiry", func(t *testing.T) {
		h := newHerd(t)
		for n := range sound {
			h.clock.Advance(lifetime)
			h.call()
			if !h.refreshed() {
				t.Fatal("a refresh failed")
			}
			h.requests(n + 1)
		}
	})
	// Every 20th request fails. Once, two requests in a row fail.
	t.Run("faults", func(t *testing.T) {
		const operation = "GetTokensFromRefreshToken"
		h := newHerd(t)
		h.pool.Fail(
			cognitotest.Fault{Operation: operation, Skip: 19, Error: "TooManyRequestsException"},
			cognitotest.Fault{Operation: operation, Skip: 19, Error: "InternalErrorException"},
			cognitotest.Fault{Operation: operation, Error: "ServiceUnavailableException"},
			cognitotest.Fault{Operation: operation, Skip: 18, Error: "TooManyRequestsException"},
		)
		failures := 0
		for n := range lifetimes {
			h.clock.Advance(lifetime / 2)
			h.call()
			h.requests(n + failures)
			h.clock.Advance(lifetime / 3)
			h.call()
			for !h.refreshed() {
				failures++
				h.call() // during the backoff, the source returns the present token and sends nothing
				h.requests(n + failures)
				h.clock.Advance(2 * time.Second)
				h.call()
			}
			h.requests(n + 1 + failures)
		}
		if failures != 4 {
			t.Errorf("%d requests failed, want 4", failures)
		}
	})
}
