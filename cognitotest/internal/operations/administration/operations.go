// Package administration has the operations with which administrators see and
// change users.
package administration

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"AdminCreateUser":  api.Signed(adminCreateUser),
	"AdminGetUser":     api.ByAdmin(adminGetUser),
	"AdminEnableUser":  api.ByAdmin(adminEnableUser),
	"AdminDisableUser": api.ByAdmin(adminDisableUser),
	"ListUsers":        api.Signed(listUsers),
}
