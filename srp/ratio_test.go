//go:build !race

package srp_test

import (
	"testing"
	"time"
)

// The benchmarks compare a handshake with math/big, and the package doc has the result.
// TestHandshakeRatio fails only if the advantage is lost. The bound is loose, and one
// good run of both is enough to stay below the bound. The race detector slows down Go
// code and not the assembly in math/big, hence the build constraint.
func TestHandshakeRatio(t *testing.T) {
	const want, rounds = 0.6, 30
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
