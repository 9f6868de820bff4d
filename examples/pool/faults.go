package main

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// fault is a fault of one of the pools, for clients that cannot call Fail.
type fault struct {
	Pool string `json:"pool"`
	cognitotest.Fault
}

// inject gives the faults of a configuration to the pools, in order.
func inject(server *cognitotest.Server, config configuration) error {
	for i, f := range config.Faults {
		if f.Pool == "" {
			if len(config.Pools) > 1 {
				return fmt.Errorf("faults[%d].pool: missing, want the ID of a pool", i)
			}
			f.Pool = config.Pools[0].ID
		}
		pool := server.Pool(f.Pool)
		if pool == nil {
			return fmt.Errorf("faults[%d].pool: no pool has the ID %q", i, f.Pool)
		}
		if err := f.Validate(); err != nil {
			return fmt.Errorf("faults[%d].%w", i, err)
		}
		pool.Fail(f.Fault)
	}
	return nil
}
