package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

// New does not use the database. Create the table in a migration: see Store.Schema.
func ExampleNew() {
	db := sql.OpenDB(noDatabase{}) // a real program: sql.Open("pgx", os.Getenv("DATABASE_URL"))
	defer db.Close()

	_, err := sqlstore.New(db, sqlstore.PostgreSQL, func(o *sqlstore.Options) { o.Table = "app.records" })
	fmt.Println(err)
	_, err = sqlstore.New(db, "Oracle")
	fmt.Println(err)
	// Output:
	// <nil>
	// sqlstore: unknown dialect "Oracle": give PostgreSQL, MySQL or SQLite
}

// A migration runs this statement.
func ExampleStore_Schema() {
	db := sql.OpenDB(noDatabase{}) // a real program: sql.Open("sqlite", path)
	defer db.Close()

	shared, err := sqlstore.New(db, sqlstore.SQLite)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(shared.Schema())
	// Output:
	// CREATE TABLE IF NOT EXISTS cognitoflow_records (
	// 	name TEXT COLLATE BINARY NOT NULL PRIMARY KEY,
	// 	version TEXT COLLATE BINARY NOT NULL,
	// 	data BLOB NOT NULL,
	// 	expires INTEGER NOT NULL
	// )
}

// A job deletes expired records once an hour. The next run makes up for a run that fails.
func ExampleStore_DeleteExpired() {
	db := sql.OpenDB(noDatabase{}) // the database of this example is down
	defer db.Close()
	shared, err := sqlstore.New(db, sqlstore.PostgreSQL)
	if err != nil {
		log.Fatal(err)
	}

	deleted, err := shared.DeleteExpired(context.Background())
	fmt.Println(deleted, err)
	// Output: 0 sqlstore: delete expired records in table cognitoflow_records: down
}
