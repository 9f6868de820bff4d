// Package enginetest opens the database of an engine. The packages below are tests on an engine,
// and programs that such tests start. All of them are in a separate module, because the root
// module must not require the database drivers. Package engines of the root module starts the
// engines, the tests and the programs.
package enginetest

import (
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

var drivers = map[sqlstore.Dialect]string{sqlstore.PostgreSQL: "pgx", sqlstore.MySQL: "mysql", sqlstore.SQLite: "sqlite"}

// Dialect returns the dialect of the engine in the environment, "" if there is none.
func Dialect() sqlstore.Dialect {
	e, _ := engines.Given()
	return sqlstore.Dialect(e.Name)
}

// Open opens the database of the engine in the environment. Without an engine, the error is that
// of engines.Given.
func Open() (*sql.DB, error) {
	e, err := engines.Given()
	if err != nil {
		return nil, err
	}
	name, ok := drivers[Dialect()]
	if !ok {
		return nil, fmt.Errorf("the engine is %q, and package enginetest has no driver for it", e.Name)
	}
	return sql.Open(name, e.DataSource)
}

// Table is a store over a table of a database.
type Table interface{ Schema() string }

// NewTable opens the database, returns the store that newStore makes over it, and creates the
// table of the store. The database is closed at the end of the test.
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
	for range 2 { // the statement does nothing if the table exists
		if _, err := db.ExecContext(t.Context(), store.Schema()); err != nil {
			t.Fatal(err)
		}
	}
	return store, db
}
