package sqlstore_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/engines"
)

var engineTests = engines.NewTests("devices")

func TestMain(m *testing.M) { engineTests.Main(m) }

func TestPostgres(t *testing.T) { engineTests.Run(t, engines.Postgres(t)) }
func TestMySQL(t *testing.T)    { engineTests.Run(t, engines.MySQL(t)) }
func TestSQLite(t *testing.T)   { engineTests.Run(t, engines.SQLite(t)) }
