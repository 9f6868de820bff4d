// Package sqlstore keeps the records of package device in a table of PostgreSQL,
// MySQL or SQLite. MariaDB counts as MySQL. The package needs no driver of its own:
// the caller opens the database.
//
//	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
//	...
//	store, err := sqlstore.New(db, sqlstore.PostgreSQL)
//	...
//	holder := device.Browser(store, id)
//
// # The table
//
// A migration of the caller creates the table. [Store.Schema] returns the statement
// for the table's name:
//
//	-- PostgreSQL
//	CREATE TABLE IF NOT EXISTS cognitoflow_devices (
//		name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
//		data BYTEA NOT NULL,
//		expires BIGINT NOT NULL
//	)
//
//	-- MySQL
//	CREATE TABLE IF NOT EXISTS cognitoflow_devices (
//		name VARBINARY(1024) NOT NULL PRIMARY KEY,
//		data BLOB NOT NULL,
//		expires BIGINT NOT NULL,
//		KEY (expires)
//	)
//
//	-- SQLite
//	CREATE TABLE IF NOT EXISTS cognitoflow_devices (
//		name TEXT COLLATE BINARY NOT NULL PRIMARY KEY,
//		data BLOB NOT NULL,
//		expires INTEGER NOT NULL
//	)
//
// The column name compares bytes, because names that differ in case or in a space
// belong to different holders. The column expires has seconds since 1970.
//
// The column data has device keys and device passwords in clear, and digests of
// user names. Whoever reads the table can sign in with the password of a user alone,
// without the second factor. A store that encrypts can be wrapped around this one:
// package devicetest has an example.
//
// # Several processes
//
// Any number of processes may use one table. Each change is one statement outside
// of a transaction, so the default isolation of each engine is enough. Only a Swap
// from no record has two: the first deletes an expired record, which counts as none.
//
// SQLite takes one writer at a time: set busy_timeout, and journal_mode to WAL, in
// the data source name, or writers fail with SQLITE_BUSY.
//
// # Expiry
//
// A record expires [Options.Lifetime] after its last write. An expired record counts
// as none, and stays in the table. A job that runs once a day calls
// [Store.DeleteExpired].
package sqlstore
