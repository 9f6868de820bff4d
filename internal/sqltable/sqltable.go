// Package sqltable has what stores over a table of a database share: the dialects, the
// table's statement, the errors, and the retries of what an engine has undone.
package sqltable

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"
)

// Table is a table with the columns name, data and expires, and perhaps more. A Table
// is safe for concurrent use.
type Table struct {
	db      *sql.DB
	name    string
	dialect Dialect
	words   words
	now     func() time.Time

	deleteExpired string
}

// tableName is what every engine takes without quotes.
var tableName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// New returns a table of db. A nil now is time.Now. New fails if db is nil, if the
// dialect is unknown, or if name is not one that every engine takes without quotes.
// New does not use the database.
func New(db *sql.DB, dialect Dialect, name string, now func() time.Time) (*Table, error) {
	words, known := dialects[dialect]
	switch {
	case db == nil:
		return nil, errors.New("sqlstore: the database is nil; give what sql.Open returned")
	case !tableName.MatchString(name):
		return nil, fmt.Errorf("sqlstore: %.64q is not the name of a table: want letters, digits and underscores", name)
	case !known:
		return nil, fmt.Errorf("sqlstore: unknown dialect %q; give PostgreSQL, MySQL or SQLite", string(dialect))
	}
	if now == nil {
		now = time.Now
	}
	t := &Table{db: db, name: name, dialect: dialect, words: words, now: now}
	t.deleteExpired = t.Statement(`DELETE FROM {table} WHERE expires <= ?`)
	return t, nil
}

// Column is a column of text, which compares bytes.
type Column struct {
	Name string
	Size int // in bytes, at most
}

// Schema returns the statement that creates the table, unless the table is there. The
// first column is the primary key. The columns of data and expiry come after columns.
func (t *Table) Schema(columns ...Column) string {
	var text strings.Builder
	for i, c := range columns {
		text.WriteString(t.words.column(c))
		if i == 0 {
			text.WriteString(" PRIMARY KEY")
		}
		text.WriteString(",")
	}
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s\n\tdata %s NOT NULL,\n\texpires %s NOT NULL%s\n)",
		t.name, &text, t.words.bytes, t.words.integer, t.words.index)
}

// Statement returns a statement in the table's dialect. The statement has {table} in
// place of the table's name, and question marks as parameters.
func (t *Table) Statement(text string) string {
	text = strings.ReplaceAll(text, "{table}", t.name)
	if t.words.numbered {
		text = number(text)
	}
	return text
}

// Choose is Statement for what MySQL says in other words than the other engines.
func (t *Table) Choose(mysql, others string) string {
	if t.dialect == MySQL {
		return t.Statement(mysql)
	}
	return t.Statement(others)
}

// Now is the time that expiry is compared with, in seconds since 1970.
func (t *Table) Now() int64 { return t.now().Unix() }

// Get reads one row. Without a row Get returns sql.ErrNoRows, which is not described.
func (t *Table) Get(ctx context.Context, statement string, args []any, dest ...any) error {
	err := again(ctx, func() error { return t.db.QueryRowContext(ctx, statement, args...).Scan(dest...) })
	if errors.Is(err, sql.ErrNoRows) {
		return sql.ErrNoRows
	}
	return t.Describe("get", err)
}

// Exec returns the number of rows that the statement has changed.
func (t *Table) Exec(ctx context.Context, operation, statement string, args ...any) (int64, error) {
	var result sql.Result
	err := again(ctx, func() (err error) {
		result, err = t.db.ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		return 0, t.Describe(operation, err)
	}
	rows, err := result.RowsAffected()
	return rows, t.Describe(operation, err)
}

// DeleteExpired deletes all expired rows and returns how many these were.
func (t *Table) DeleteExpired(ctx context.Context) (int64, error) {
	return t.Exec(ctx, "delete expired records", t.deleteExpired, t.Now())
}

// Describe says which operation has failed on which table. Describe(nil) is nil.
func (t *Table) Describe(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlstore: %s in table %s: %w", operation, t.name, err)
}

// tries is how often a statement is tried that the engine undoes.
const tries = 20

// longestPause is the most between two tries. Statements that were tried again at once
// would meet each other again, as serializable transactions of PostgreSQL showed.
const longestPause = 32 * time.Millisecond

func again(ctx context.Context, statement func() error) error {
	err := statement()
	for n := 1; n < tries && undone(err) && pause(ctx, min(time.Millisecond<<n, longestPause)); n++ {
		err = statement()
	}
	return err
}

// pause waits for a random part of limit. The result is false if ctx has ended.
func pause(ctx context.Context, limit time.Duration) bool {
	select {
	case <-time.After(rand.N(limit)):
		return true
	case <-ctx.Done():
		return false
	}
}

// undone reports whether the engine has undone the statement in favour of another
// one. MySQL does so when inserts and deletes of neighbouring names wait for each
// other. The driver of MySQL has the SQLSTATE in the text alone.
func undone(err error) bool {
	if state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		return state.SQLState() == "40001" || state.SQLState() == "40P01"
	}
	return err != nil && strings.Contains(err.Error(), "(40001)")
}
