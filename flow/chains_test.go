package flow_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/chains"
)

// leastChains keeps a mistake in the tables above from shrinking the test.
const leastChains = 240

// TestChains runs every chain with callbacks and step by step, where each step
// is taken by a driver of its own that knows nothing but the stored prompt; for
// app clients with and without a secret, by name and by alias; at the default
// pool and at the hostile one.
func TestChains(t *testing.T) {
	t.Parallel()
	all := chains.All()
	if len(all) < leastChains {
		t.Errorf("%d chains, want %d", len(all), leastChains)
	}
	both := byname.Asked(t)
	seen := make(map[string]bool)
	for i, text := range all {
		if seen[text] {
			t.Errorf("chain %q is there twice", text)
		}
		seen[text] = true
		t.Run(text+" -> tokens", func(t *testing.T) {
			t.Parallel()
			// Each mode gets each kind of client, in turn.
			callbacks, steps := "public", "secret"
			if i%2 == 1 {
				callbacks, steps = steps, callbacks
			}
			for n, dialect := range []cognitotest.Dialect{{}, cognitotest.Hostile()} {
				if both || i%4 == n {
					runChain(t, text, dialect, callbacks, username, (*chainRun).callbacks)
				}
				if both || i%4 == 2+n {
					runChain(t, text, dialect, steps, email, (*chainRun).stepByStep)
				}
			}
		})
	}
	t.Logf("%d chains, each in both modes under both dialects: %v", len(seen), both)
}
