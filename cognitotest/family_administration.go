package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
)

// administrationOperations are the operations of this family.
var administrationOperations = map[string]api.Operation{
	"AdminGetUser": api.ByAdmin(adminGetUser),
}
