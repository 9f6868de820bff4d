// Instance is one process of a backend whose web sessions are in Redis. Package
// internal/fleetprocess of the root module describes it.
package main

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/internal/fleetprocess"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/redisstore"
)

func main() { fleetprocess.Main(open) }

// open leaves the clock of the fleet alone: the server removes records by its own clock.
// The clock of the fleet is ahead, so no record is gone before its time. A record that is
// there after its time does no harm, because package websession compares the end of a web
// session with the clock of the fleet.
func open(context.Context, func() time.Time) (store.Store, error) {
	e, err := engines.Given()
	if err != nil {
		return nil, err
	}
	return redisstore.New(redis.NewClient(&redis.Options{Network: "unix", Addr: e.DataSource, ContextTimeoutEnabled: true}))
}
