package sqlstore

import (
	"fmt"
	"strings"
)

// Dialect is the SQL of an engine.
type Dialect string

// The tests of this package run on PostgreSQL, on SQLite and, for MySQL, on MariaDB.
const (
	PostgreSQL Dialect = "PostgreSQL"
	MySQL      Dialect = "MySQL"
	SQLite     Dialect = "SQLite"
)

// statements have the name of the table in place of {table}.
type statements struct {
	schema string

	get           string // name, now
	put           string // name, data, expires, data, expires
	delete        string // name
	insert        string // name, data, expires; it leaves a record that is there
	update        string // data, expires, name, old data, now
	remove        string // name, old data, now
	forget        string // name, now
	deleteExpired string // now
}

const onConflict = `INSERT INTO {table} (name, data, expires) VALUES (?, ?, ?) ON CONFLICT (name) DO `

// common has what is the same in all dialects.
var common = statements{
	get:           `SELECT data FROM {table} WHERE name = ? AND expires > ?`,
	put:           onConflict + `UPDATE SET data = ?, expires = ?`,
	delete:        `DELETE FROM {table} WHERE name = ?`,
	insert:        onConflict + `NOTHING`,
	update:        `UPDATE {table} SET data = ?, expires = ? WHERE name = ? AND data = ? AND expires > ?`,
	remove:        `DELETE FROM {table} WHERE name = ? AND data = ? AND expires > ?`,
	forget:        `DELETE FROM {table} WHERE name = ? AND expires <= ?`,
	deleteExpired: `DELETE FROM {table} WHERE expires <= ?`,
}

// statements returns the statements for a table.
func (d Dialect) statements(table string) (statements, error) {
	s := common
	parameters := false // are numbered
	switch d {
	case PostgreSQL:
		s.schema = `CREATE TABLE IF NOT EXISTS {table} (
	name TEXT COLLATE "C" PRIMARY KEY,
	data BYTEA NOT NULL,
	expires BIGINT NOT NULL
)`
		parameters = true
	case MySQL:
		s.schema = `CREATE TABLE IF NOT EXISTS {table} (
	name VARBINARY(1024) PRIMARY KEY,
	data BLOB NOT NULL,
	expires BIGINT NOT NULL,
	KEY (expires)
)`
		s.put = `INSERT INTO {table} (name, data, expires) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE data = ?, expires = ?`
		s.insert = `INSERT IGNORE INTO {table} (name, data, expires) VALUES (?, ?, ?)`
	case SQLite:
		s.schema = `CREATE TABLE IF NOT EXISTS {table} (
	name TEXT COLLATE BINARY PRIMARY KEY NOT NULL,
	data BLOB NOT NULL,
	expires INTEGER NOT NULL
)`
	default:
		return s, fmt.Errorf("sqlstore: unknown dialect %q; give PostgreSQL, MySQL or SQLite", string(d))
	}
	for _, text := range []*string{&s.schema, &s.get, &s.put, &s.delete, &s.insert, &s.update, &s.remove, &s.forget, &s.deleteExpired} {
		*text = strings.ReplaceAll(*text, "{table}", table)
		if parameters {
			*text = number(*text)
		}
	}
	return s, nil
}

// number makes $1, $2, ... of question marks.
func number(statement string) string {
	var b strings.Builder
	for i, part := range strings.Split(statement, "?") {
		if i > 0 {
			fmt.Fprintf(&b, "$%d", i)
		}
		b.WriteString(part)
	}
	return b.String()
}
