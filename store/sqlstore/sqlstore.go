package sqlstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"regexp"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
)

// Store is a [store.Store] over a table. A Store is safe for concurrent use, also by
// several processes.
//
// An error names the operation and the table, and wraps the error of the driver. Errors
// have no data of records. When ctx ends, the operation returns an error. The engine may
// still run the statement.
//
// An engine can undo a statement because of a deadlock or a conflict of transactions. The
// Store then tries again, up to 20 tries in all, with random pauses of up to 32 ms.
type Store struct {
	db         *sql.DB
	dialect    Dialect
	table      string
	now        func() time.Time
	statements statements
}

var _ store.Store = (*Store)(nil)

// Options are the settings of [New].
type Options struct {
	// Table is the name of the table: letters, digits and underscores. The name of a
	// schema and a dot can be in front. "": cognitoflow_records.
	Table string

	// Now is the clock for expiry. Nil: time.Now.
	Now func() time.Time
}

// tableName matches names that every engine accepts without quotes.
var tableName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// New returns a Store over a table of db. Create the table before the first operation, with
// [Store.Schema]. New fails if db is nil, or if the dialect or the name of the table is not
// valid. New does not use the database.
func New(db *sql.DB, dialect Dialect, optFns ...func(*Options)) (*Store, error) {
	var options Options
	for _, fn := range optFns {
		fn(&options)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	table := cmp.Or(options.Table, "cognitoflow_records")
	_, known := dialects[dialect]
	switch {
	case db == nil:
		return nil, errors.New("sqlstore: the database is nil: give the *sql.DB of sql.Open")
	case !tableName.MatchString(table):
		return nil, fmt.Errorf("sqlstore: %.64q is not the name of a table: want letters, digits and underscores", table)
	case !known:
		return nil, fmt.Errorf("sqlstore: unknown dialect %q: give PostgreSQL, MySQL or SQLite", string(dialect))
	}
	return &Store{db, dialect, table, options.Now, dialect.statements(table)}, nil
}

// Schema returns the statement that creates the table. If the table exists, the statement
// does nothing.
func (s *Store) Schema() string { return s.dialect.schema(s.table) }

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, name string) (store.Record, error) {
	if err := s.checkName("get", name); err != nil {
		return store.Record{}, err
	}
	var r store.Record
	err := again(ctx, func() error {
		return s.db.QueryRowContext(ctx, s.statements.get, name, s.seconds()).Scan(&r.Data, &r.Version)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return store.Record{}, store.ErrNotFound
	case err != nil:
		return store.Record{}, s.describe("get", err)
	}
	return r, nil
}

// Put implements [store.Store]. Put rounds expires up to a full second.
func (s *Store) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	const operation = "put"
	if err := s.checkName(operation, name); err != nil {
		return "", err
	}
	if err := store.CheckData(data); err != nil {
		return "", s.describe(operation, err)
	}
	next, until, now := rand.Text(), roundUp(expires), s.seconds()
	statement, args := s.statements.update, []any{data, next, until, name, version, now}
	if version == "" {
		statement, args = s.statements.insert, []any{name, data, next, until}
		if s.statements.forget == "" {
			args = append(args, now)
		} else if _, err := s.exec(ctx, operation, s.statements.forget, name, now); err != nil {
			return "", err
		}
	}
	if err := s.change(ctx, operation, statement, args...); err != nil {
		return "", err
	}
	return next, nil
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, name, version string) error {
	const operation = "delete"
	if err := s.checkName(operation, name); err != nil {
		return err
	}
	if version == "" {
		_, err := s.exec(ctx, operation, s.statements.removeAnyway, name)
		return err
	}
	return s.change(ctx, operation, s.statements.remove, name, version, s.seconds())
}

// change runs a conditional statement. change returns store.ErrConflict if no row has
// changed.
func (s *Store) change(ctx context.Context, operation, statement string, args ...any) error {
	rows, err := s.exec(ctx, operation, statement, args...)
	if err == nil && rows == 0 {
		return store.ErrConflict
	}
	return err
}

// DeleteExpired deletes all expired records and returns their number. MySQL finds the
// records by an index. The other engines read the whole table, because an index would slow
// down each write. The error wraps the error of the driver.
func (s *Store) DeleteExpired(ctx context.Context) (int64, error) {
	return s.exec(ctx, "delete expired records", s.statements.deleteExpired, s.seconds())
}

func (s *Store) checkName(operation, name string) error {
	return s.describe(operation, store.CheckName(name))
}

// exec runs a statement and returns the number of changed rows.
func (s *Store) exec(ctx context.Context, operation, statement string, args ...any) (int64, error) {
	var result sql.Result
	err := again(ctx, func() (err error) {
		result, err = s.db.ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		return 0, s.describe(operation, err)
	}
	rows, err := result.RowsAffected()
	return rows, s.describe(operation, err)
}

// describe adds the operation and the table to an error. describe(nil) is nil.
func (s *Store) describe(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlstore: %s in table %s: %w", operation, s.table, err)
}

// seconds returns the present time in seconds since 1970.
func (s *Store) seconds() int64 { return s.now().Unix() }

// roundUp returns an expiry in seconds, rounded up so that no record expires too early.
func roundUp(expires time.Time) int64 {
	if expires.IsZero() {
		return math.MaxInt64
	}
	return expires.Add(time.Second - 1).Unix()
}
