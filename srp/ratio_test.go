//go:build !race

package srp_test

import (
	"testing"
	"time"
)

// The best of a few runs on each side stays put however busy the machine is,
// and there is room: see the package doc for the ratio. The race detector
// slows down Go code only, and so this package but not math/big.
func TestHandshakeRatio(t *testing.T) {
	const want, rounds = 0.35, 30
	ours, reference := handshake(t)
	best := [2]time.Duration{time.Hour, time.Hour}
	for range rounds {
		for i, f := range []func(){ours, reference} {
			start := time.Now()
			f()
			best[i] = min(best[i], time.Since(start))
		}
		if best[0].Seconds() <= want*best[1].Seconds() {
			return
		}
	}
	t.Errorf("a handshake takes %v, with math/big %v: more than %v of it", best[0], best[1], want)
}
