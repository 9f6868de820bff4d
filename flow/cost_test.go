//go:build !race

package flow_test

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"
)

// A program asks for a token with each request that it sends. The race detector has
// allocations of its own.
func TestTokenAllocations(t *testing.T) {
	source := validSource(t)
	if got := testing.AllocsPerRun(1000, func() { source.Token() }); got > 1 {
		t.Errorf("Token makes %v allocations, want the token alone", got)
	}
}

// Sign-ins spend nearly all of their time waiting for the service. A goroutine keeps its
// stack as large as it was once needed.
func TestStackInFlight(t *testing.T) {
	const most = 9_000 // bytes
	for _, at := range []string{"start", "proof"} {
		least := uint64(math.MaxUint64)
		for range 3 { // the runtime has stacks of its own
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

// stackInFlight returns the stack of a sign-in in bytes.
func stackInFlight(t *testing.T, at string) uint64 {
	const users = 200
	var arrived, done sync.WaitGroup
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
	for n := range users {
		done.Go(func() {
			if _, err := d.SignIn(t.Context(), srpAuth(fmt.Sprint("user-", n)), nil); err != nil {
				t.Error(err)
			}
		})
	}
	arrived.Wait()
	runtime.ReadMemStats(&after)
	close(hold)
	done.Wait()
	return (max(after.StackInuse, before.StackInuse) - before.StackInuse) / users
}
