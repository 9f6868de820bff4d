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

// open does not use the clock of the fleet: the server removes records by its own clock. The
// clock of the fleet is ahead, so no record is removed too early. A record that is removed
// late does no harm: package websession ends a web session by the clock of the fleet.
func open(context.Context, func() time.Time) (store.Store, error) {
	e, err := engines.Given()
	if err != nil {
		return nil, err
	}
	return redisstore.New(redis.NewClient(&redis.Options{Network: "unix", Addr: e.DataSource, ContextTimeoutEnabled: true}))
}
