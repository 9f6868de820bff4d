package sqlstore

import "github.com/cognitoflow/cognitoflow/internal/sqltable"

// Dialect is the SQL of an engine: [PostgreSQL], [MySQL] or [SQLite].
type Dialect = sqltable.Dialect

// The tests of this package run on PostgreSQL, on SQLite and, for MySQL, on MariaDB.
const (
	PostgreSQL = sqltable.PostgreSQL
	MySQL      = sqltable.MySQL
	SQLite     = sqltable.SQLite
)

type statements struct {
	get    string // name, now
	put    string // name, data, expires, data, expires
	delete string // name
	insert string // name, data, expires; it leaves a record that is there
	update string // data, expires, name, old data, now
	remove string // name, old data, now
	forget string // name, now
}

func statementsOf(t *sqltable.Table) statements {
	const row = `INTO {table} (name, data, expires) VALUES (?, ?, ?)`
	return statements{
		get:    t.Statement(`SELECT data FROM {table} WHERE name = ? AND expires > ?`),
		put:    t.Choose(`INSERT `+row+` ON DUPLICATE KEY UPDATE data = ?, expires = ?`, `INSERT `+row+` ON CONFLICT (name) DO UPDATE SET data = ?, expires = ?`),
		delete: t.Statement(`DELETE FROM {table} WHERE name = ?`),
		insert: t.Choose(`INSERT IGNORE `+row, `INSERT `+row+` ON CONFLICT (name) DO NOTHING`),
		update: t.Statement(`UPDATE {table} SET data = ?, expires = ? WHERE name = ? AND data = ? AND expires > ?`),
		remove: t.Statement(`DELETE FROM {table} WHERE name = ? AND data = ? AND expires > ?`),
		forget: t.Statement(`DELETE FROM {table} WHERE name = ? AND expires <= ?`),
	}
}
