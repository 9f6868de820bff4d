//go:build !unix

package engines

import "testing"

// Postgres skips the test.
func Postgres(t *testing.T) Engine { return noServer(t) }

// MySQL skips the test.
func MySQL(t *testing.T) Engine { return noServer(t) }

func noServer(t *testing.T) Engine {
	t.Helper()
	t.Skip("the tests start database servers on Unix alone")
	return Engine{}
}
