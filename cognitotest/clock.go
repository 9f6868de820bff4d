package cognitotest

import (
	"sync"
	"time"
)

// Clock is a clock that stands still until a test moves it. One clock serves all parts
// of a test: give its method Now to [PoolConfig], to flow.Options, to seal.Options, to
// websession.Options and to store.Memory. Then lifetimes, codes, lockouts and expiries
// agree, and no test sleeps. A store without the clock ends web sessions by the real time.
//
// A Clock is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that shows the time start, in UTC.
func NewClock(start time.Time) *Clock { return &Clock{now: start.UTC()} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on, or back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
