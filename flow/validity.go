package flow

import (
	"math/rand/v2"
	"time"
)

// validity is the time in which a source hands out tokens.
type validity struct {
	adopted time.Time     // by Options.Now, without a reading of the monotonic clock
	since   time.Time     // the same moment, for that reading
	machine bool          // Options.Now is time.Now. The reading of another clock may be false
	due     time.Duration // after adopted, with its jitter
	over    time.Duration
}

const (
	longestMargin = 5 * time.Minute

	// A token needs time to reach the server that checks its expiry.
	transit = 5 * time.Second

	// Smaller steps back are corrections of a clock.
	clockSteps = time.Minute
)

// adopt makes t the tokens in use. The caller has the lock.
func (s *TokenSource) adopt(t *Tokens) {
	now := s.driver.options.Now()
	s.tokens = t.clone()
	left := max(t.Expiry.Sub(now), 0)
	if t.Expiry.IsZero() {
		left = shortestLifetime // the tokens do not tell
	}
	lifetime := t.lifetime()
	if lifetime <= 0 {
		lifetime = min(left, longestLifetime) // of a token that cannot be read
	}
	left = min(left, lifetime) // the clock may have been set back since the expiry was noted
	margin := s.options.Margin
	if margin <= 0 {
		margin = min(lifetime/6, longestMargin)
	}
	// With its jitter, the margin leaves a third of the lifetime.
	margin = max(min(margin, lifetime/3), 0)
	s.validity = validity{
		adopted: wall(now),
		since:   time.Now(),
		machine: s.driver.machineClock,
		due:     left - margin - random(margin),
		over:    left - max(min(transit, lifetime/60), 0),
	}
}

func (v *validity) isOver(now time.Time) bool { return v.passed(now) >= v.over }

// isDue is true also if the clock was set back, because Tokens.Expiry is a time of the clock
// before.
func (v *validity) isDue(now time.Time) bool {
	return v.passed(now) >= v.due || v.isSetBack(now)
}

func (v *validity) isSetBack(now time.Time) bool {
	return wall(now).Add(clockSteps).Before(v.adopted)
}

// fresh is the time in which tokens are neither due nor over. A comparison with fresh is faster
// than one with validity.
type fresh struct {
	from, until time.Time // by Options.Now, without a reading of the monotonic clock
	end         time.Time // by the monotonic clock
	machine     bool      // Options.Now is time.Now
}

func (v *validity) fresh() fresh {
	length := min(v.due, v.over)
	return fresh{v.adopted.Add(-clockSteps), v.adopted.Add(length), v.since.Add(length), v.machine}
}

func (f *fresh) has(now time.Time) bool {
	monotonic := now
	if !f.machine {
		monotonic = time.Now()
	}
	now = wall(now)
	return monotonic.Before(f.end) && now.Before(f.until) && !now.Before(f.from)
}

// passed returns the longer time of the wall clock and the monotonic clock. Somebody may set
// the wall clock back, and the monotonic clock stands still while a machine sleeps.
func (v *validity) passed(now time.Time) time.Duration {
	monotonic := now.Sub(v.since)
	if !v.machine {
		monotonic = time.Since(v.since)
	}
	return max(wall(now).Sub(v.adopted), monotonic)
}

// wall strips the reading of the monotonic clock.
func wall(t time.Time) time.Time { return t.Round(0) }

// backoff is a pause after failures.
type backoff struct {
	failures int // in a row
	until    time.Time
	err      error // the last one
}

// isOver is true also if the rest of the pause is longer than any pause. The clock was set
// back then.
func (b *backoff) isOver(now time.Time, o *SourceOptions) bool {
	return !now.Before(b.until) || wall(b.until).Sub(wall(now)) > max(o.MinBackoff, o.MaxBackoff)
}

func (b *backoff) note(err error, now time.Time, o *SourceOptions) {
	if err == nil {
		*b = backoff{}
		return
	}
	pause := min(o.MinBackoff, o.MaxBackoff)
	for range b.failures {
		if pause >= o.MaxBackoff/2 {
			pause = o.MaxBackoff
			break
		}
		pause *= 2
	}
	*b = backoff{b.failures + 1, now.Add(pause - random(pause/2)), err}
}

// random returns a duration from 0 up to, but not including, limit.
func random(limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	return rand.N(limit)
}
