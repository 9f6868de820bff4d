package cognitotest

import (
	"sync"
	"time"
)

// Clock is a clock that stands still until a test moves the clock. Use one clock for all
// parts of a test: set Now of [PoolConfig], flow.Options, seal.Options,
// websession.Options and store.Memory to its method Now. Lifetimes, codes, lockouts and
// expiries then agree without a sleep. A store without the clock ends web sessions at
// the real time.
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

// Advance adds d to the time of the clock. A negative d moves the clock back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
