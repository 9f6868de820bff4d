//go:build !race

package websession_test

import (
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
)

// What a call of Tokens costs beside the store is a matter of benchmarks. This catches
// what would make it dear: to decrypt and decode takes some 40 allocations. The race
// detector has allocations of its own.
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
