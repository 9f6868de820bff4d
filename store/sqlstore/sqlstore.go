package sqlstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/sqltable"
	"github.com/cognitoflow/cognitoflow/store"
)

// Dialect is the SQL of an engine: [PostgreSQL], [MySQL] or [SQLite].
type Dialect = sqltable.Dialect

// The tests of this package run on PostgreSQL, on SQLite and, for MySQL, on MariaDB.
const (
	PostgreSQL = sqltable.PostgreSQL
	MySQL      = sqltable.MySQL
	SQLite     = sqltable.SQLite
)

// Store is a [store.Store] over a table. A Store is safe for concurrent use, also by
// several processes.
//
// An error names the operation and the table, and wraps the error of the driver. No
// error has data of records. When ctx ends, the operation returns an error. An engine
// that has the statement already can still run the statement.
//
// A statement that the engine undoes, because of a deadlock or a conflict of
// transactions, is tried again up to 20 times, after a random pause of up to 32 ms.
type Store struct {
	table      *sqltable.Table
	statements statements
}

var _ store.Store = (*Store)(nil)

// Options are the settings of [New].
type Options struct {
	// Table is the name of the table: letters, digits and underscores, perhaps
	// after the name of a schema and a dot. Empty: cognitoflow_records.
	Table string

	// Now is the clock that expiry is compared with. Nil: time.Now.
	Now func() time.Time
}

type statements struct {
	get          string // name, now
	update       string // data, new version, expires, name, version, now
	forget       string // name, now; MySQL alone, before insert
	insert       string // name, data, new version, expires; not MySQL: now
	remove       string // name, version, now
	removeAnyway string // name
}

// New returns a Store over a table of db. The table has to be there before the first
// operation. New fails if db is nil, or if the dialect or the name of the table is not
// as documented. New does not use the database.
func New(db *sql.DB, dialect Dialect, optFns ...func(*Options)) (*Store, error) {
	var options Options
	for _, fn := range optFns {
		fn(&options)
	}
	t, err := sqltable.New(db, dialect, cmp.Or(options.Table, "cognitoflow_records"), options.Now)
	if err != nil {
		return nil, err
	}
	const row = ` (name, data, version, expires) VALUES (?, ?, ?, ?)`
	return &Store{t, statements{
		get:    t.Statement(`SELECT data, version FROM {table} WHERE name = ? AND expires > ?`),
		update: t.Statement(`UPDATE {table} SET data = ?, version = ?, expires = ? WHERE name = ? AND version = ? AND expires > ?`),
		// ON DUPLICATE KEY UPDATE would be one statement in MySQL, too. Its number of rows
		// depends on a setting of the driver, and IGNORE's does not.
		forget: t.Choose(`DELETE FROM {table} WHERE name = ? AND expires <= ?`, ``),
		insert: t.Choose(`INSERT IGNORE INTO {table}`+row,
			`INSERT INTO {table} AS present`+row+` ON CONFLICT (name) DO UPDATE
	SET data = excluded.data, version = excluded.version, expires = excluded.expires WHERE present.expires <= ?`),
		remove:       t.Statement(`DELETE FROM {table} WHERE name = ? AND version = ? AND expires > ?`),
		removeAnyway: t.Statement(`DELETE FROM {table} WHERE name = ?`),
	}}, nil
}

// Schema returns the statement that creates the table. If the table is there, the
// statement does nothing.
func (s *Store) Schema() string {
	return s.table.Schema(sqltable.Column{Name: "name", Size: store.NameSize}, sqltable.Column{Name: "version", Size: store.MaxVersion})
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, name string) (store.Record, error) {
	if err := s.checkName("get", name); err != nil {
		return store.Record{}, err
	}
	var r store.Record
	err := s.table.Get(ctx, s.statements.get, []any{name, s.table.Now()}, &r.Data, &r.Version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return store.Record{}, store.ErrNotFound
	case err != nil:
		return store.Record{}, err
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
		return "", s.table.Describe(operation, err)
	}
	next, until, now := rand.Text(), seconds(expires), s.table.Now()
	statement, args := s.statements.update, []any{data, next, until, name, version, now}
	if version == "" {
		statement, args = s.statements.insert, []any{name, data, next, until}
		if s.statements.forget == "" {
			args = append(args, now)
		} else if _, err := s.table.Exec(ctx, operation, s.statements.forget, name, now); err != nil {
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
		_, err := s.table.Exec(ctx, operation, s.statements.removeAnyway, name)
		return err
	}
	return s.change(ctx, operation, s.statements.remove, name, version, s.table.Now())
}

// change runs a statement that changes one row, or none if its condition does not hold.
func (s *Store) change(ctx context.Context, operation, statement string, args ...any) error {
	rows, err := s.table.Exec(ctx, operation, statement, args...)
	if err == nil && rows == 0 {
		return store.ErrConflict
	}
	return err
}

// DeleteExpired deletes all expired records and returns how many these were. MySQL
// finds the records by the index of [Store.Schema]. The other engines read the table:
// there an index would make each write dearer. The errors are those of the database.
func (s *Store) DeleteExpired(ctx context.Context) (int64, error) { return s.table.DeleteExpired(ctx) }

func (s *Store) checkName(operation, name string) error {
	return s.table.Describe(operation, store.CheckName(name))
}

// seconds rounds up, so that no record is absent too early.
func seconds(expires time.Time) int64 {
	if expires.IsZero() {
		return math.MaxInt64
	}
	return expires.Add(time.Second - 1).Unix()
}
