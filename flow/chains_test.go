package flow_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/chains"
)

// leastChains is a lower bound of the number of chains, so that a mistake in package chains
// does not shrink the test.
const leastChains = 240

// TestChains runs each chain in two modes: with a handler, and step by step. Step by step, a
// new driver reads each stored prompt. The app clients have a secret or none, and the users
// give their name or an alias. The pools have the default or the hostile dialect.
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
			t.Errorf("package chains lists the chain %q twice", text)
		}
		seen[text] = true
		t.Run(text+" -> tokens", func(t *testing.T) {
			t.Parallel()
			// The two modes take turns with the two kinds of client.
			oneCall, steps := "public", "secret"
			if i%2 == 1 {
				oneCall, steps = steps, oneCall
			}
			for n, dialect := range []cognitotest.Dialect{{}, cognitotest.Hostile()} {
				if both || i%4 == n {
					runChain(t, text, dialect, oneCall, username, (*chainRun).byHandler)
				}
				if both || i%4 == 2+n {
					runChain(t, text, dialect, steps, email, (*chainRun).stepByStep)
				}
			}
		})
	}
	t.Logf("%d chains, each in both modes under both dialects: %v", len(seen), both)
}
