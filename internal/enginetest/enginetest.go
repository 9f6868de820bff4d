// Package enginetest opens the database of an engine. The packages below are tests on
// an engine, and programs that such tests start. They are a module of their own, since
// the drivers must not become requirements of the root module. Package engines of the
// root module starts the engines and these programs.
package enginetest

import (
	"database/sql"
	"fmt"
	"os"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

var drivers = map[sqlstore.Dialect]string{sqlstore.PostgreSQL: "pgx", sqlstore.MySQL: "mysql", sqlstore.SQLite: "sqlite"}

// Dialect is that of the engine which package engines has started.
func Dialect() sqlstore.Dialect { return sqlstore.Dialect(os.Getenv("SQLSTORE_DIALECT")) }

// Open opens the database of that engine.
func Open() (*sql.DB, error) {
	name, ok := drivers[Dialect()]
	if !ok {
		return nil, fmt.Errorf("SQLSTORE_DIALECT is %q; run the tests of the root module, which start the engines", Dialect())
	}
	return sql.Open(name, os.Getenv("SQLSTORE_DSN"))
}

// Table is a store that a test makes over a table.
type Table interface{ Schema() string }

// NewTable returns what newStore makes of a database, and creates its table.
func NewTable[S Table](t testing.TB, newStore func(*sql.DB) (S, error)) (S, *sql.DB) {
	t.Helper()
	db, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store, err := newStore(db)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time does nothing
		if _, err := db.ExecContext(t.Context(), store.Schema()); err != nil {
			t.Fatal(err)
		}
	}
	return store, db
}
