// Instance is one process of a backend whose web sessions are in the emulator of DynamoDB.
// Package internal/fleetprocess of the root module describes it.
package main

import (
	"context"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/internal/fleetprocess"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/dynamostore"
	"github.com/cognitoflow/cognitoflow/store/dynamostore/internal/emulator"
)

func main() { fleetprocess.Main(open) }

// open gives the store the clock of the fleet. The emulator deletes no expired items, so
// no other clock takes part.
func open(ctx context.Context, now func() time.Time) (store.Store, error) {
	e, err := engines.Given()
	if err != nil {
		return nil, err
	}
	client := emulator.NewClient(e.DataSource)
	if err := emulator.CreateTable(ctx, client); err != nil {
		return nil, err
	}
	return dynamostore.New(client, emulator.Table, func(o *dynamostore.Options) { o.Now = now })
}
