//go:build !race

package flow_test

import "testing"

// A program asks for a token with each request that it sends. The race detector has
// allocations of its own.
func TestTokenAllocations(t *testing.T) {
	source := validSource(t)
	if got := testing.AllocsPerRun(1000, func() { source.Token() }); got > 1 {
		t.Errorf("Token makes %v allocations, want the token alone", got)
	}
}
