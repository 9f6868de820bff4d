// Package sqlstore keeps the records of package store in a table of PostgreSQL, MySQL
// or SQLite. For MariaDB use the dialect MySQL. The package imports no driver: the caller
// opens the database.
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
// Create the table in a migration. [Store.Schema] returns the statement, with the table's
// name:
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
// The column expires has seconds since 1970. If a record does not expire, the column has
// the largest number. The package does not encrypt, because packages websession and seal
// seal their records.
//
// # Several processes
//
// Any number of processes may use one table. Each write is one conditional statement
// outside of a transaction, so the default isolation of each engine is enough. The number
// of changed rows tells whether the write has happened. Only a Put of a new record in MySQL
// has two statements: the first deletes an expired record.
//
// Expiry is by the clock of the process: see [Options]. The clocks of the processes should
// agree within a few seconds.
//
// SQLite accepts one writer at a time. Set busy_timeout, and journal_mode to WAL, in the
// data source name. Otherwise writers fail with SQLITE_BUSY.
//
// # Reads
//
// All reads go to db. A replica of the database may be behind, and a write after an old
// read is a conflict. So db must be the primary.
//
// # Expired records
//
// An expired record counts as absent, but stays in the table. Call [Store.DeleteExpired]
// in a job, for example once an hour.
package sqlstore
