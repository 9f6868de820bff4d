package flow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
)

// Callers get a valid token without a lock. After the call of SignOut, the next caller gets an
// error at once.
func TestTokenSourceEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.hold = make(chan struct{})
		refreshed, signedOut := make(chan error), make(chan error)
		go func() { _, err := s.Refresh(t.Context()); refreshed <- err }()
		synctest.Wait()
		s.want("access-0", 1) // the token is valid during the refresh
		go func() { signedOut <- s.SignOut(t.Context()) }()
		synctest.Wait() // SignOut waits for the refresh
		_, err := s.Token()
		wantRemedy(t, err, flow.StartAgain)
		close(s.hold)
		wantRemedy(t, <-refreshed, flow.StartAgain)
		if err := <-signedOut; err != nil {
			t.Error(err)
		}
	})
}

// If the service refuses an early refresh, the source calls SignIn, and tries SignIn again in
// the background after a failure.
func TestTokenSourceSignsInAfterARefusedRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signIns := 0
		s := newSource(t, func(o *flow.SourceOptions) {
			o.SignIn = func(context.Context) (*flow.Tokens, error) {
				if signIns++; signIns == 1 {
					return nil, errors.New("the user is away")
				}
				return numbered(9), nil
			}
		})
		s.fail = errRevoked
		if _, err := s.Refresh(t.Context()); err == nil {
			t.Fatal("no error")
		}
		s.want("access-0", 1)
		time.Sleep(time.Second) // the backoff
		s.want("access-0", 1)   // SignIn is called in the background
		s.want("access-9", 1)
	})
}

// The wall clock is set back by less than the token's age. By the monotonic clock, the source
// learns that the token has expired.
func TestTokenSourceClockIsSetBackALittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c settable
		s := c.source(t)
		s.want("access-0", 0)
		time.Sleep(2 * time.Hour)
		c.set(-90 * time.Minute)
		s.want("access-1", 1)
	})
}
