package device_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// engineTests keep devices in a database, over seal.Sealer.DeviceStore and
// store/sqlstore.
var engineTests = engines.NewTests("internal/enginetest/devices")

func TestPostgres(t *testing.T) { engineTests.Run(t, engines.Postgres(t)) }
func TestMySQL(t *testing.T)    { engineTests.Run(t, engines.MySQL(t)) }
func TestSQLite(t *testing.T)   { engineTests.Run(t, engines.SQLite(t)) }
