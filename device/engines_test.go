package device_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// engineTests keep devices in a database, over seal.Sealer.DeviceStore and
// store/sqlstore.
var engineTests = engines.NewTests("internal/enginetest/devices")

func TestPostgres(t *testing.T) { runOn(t, engines.Postgres) }
func TestMySQL(t *testing.T)    { runOn(t, engines.MySQL) }
func TestSQLite(t *testing.T)   { runOn(t, engines.SQLite) }

// runOn does not wait for other engines, as each is a process of its own.
func runOn(t *testing.T, start func(testing.TB) engines.Engine) {
	t.Parallel()
	engineTests.Run(t, start(t))
}
