// Command stores is the program examples/web with clients of PostgreSQL and Redis, for
// -sessions postgres://... and redis://... From the root of the repository:
//
//	go -C examples/web/stores run . -sessions redis://localhost:6379 -instances 3
//	WEB_SESSIONS=postgres://user:password@localhost/database go -C examples/web/stores run .
//
// It is a module of its own, so that the root module does not require the clients. The
// documentation of examples/web says the rest.
package main

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/examples/web/internal/site"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/redisstore"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

func main() { os.Exit(site.Main(openers)) }

var openers = map[string]site.Opener{
	"postgres": openPostgres, "postgresql": openPostgres,
	"redis": openRedis, "rediss": openRedis,
}

// errURL takes the place of an error that may quote from the URL, and so a password.
var errURL = errors.New("the client cannot use this URL; check its port, its path, and the options after the question mark")

// connections is how many connections to PostgreSQL a process has at most. PostgreSQL
// allows 100 in all unless told otherwise.
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

// createTable executes the statement again if it fails: PostgreSQL refuses it to one of two
// processes that create the table at once, although it says IF NOT EXISTS.
func createTable(ctx context.Context, db *sql.DB, schema string) error {
	_, err := db.ExecContext(ctx, schema)
	if err != nil && ctx.Err() == nil {
		_, err = db.ExecContext(ctx, schema)
	}
	return err
}

// openRedis opens a client, and finds out whether the server answers.
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
