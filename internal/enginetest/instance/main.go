// Instance is a process of a backend whose web sessions are in a database. Package
// internal/fleetprocess of the root module describes the process.
package main

import (
	"context"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/internal/fleetprocess"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

func main() { fleetprocess.Main(open) }

func open(ctx context.Context, now func() time.Time) (store.Store, error) {
	db, err := enginetest.Open()
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	shared, err := sqlstore.New(db, enginetest.Dialect(), func(o *sqlstore.Options) { o.Now = now })
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, shared.Schema())
	return shared, err
}
