package device_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// engineTests keep devices in a database, over seal.Sealer.DeviceStore and
// store/sqlstore.
var engineTests = engines.NewTests("internal/enginetest/devices")

func TestSQLite(t *testing.T)   { runOn(t, engines.SQLite) }
func TestPostgres(t *testing.T) { runOnServer(t, engines.Postgres) }
func TestMySQL(t *testing.T)    { runOnServer(t, engines.MySQL) }

// runOnServer leaves the server out where a test has to be quick. Package sqlstore tests
// its statements on each engine in any case.
func runOnServer(t *testing.T, start func(testing.TB) engines.Engine) {
	if byname.Quick(t) {
		t.Skip("a server takes seconds to start: go test ./device -run 'TestPostgres|TestMySQL'")
	}
	runOn(t, start)
}

// runOn does not wait for other engines, because each engine is a separate process.
func runOn(t *testing.T, start func(testing.TB) engines.Engine) {
	t.Parallel()
	engineTests.Run(t, start(t))
}
