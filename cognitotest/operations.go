package cognitotest

import (
	"maps"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
)

// family is a group of operations, which one package below this one has.
type family struct {
	name       string
	operations map[string]api.Operation
}

// families has every operation that the pool implements.
var families = []family{
	{"sign-in", signinOperations},
	{"account", accountOperations},
	{"tokens", tokensOperations},
	{"devices", devicesOperations},
	{"administration", administrationOperations},
}

// operations has the operations of all families by name. All others answer
// UnknownOperationException.
var operations = func() map[string]api.Operation {
	all := make(map[string]api.Operation)
	for _, f := range families {
		maps.Copy(all, f.operations)
	}
	return all
}()

func implemented(name string) bool {
	_, ok := operations[name]
	return ok
}
