// Package administration has the operations with which administrators see and
// change users.
package administration

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"AdminCreateUser":         api.Signed(adminCreateUser),
	"AdminDeleteUser":         api.ByAdmin(adminDeleteUser),
	"AdminConfirmSignUp":      api.ByAdmin(adminConfirmSignUp),
	"AdminSetUserPassword":    api.ByAdmin(adminSetUserPassword),
	"AdminGetUser":            api.ByAdmin(adminGetUser),
	"AdminGetUserAuthFactors": api.ByAdmin(api.GetUserAuthFactors[api.AdminRequest]),
}
