package cognitotest

import (
	"slices"
	"sync"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	start := time.Date(2026, 3, 7, 22, 4, 5, 6, time.FixedZone("", 3600))
	c := NewClock(start)
	if got := c.Now(); !got.Equal(start) || got.Location() != time.UTC {
		t.Errorf("the clock begins at %v", got)
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { c.Advance(time.Minute) })
	}
	all.Wait()
	c.Advance(-time.Minute)
	if got := c.Now().Sub(start); got != 9*time.Minute {
		t.Errorf("it went on by %v", got)
	}
}

func TestMailbox(t *testing.T) {
	var delivered []Code
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.OnCode = func(code Code) { delivered = append(delivered, code) }
	})
	if got := r.pool.Mailbox("alice"); got != nil {
		t.Errorf("a new mailbox has %v", got)
	}
	for i := range 103 {
		if _, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": []string{"EMAIL_OTP", "SMS_OTP"}[i%2]}); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.pool.Mailbox(aliceEmail); !slices.Equal(got, delivered[3:]) {
		t.Errorf("%d codes, want the last hundred of %d", len(got), len(delivered))
	}
	if got := r.pool.LastCode("alice"); got != delivered[102] {
		t.Errorf("the last code is %v", got)
	}
	wantPanic(t, "cognitotest: Mailbox: no user", func() { r.pool.Mailbox("nobody") })
}
