// Package operations lists the operations of the pool by family. Each family is a package
// below this one. The packages do not import each other.
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

// Families has the operations of each family. The keys are the names of the packages and of
// the operations.
var Families = map[string]map[string]api.Operation{
	"signin":         signin.Operations,
	"account":        account.Operations,
	"tokens":         tokens.Operations,
	"devices":        devices.Operations,
	"administration": administration.Operations,
	"pools":          pools.Operations,
}

// Find returns the operation with this name. The second result is false if the pool does not
// have the operation.
func Find(name string) (api.Operation, bool) {
	for _, family := range Families {
		if op, ok := family[name]; ok {
			return op, true
		}
	}
	return api.Operation{}, false
}
