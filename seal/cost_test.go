//go:build !race

package seal_test

import (
	"math"
	"runtime"
	"testing"
)

// Every page of a sign-in seals a prompt, and every answer opens one. A new compressor for
// each prompt would take 800 kB. The race detector allocates too, so the test does not run
// with it.
func TestPromptAllocations(t *testing.T) {
	for name, test := range map[string]struct {
		f    func()
		most uint64 // bytes
	}{
		"seal": {sealsPrompt(t), 10_000},
		"open": {opensPrompt(t), 8_000},
	} {
		const times = 200
		least := uint64(math.MaxUint64)
		for range 5 { // a collection of garbage may empty the pools
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range times {
				test.f()
			}
			runtime.ReadMemStats(&after)
			least = min(least, (after.TotalAlloc-before.TotalAlloc)/times)
		}
		if least > test.most {
			t.Errorf("to %s a prompt takes %d bytes, want %d at most", name, least, test.most)
		}
	}
}
