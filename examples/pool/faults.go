package main

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// fault is a [cognitotest.Fault] of one of the pools, for clients that cannot
// call Fail.
type fault struct {
	Pool      string `json:"pool"`
	Operation string `json:"operation"`
	Skip      int    `json:"skip"`
	Times     int    `json:"times"`
	Error     string `json:"error"`
	Drop      bool   `json:"drop"`
}

// inject arms the faults of a configuration, in order.
func inject(server *cognitotest.Server, faults []fault) error {
	for i, f := range faults {
		pool := server.Pool(f.Pool)
		switch {
		case pool == nil:
			return fmt.Errorf("faults[%d].pool: no pool has the ID %q", i, f.Pool)
		case (f.Error == "") != f.Drop:
			return fmt.Errorf("faults[%d]: either error or drop is needed", i)
		case f.Skip < 0 || f.Times < 0:
			return fmt.Errorf("faults[%d]: skip and times cannot be negative", i)
		}
		pool.Fail(cognitotest.Fault{
			Operation: f.Operation, Skip: f.Skip, Times: f.Times, Error: f.Error, Drop: f.Drop,
		})
	}
	return nil
}
