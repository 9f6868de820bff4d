package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

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

// state is an error in the form of the drivers of PostgreSQL.
type state string

func (s state) Error() string    { return "ERROR" }
func (s state) SQLState() string { return string(s) }

// A statement that the engine has undone is tried again. A statement without a reply is not:
// if the first one has happened, the second one would find a conflict.
func TestUndoneStatements(t *testing.T) {
	deadlock := errors.New("Error 1213 (40001): Deadlock found when trying to get lock; try restarting transaction")
	lost := errors.New("Error 2013 (HY000): Lost connection to MySQL server during query")
	for name, tt := range map[string]struct {
		answers []error
		calls   int // 0: several, but a limited number
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
		s, err := sqlstore.New(sql.OpenDB(script), sqlstore.MySQL)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), store.Name("test"), "version"); !errors.Is(err, tt.want) {
			t.Errorf("%s: Delete returned %v, want error %v", name, err, tt.want)
		}
		if tt.calls != 0 && script.calls != tt.calls {
			t.Errorf("%s: %d statements, want %d", name, script.calls, tt.calls)
		}
	}
}
