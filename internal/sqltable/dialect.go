package sqltable

import (
	"fmt"
	"strings"
)

// Dialect is the SQL of an engine.
type Dialect string

// The tests of the packages that have tables run on PostgreSQL, on SQLite and, for
// MySQL, on MariaDB.
const (
	PostgreSQL Dialect = "PostgreSQL"
	MySQL      Dialect = "MySQL"
	SQLite     Dialect = "SQLite"
)

// words are the types of a dialect, the end of its CREATE TABLE, and whether its
// parameters are numbered.
type words struct {
	text, bytes, integer, index string
	numbered                    bool
}

// Text compares bytes in each dialect: names that differ in case or in a space are
// names of different records.
var dialects = map[Dialect]words{
	PostgreSQL: {text: `TEXT COLLATE "C"`, bytes: "BYTEA", integer: "BIGINT", numbered: true},
	MySQL:      {text: "VARBINARY(%d)", bytes: "BLOB", integer: "BIGINT", index: ",\n\tKEY (expires)"},
	SQLite:     {text: "TEXT COLLATE BINARY", bytes: "BLOB", integer: "INTEGER"},
}

// column is the definition of a column of text.
func (w words) column(c Column) string {
	kind := w.text
	if strings.Contains(kind, "%d") {
		kind = fmt.Sprintf(kind, c.Size)
	}
	return "\n\t" + c.Name + " " + kind + " NOT NULL"
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
