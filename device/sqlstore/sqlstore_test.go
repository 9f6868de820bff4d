package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device/sqlstore"
	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// noDatabase is a driver whose database is down.
type noDatabase struct{}

func (noDatabase) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("down") }
func (noDatabase) Driver() driver.Driver                        { return nil }

// scripted is a driver with one answer for each statement in turn: the error, or one
// changed row. The last answer is repeated.
type scripted struct {
	answers []error
	calls   int
}

func (s *scripted) Connect(context.Context) (driver.Conn, error) { return conn{s}, nil }
func (s *scripted) Driver() driver.Driver                        { return nil }

type conn struct{ *scripted }

func (c conn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	answer := c.answers[min(c.calls, len(c.answers)-1)]
	c.calls++
	return driver.RowsAffected(1), answer
}

func (conn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not used") }
func (conn) Begin() (driver.Tx, error)           { return nil, errors.New("not used") }
func (conn) Close() error                        { return nil }

// state is an error as the drivers of PostgreSQL have.
type state string

func (s state) Error() string    { return "ERROR" }
func (s state) SQLState() string { return string(s) }

// What an engine has undone is tried again. What may have been done is not: a
// second Swap would find the new record and return false.
func TestUndoneStatements(t *testing.T) {
	deadlock := errors.New("Error 1213 (40001): Deadlock found when trying to get lock; try restarting transaction")
	lost := errors.New("Error 2013 (HY000): Lost connection to MySQL server during query")
	for name, tt := range map[string]struct {
		answers []error
		calls   int // 0: some, but not for ever
		want    error
	}{
		"no fault":              {[]error{nil}, 1, nil},
		"MySQL, deadlock":       {[]error{deadlock, deadlock, nil}, 3, nil},
		"MySQL, lost":           {[]error{lost, nil}, 1, lost},
		"PostgreSQL, deadlock":  {[]error{state("40P01"), nil}, 2, nil},
		"PostgreSQL, conflict":  {[]error{state("40001"), nil}, 2, nil},
		"PostgreSQL, lost":      {[]error{state("08006"), nil}, 1, state("08006")},
		"a deadlock every time": {[]error{deadlock}, 0, deadlock},
	} {
		script := &scripted{answers: tt.answers}
		store, err := sqlstore.New(sql.OpenDB(script), sqlstore.MySQL)
		if err != nil {
			t.Fatal(err)
		}
		swapped, err := store.Swap(t.Context(), "user", []byte("old"), []byte("new"))
		if !errors.Is(err, tt.want) || swapped != (tt.want == nil) {
			t.Errorf("%s: Swap returned %v, %v, want error %v", name, swapped, err, tt.want)
		}
		if tt.calls != 0 && script.calls != tt.calls {
			t.Errorf("%s: %d statements, want %d", name, script.calls, tt.calls)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	db := sql.OpenDB(noDatabase{})
	table := func(name string) func(*sqlstore.Options) {
		return func(o *sqlstore.Options) { o.Table = name }
	}
	lifetime := func(d time.Duration) func(*sqlstore.Options) {
		return func(o *sqlstore.Options) { o.Lifetime = d }
	}
	tests := map[string]struct {
		db      *sql.DB
		dialect sqlstore.Dialect
		option  func(*sqlstore.Options)
	}{
		"no database":          {nil, sqlstore.SQLite, table("")},
		"no dialect":           {db, "", table("")},
		"unknown dialect":      {db, "Oracle", table("")},
		"quote in table":       {db, sqlstore.SQLite, table(`devices"`)},
		"statement in table":   {db, sqlstore.SQLite, table("devices; DROP TABLE users")},
		"parameter in table":   {db, sqlstore.PostgreSQL, table("devices?")},
		"line end after table": {db, sqlstore.SQLite, table("devices\n")},
		"digit before table":   {db, sqlstore.SQLite, table("1devices")},
		"letter é in table":    {db, sqlstore.SQLite, table("appareils_mémorisés")},
		"two schemas":          {db, sqlstore.PostgreSQL, table("a.b.devices")},
		"64 bytes of table":    {db, sqlstore.PostgreSQL, table(strings.Repeat("d", 64))},
		"negative lifetime":    {db, sqlstore.SQLite, lifetime(-time.Hour)},
		"lifetime of 1 ms":     {db, sqlstore.SQLite, lifetime(time.Millisecond)},
	}
	for name, tt := range tests {
		if store, err := sqlstore.New(tt.db, tt.dialect, tt.option); err == nil || store != nil {
			t.Errorf("%s: New returned %v, %v, want an error", name, store, err)
		}
	}
	for _, name := range []string{"", "d", "Devices_2", "app.devices", strings.Repeat("d", 63)} {
		if _, err := sqlstore.New(db, sqlstore.PostgreSQL, table(name)); err != nil {
			t.Errorf("table %q: %v", name, err)
		}
	}
}

func TestSchemaIsDocumented(t *testing.T) {
	engines.TestSchemaIsDocumented(t, func(d sqlstore.Dialect) string {
		store, err := sqlstore.New(sql.OpenDB(noDatabase{}), d)
		if err != nil {
			t.Fatal(err)
		}
		return store.Schema()
	})
}
