// Package enginetest opens the database of an engine. The packages below are tests on
// an engine, and programs that such tests start. They are a module of their own, since
// the drivers must not become requirements of the root module. Package engines of the
// root module starts the engines and these programs.
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

// Dialect is that of the engine which package engines has started, "" if there is none.
func Dialect() sqlstore.Dialect {
	e, _ := engines.Given()
	return sqlstore.Dialect(e.Name)
}

// Open opens the database of that engine.
func Open() (*sql.DB, error) {
	e, err := engines.Given()
	if err != nil {
		return nil, err
	}
	name, ok := drivers[Dialect()]
	if !ok {
		return nil, fmt.Errorf("the engine is %q, which has no driver here", e.Name)
	}
	return sql.Open(name, e.DataSource)
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
