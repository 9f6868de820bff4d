package sqlstore

import (
	"fmt"
	"strings"

	"github.com/cognitoflow/cognitoflow/store"
)

// Dialect is the SQL of an engine: [PostgreSQL], [MySQL] or [SQLite].
type Dialect string

// The tests of this package run on PostgreSQL, on SQLite and, for MySQL, on MariaDB.
const (
	PostgreSQL Dialect = "PostgreSQL"
	MySQL      Dialect = "MySQL"
	SQLite     Dialect = "SQLite"
)

// words are the types of a dialect, and the end of its CREATE TABLE.
type words struct{ text, bytes, integer, index string }

// The type of text compares bytes in each dialect.
var dialects = map[Dialect]words{
	PostgreSQL: {text: `TEXT COLLATE "C"`, bytes: "BYTEA", integer: "BIGINT"},
	MySQL: {
		text:  fmt.Sprintf("VARBINARY(%d)", max(store.NameSize, store.MaxVersion)),
		bytes: "BLOB", integer: "BIGINT", index: ",\n\tKEY (expires)",
	},
	SQLite: {text: "TEXT COLLATE BINARY", bytes: "BLOB", integer: "INTEGER"},
}

// schema returns the statement that creates a table, unless the table is there.
func (d Dialect) schema(table string) string {
	w := dialects[d]
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (
	name %s NOT NULL PRIMARY KEY,
	version %s NOT NULL,
	data %s NOT NULL,
	expires %s NOT NULL%s
)`, table, w.text, w.text, w.bytes, w.integer, w.index)
}

type statements struct {
	get           string // name, now
	update        string // data, new version, expires, name, version, now
	forget        string // name, now. Only for MySQL, before insert
	insert        string // name, data, new version, expires, and now except for MySQL
	remove        string // name, version, now
	removeAnyway  string // name
	deleteExpired string // now
}

// statements returns the statements over a table.
func (d Dialect) statements(table string) statements {
	s := statements{
		get:    `SELECT data, version FROM {table} WHERE name = ? AND expires > ?`,
		update: `UPDATE {table} SET data = ?, version = ?, expires = ? WHERE name = ? AND version = ? AND expires > ?`,
		insert: `INSERT INTO {table} AS present (name, data, version, expires) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
	SET data = excluded.data, version = excluded.version, expires = excluded.expires WHERE present.expires <= ?`,
		remove:        `DELETE FROM {table} WHERE name = ? AND version = ? AND expires > ?`,
		removeAnyway:  `DELETE FROM {table} WHERE name = ?`,
		deleteExpired: `DELETE FROM {table} WHERE expires <= ?`,
	}
	if d == MySQL {
		// ON DUPLICATE KEY UPDATE would be one statement. But the number of its rows
		// depends on a setting of the driver. The rows of INSERT IGNORE do not.
		s.forget = `DELETE FROM {table} WHERE name = ? AND expires <= ?`
		s.insert = `INSERT IGNORE INTO {table} (name, data, version, expires) VALUES (?, ?, ?, ?)`
	}
	for _, statement := range []*string{&s.get, &s.update, &s.forget, &s.insert, &s.remove, &s.removeAnyway, &s.deleteExpired} {
		*statement = strings.ReplaceAll(*statement, "{table}", table)
		if d == PostgreSQL {
			*statement = number(*statement)
		}
	}
	return s
}

// number replaces question marks by $1, $2, ...
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
