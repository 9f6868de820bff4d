// Command stores is the program examples/web with clients for PostgreSQL and Redis. Run the
// program from the root of the repository:
//
//	go -C examples/web/stores run . -sessions redis://localhost:6379 -instances 3
//	WEB_SESSIONS=postgres://user:password@localhost/database go -C examples/web/stores run .
//
// The program is a separate module, so that the root module does not require the clients. The
// documentation of examples/web lists the flags.
package main

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/cognitoflow/cognitoflow/examples/web/internal/site"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/redisstore"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

func main() {
	logging.Disable() // the site logs the errors of the store
	os.Exit(site.Main(openers))
}

var openers = map[string]site.Opener{
	"postgres": openPostgres, "postgresql": openPostgres,
	"redis": openRedis, "rediss": openRedis,
}

// errURL replaces an error that may quote the URL, which may have a password.
var errURL = errors.New("the client cannot use this URL: check the port, the path, and the options after the question mark")

// connections bounds the connections of a process to PostgreSQL. By default PostgreSQL allows
// 100 connections in all.
const connections = 16

// openPostgres opens a database and creates the table.
func openPostgres(ctx context.Context, address string) (store.Store, func() error, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, nil, errURL
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	shared, err := sqlstore.New(db, sqlstore.PostgreSQL)
	if err == nil {
		err = createTable(ctx, db, shared.Schema())
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return shared, db.Close, nil
}

// createTable executes the statement a second time after an error. If two processes create
// the table at the same time, PostgreSQL refuses one statement in spite of IF NOT EXISTS.
func createTable(ctx context.Context, db *sql.DB, schema string) error {
	_, err := db.ExecContext(ctx, schema)
	if err != nil && ctx.Err() == nil {
		_, err = db.ExecContext(ctx, schema)
	}
	return err
}

// openRedis opens a client, and fails if the server does not answer.
func openRedis(ctx context.Context, address string) (store.Store, func() error, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, nil, errURL
	}
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	shared, err := redisstore.New(client)
	if err == nil {
		err = client.Ping(ctx).Err()
	}
	if err != nil {
		return nil, nil, errors.Join(err, client.Close())
	}
	return shared, client.Close, nil
}
