// Package tokens has the operations that refresh and revoke tokens.
package tokens

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"GetTokensFromRefreshToken": api.ByAnyone(getTokensFromRefreshToken),
	"RevokeToken":               api.ByAnyone(revokeToken),
	"GlobalSignOut":             api.ByUser(globalSignOut[api.UserRequest]),
	"AdminUserGlobalSignOut":    api.ByAdmin(globalSignOut[api.AdminRequest]),
}
