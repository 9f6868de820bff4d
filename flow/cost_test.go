//go:build !race

package flow_test

import (
	"math"
	"runtime"
	"sync"
	"testing"
)

// A program asks for a token with each request. The race detector adds allocations.
func TestTokenAllocations(t *testing.T) {
	source := validSource(t)
	if got := testing.AllocsPerRun(1000, func() { source.Token() }); got > 1 {
		t.Errorf("Token makes %v allocations, want the token alone", got)
	}
}

// A sign-in waits for the service nearly all of its time. Meanwhile the goroutine has the
// largest stack that the sign-in has needed.
func TestStackInFlight(t *testing.T) {
	const most = 9_000 // bytes
	for _, at := range []string{"start", "proof"} {
		least := uint64(math.MaxUint64)
		for range 3 { // the runtime grows stacks too
			if least = min(least, stackInFlight(t, at)); least <= most {
				break
			}
		}
		t.Logf("%d bytes of stack while the service has the %s", least, at)
		if least > most {
			t.Errorf("a sign-in takes %d bytes of stack while the service has the %s, want %d at most", least, at, most)
		}
	}
}

// stackInFlight returns the bytes of stack of a sign-in while the service has its start or
// its proof.
func stackInFlight(t *testing.T, at string) uint64 {
	const users = 200
	var arrived sync.WaitGroup
	hold := make(chan struct{})
	s := &srpService{start: func(string) { arrived.Done(); <-hold }, answer: func(string) {}}
	if at == "proof" {
		s.start, s.answer = s.answer, s.start
	}
	d := s.driver(t, handshakes(-1))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	arrived.Add(users)
	wait := signInAll(t, d, users)
	arrived.Wait()
	runtime.ReadMemStats(&after)
	close(hold)
	wait()
	return (max(after.StackInuse, before.StackInuse) - before.StackInuse) / users
}
