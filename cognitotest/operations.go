package cognitotest

import (
	"maps"
)

// family is a group of operations, which one package below this one has.
type family struct {
	name       string
	operations map[string]operation
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
var operations = func() map[string]operation {
	all := make(map[string]operation)
	for _, f := range families {
		maps.Copy(all, f.operations)
	}
	return all
}()

func implemented(name string) bool {
	_, ok := operations[name]
	return ok
}
