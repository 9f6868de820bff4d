// Package sqlstore keeps the records of package store in a table of PostgreSQL, MySQL
// or SQLite. MariaDB counts as MySQL. The package needs no driver of its own: the
// caller opens the database.
//
//	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
//	...
//	shared, err := sqlstore.New(db, sqlstore.PostgreSQL)
//	...
//	sessions, err := websession.New(driver, shared, sealer)
//	browser := device.Browser(sealer.DeviceStore(shared), id)
//
// # The table
//
// A migration of the caller creates the table. [Store.Schema] returns the statement
// for the table's name:
//
//	-- PostgreSQL
//	CREATE TABLE IF NOT EXISTS cognitoflow_records (
//		name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
//		version TEXT COLLATE "C" NOT NULL,
//		data BYTEA NOT NULL,
//		expires BIGINT NOT NULL
//	)
//
//	-- MySQL
//	CREATE TABLE IF NOT EXISTS cognitoflow_records (
//		name VARBINARY(64) NOT NULL PRIMARY KEY,
//		version VARBINARY(64) NOT NULL,
//		data BLOB NOT NULL,
//		expires BIGINT NOT NULL,
//		KEY (expires)
//	)
//
//	-- SQLite
//	CREATE TABLE IF NOT EXISTS cognitoflow_records (
//		name TEXT COLLATE BINARY NOT NULL PRIMARY KEY,
//		version TEXT COLLATE BINARY NOT NULL,
//		data BLOB NOT NULL,
//		expires INTEGER NOT NULL
//	)
//
// The column expires has seconds since 1970. A record that never expires has the
// largest number there. The package does not encrypt: packages websession
// and seal give it records that are sealed already.
//
// # Several processes
//
// Any number of processes may use one table. Each write is one conditional statement
// outside of a transaction, so the default isolation of each engine is enough. The
// number of rows that the statement has changed tells whether the write has happened.
// Only a Put of a new record in MySQL has two statements. The first deletes an expired
// record, which counts as none.
//
// Expiry is compared with the clock of the process, see [Options]. The clocks of the
// processes should agree within a few seconds.
//
// SQLite takes one writer at a time: set busy_timeout, and journal_mode to WAL, in
// the data source name, or writers fail with SQLITE_BUSY.
//
// # Reads
//
// All reads go to db. A replica of the database may be behind, and a record that is
// behind makes the next write a conflict. So db must be the primary.
//
// # Expired records
//
// An expired record counts as none, and stays in the table. A job that runs once an
// hour calls [Store.DeleteExpired].
package sqlstore
