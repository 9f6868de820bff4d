//go:build !unix

package engines

import "testing"

// Postgres skips the test.
func Postgres(t testing.TB) Engine { return noServer(t) }

// MySQL skips the test.
func MySQL(t testing.TB) Engine { return noServer(t) }

// Redis skips the test.
func Redis(t testing.TB) Engine { return noServer(t) }

// RedisNodes skips the test.
func RedisNodes(t testing.TB, _ int) []string {
	noServer(t)
	return nil
}

func noServer(t testing.TB) Engine {
	t.Helper()
	t.Skip("the tests start servers on Unix only")
	return Engine{}
}
