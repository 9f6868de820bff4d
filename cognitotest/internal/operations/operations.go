// Package operations has every operation that the pool implements, by family.
// Each family is a package below this one; the packages do not import each other.
package operations

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations/account"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations/administration"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations/devices"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations/pools"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations/signin"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations/tokens"
)

// Families has the operations of each family by name. The keys are the names of
// the packages.
var Families = map[string]map[string]api.Operation{
	"signin":         signin.Operations,
	"account":        account.Operations,
	"tokens":         tokens.Operations,
	"devices":        devices.Operations,
	"administration": administration.Operations,
	"pools":          pools.Operations,
}

// Find returns the operation with that name. It reports false for an operation
// that the pool does not implement.
func Find(name string) (api.Operation, bool) {
	for _, family := range Families {
		if op, ok := family[name]; ok {
			return op, true
		}
	}
	return api.Operation{}, false
}
