package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

var engineTests = engines.NewTests("internal/enginetest/records")

func TestMain(m *testing.M) { engineTests.Main(m) }

func TestSQLite(t *testing.T) {
	t.Parallel() // each engine has separate processes
	engineTests.Run(t, engines.SQLite(t), goldenRows(t, sqlstore.SQLite))
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	e := engines.Postgres(t)
	engineTests.Run(t, e, goldenRows(t, sqlstore.PostgreSQL))
	// The engine then undoes statements that meet each other, and the store retries.
	// TestExpiry has its own clock, so nothing waits for a record to expire again.
	e.DataSource += " default_transaction_isolation=serializable"
	engineTests.Run(t, e, "-test.run=TestStore|TestExpiry|AtOnce", "-test.skip=TestStore/expiry$")
}

func TestMySQL(t *testing.T) {
	t.Parallel()
	e := engines.MySQL(t)
	engineTests.Run(t, e, goldenRows(t, sqlstore.MySQL))
	// With this setting the driver counts found rows, and not changed rows.
	e.DataSource += "?clientFoundRows=true"
	engineTests.Run(t, e, "-test.run=TestStore|TestCreate|TestExpiry", "-test.skip=TestStore/expiry$")
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

// The tests on engines run the statements of Schema. A reader of the documentation runs the
// statements of doc.go.
func TestSchemaIsDocumented(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documentation := strings.ReplaceAll(string(source), "\n//\t", "\n")
	for _, dialect := range []sqlstore.Dialect{sqlstore.PostgreSQL, sqlstore.MySQL, sqlstore.SQLite} {
		if want := "-- " + string(dialect) + "\n" + newStore(t, dialect).Schema() + "\n"; !strings.Contains(documentation, want) {
			t.Errorf("doc.go does not have\n%s", want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	db := sql.OpenDB(noDatabase{})
	table := func(name string) func(*sqlstore.Options) {
		return func(o *sqlstore.Options) { o.Table = name }
	}
	for name, tt := range map[string]struct {
		db      *sql.DB
		dialect sqlstore.Dialect
		table   string
	}{
		"no database":          {nil, sqlstore.SQLite, ""},
		"no dialect":           {db, "", ""},
		"unknown dialect":      {db, "Oracle", ""},
		"quote in table":       {db, sqlstore.SQLite, `records"`},
		"statement in table":   {db, sqlstore.SQLite, "records; DROP TABLE users"},
		"parameter in table":   {db, sqlstore.PostgreSQL, "records?"},
		"line end after table": {db, sqlstore.SQLite, "records\n"},
		"digit before table":   {db, sqlstore.SQLite, "1records"},
		"letter é in table":    {db, sqlstore.SQLite, "enregistrés"},
		"two schemas":          {db, sqlstore.PostgreSQL, "a.b.records"},
		"64 bytes of table":    {db, sqlstore.PostgreSQL, strings.Repeat("r", 64)},
	} {
		if s, err := sqlstore.New(tt.db, tt.dialect, table(tt.table)); err == nil || s != nil {
			t.Errorf("%s: New returned %v, %v, want an error", name, s, err)
		}
	}
	for _, name := range []string{"", "r", "Records_2", "app.records", strings.Repeat("r", 63)} {
		if _, err := sqlstore.New(db, sqlstore.PostgreSQL, table(name)); err != nil {
			t.Errorf("table %q: %v", name, err)
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
