//go:build !race

package websession_test

import (
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
)

// A call of Tokens for a record in memory does not decrypt or decode, which takes some 40
// allocations. The race detector allocates too, so the test does not run with it.
func TestTokensAllocations(t *testing.T) {
	const most = 12
	s := newService(t, 0, nil, "ada")
	tokens := *s.signIn(t, "ada", nil)
	tokens.Expiry = time.Now().Add(time.Hour)
	i := newInstance(t, s, new(store.Memory))
	id := i.create(&tokens)
	if got := testing.AllocsPerRun(1000, func() { i.tokens(id) }); got > most {
		t.Errorf("a call of Tokens makes %v allocations, want %d at most", got, most)
	}
}
