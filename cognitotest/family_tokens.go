package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
)

// tokensOperations are the operations of this family.
var tokensOperations = map[string]api.Operation{
	"GetTokensFromRefreshToken": api.ByAnyone(getTokensFromRefreshToken),
	"RevokeToken":               api.ByAnyone(revokeToken),
	"GlobalSignOut":             api.ByUser(globalSignOut),
	"AdminUserGlobalSignOut":    api.ByAdmin(adminUserGlobalSignOut),
}
