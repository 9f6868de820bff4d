package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

var engineTests = engines.NewTests("records")

func TestMain(m *testing.M) { engineTests.Main(m) }

func TestSQLite(t *testing.T) { engineTests.Run(t, engines.SQLite(t)) }

func TestPostgres(t *testing.T) {
	e := engines.Postgres(t)
	engineTests.Run(t, e)
	// The engine then undoes statements that meet each other, and the store retries.
	e.DataSource += " default_transaction_isolation=serializable"
	engineTests.Run(t, e, "-test.run=TestStore|AtOnce")
}

func TestMySQL(t *testing.T) {
	e := engines.MySQL(t)
	engineTests.Run(t, e)
	// The driver then counts the rows that a statement finds, and not those it changes.
	e.DataSource += "?clientFoundRows=true"
	engineTests.Run(t, e, "-test.run=TestStore|TestCreate|TestExpiry")
}

var errDown = errors.New("down")

// noDatabase is a driver whose database is down.
type noDatabase struct{}

func (noDatabase) Connect(context.Context) (driver.Conn, error) { return nil, errDown }
func (noDatabase) Driver() driver.Driver                        { return nil }

func newStore(t *testing.T, dialect sqlstore.Dialect) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.New(sql.OpenDB(noDatabase{}), dialect)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaIsDocumented(t *testing.T) {
	engines.TestSchemaIsDocumented(t, func(d sqlstore.Dialect) string { return newStore(t, d).Schema() })
}

func TestNewRefuses(t *testing.T) {
	db := sql.OpenDB(noDatabase{})
	for name, tt := range map[string]struct {
		db      *sql.DB
		dialect sqlstore.Dialect
		table   string
	}{
		"no database":        {nil, sqlstore.SQLite, ""},
		"unknown dialect":    {db, "Oracle", ""},
		"statement in table": {db, sqlstore.SQLite, "records; DROP TABLE users"},
	} {
		s, err := sqlstore.New(tt.db, tt.dialect, func(o *sqlstore.Options) { o.Table = tt.table })
		if err == nil || s != nil {
			t.Errorf("%s: New returned %v, %v, want an error", name, s, err)
		}
	}
}

// A database that is down is neither a missing record nor a conflict.
func TestDatabaseDown(t *testing.T) {
	for _, dialect := range []sqlstore.Dialect{sqlstore.PostgreSQL, sqlstore.MySQL, sqlstore.SQLite} {
		s, name := newStore(t, dialect), store.Name("test")
		_, getErr := s.Get(t.Context(), name)
		_, createErr := s.Put(t.Context(), name, []byte("x"), "", time.Time{})
		_, replaceErr := s.Put(t.Context(), name, []byte("x"), "version", time.Time{})
		_, expiredErr := s.DeleteExpired(t.Context())
		for what, err := range map[string]error{
			"Get": getErr, "Put of a new record": createErr, "Put": replaceErr, "DeleteExpired": expiredErr,
			"Delete": s.Delete(t.Context(), name, "version"), "Delete of any version": s.Delete(t.Context(), name, ""),
		} {
			if !errors.Is(err, errDown) {
				t.Errorf("%s: %s returned %v, want the error of the driver", dialect, what, err)
			}
		}
	}
}
