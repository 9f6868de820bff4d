package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/sqltable"
)

// Store is a [device.Swapper] over a table. It is safe for concurrent use, also by
// several processes.
//
// A name has 1 to 1,024 bytes, and a record 1 to 16,384 bytes. Other ones are
// refused. An error names the operation and the table, and wraps the error of the
// driver. When ctx ends, the operation returns an error; an engine that has the
// statement already can still run the statement.
type Store struct {
	table      *sqltable.Table
	options    Options
	statements statements
}

var _ device.Swapper = (*Store)(nil)

// Options are the settings of [New].
type Options struct {
	// Table is the name of the table: letters, digits and underscores, perhaps
	// after the name of a schema and a dot. Empty: cognitoflow_devices.
	Table string

	// Lifetime is how long a record is kept after its last write, at least one
	// second. 0: 400 days.
	Lifetime time.Duration

	// Now is the clock that expiry is compared with. Nil: time.Now.
	Now func() time.Time
}

const (
	maxName   = 1024     // of device.Store
	maxRecord = 16 << 10 // more than any record of package device
)

// New returns a Store over a table of db. The table has to be there before the first
// operation. New fails if db is nil, or if the dialect or an option is not as
// documented. New does not use the database.
func New(db *sql.DB, dialect Dialect, optFns ...func(*Options)) (*Store, error) {
	s := new(Store)
	for _, fn := range optFns {
		fn(&s.options)
	}
	s.options.Table = cmp.Or(s.options.Table, "cognitoflow_devices")
	s.options.Lifetime = cmp.Or(s.options.Lifetime, 400*24*time.Hour)
	if s.options.Now == nil {
		s.options.Now = time.Now
	}
	if s.options.Lifetime < time.Second {
		return nil, fmt.Errorf("sqlstore: Lifetime is %v; want at least one second", s.options.Lifetime)
	}
	var err error
	if s.table, err = sqltable.New(db, dialect, s.options.Table, s.options.Now); err != nil {
		return nil, err
	}
	s.statements = statementsOf(s.table)
	return s, nil
}

// Schema returns the statement that creates the table. If the table is there, the
// statement does nothing.
func (s *Store) Schema() string {
	return s.table.Schema(sqltable.Column{Name: "name", Size: maxName})
}

// Get implements [device.Store].
func (s *Store) Get(ctx context.Context, name string) ([]byte, error) {
	if err := s.checkName("get", name); err != nil {
		return nil, err
	}
	var data []byte
	err := s.table.Get(ctx, s.statements.get, []any{name, s.table.Now()}, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, device.ErrNotFound
	}
	return data, err
}

// Put implements [device.Store].
func (s *Store) Put(ctx context.Context, name string, data []byte) error {
	if err := errors.Join(s.checkName("put", name), s.checkRecord("put", data)); err != nil {
		return err
	}
	expires := s.expires()
	_, err := s.table.Exec(ctx, "put", s.statements.put, name, data, expires, data, expires)
	return err
}

// Delete implements [device.Store].
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := s.checkName("delete", name); err != nil {
		return err
	}
	_, err := s.table.Exec(ctx, "delete", s.statements.delete, name)
	return err
}

// Swap implements [device.Swapper].
func (s *Store) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	if err := s.checkName("swap", name); err != nil {
		return false, err
	}
	if new != nil {
		if err := s.checkRecord("swap", new); err != nil {
			return false, err
		}
	}
	switch {
	case old == nil && new == nil:
		_, err := s.Get(ctx, name)
		if errors.Is(err, device.ErrNotFound) {
			return true, nil
		}
		return false, err
	case old == nil:
		return s.insert(ctx, name, new)
	case new == nil:
		rows, err := s.table.Exec(ctx, "swap", s.statements.remove, name, old, s.table.Now())
		return rows > 0, err
	}
	rows, err := s.table.Exec(ctx, "swap", s.statements.update, new, s.expires(), name, old, s.table.Now())
	if err == nil && rows == 0 && bytes.Equal(old, new) {
		return s.has(ctx, name, old)
	}
	return rows > 0, err
}

// insert deletes first what has expired, which counts as no record anyway.
func (s *Store) insert(ctx context.Context, name string, data []byte) (bool, error) {
	if _, err := s.table.Exec(ctx, "swap", s.statements.forget, name, s.table.Now()); err != nil {
		return false, err
	}
	rows, err := s.table.Exec(ctx, "swap", s.statements.insert, name, data, s.expires())
	return rows > 0, err
}

// has serves a Swap of a record for itself: MySQL does not count a row that an
// UPDATE leaves as it is.
func (s *Store) has(ctx context.Context, name string, data []byte) (bool, error) {
	present, err := s.Get(ctx, name)
	if errors.Is(err, device.ErrNotFound) {
		return false, nil
	}
	return err == nil && bytes.Equal(present, data), err
}

// DeleteExpired deletes all expired records and returns how many these were. MySQL
// finds the records by the index of [Store.Schema]; the other engines read the table.
func (s *Store) DeleteExpired(ctx context.Context) (int64, error) { return s.table.DeleteExpired(ctx) }

// checkName refuses what an engine could cut off.
func (s *Store) checkName(operation, name string) error {
	if name == "" || len(name) > maxName {
		return s.table.Describe(operation, fmt.Errorf("the name of the record has %d bytes; want 1 to %d", len(name), maxName))
	}
	return nil
}

func (s *Store) checkRecord(operation string, data []byte) error {
	if len(data) == 0 || len(data) > maxRecord {
		return s.table.Describe(operation, fmt.Errorf("the record has %d bytes; want 1 to %d", len(data), maxRecord))
	}
	return nil
}

func (s *Store) expires() int64 { return s.options.Now().Add(s.options.Lifetime).Unix() }
