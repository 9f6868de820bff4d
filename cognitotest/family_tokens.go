package cognitotest

// tokensOperations are the operations of this family.
var tokensOperations = map[string]operation{
	"GetTokensFromRefreshToken": unsigned(getTokensFromRefreshToken),
	"RevokeToken":               unsigned(revokeToken),
	"GlobalSignOut":             byUser(globalSignOut),
	"AdminUserGlobalSignOut":    byAdmin(adminUserGlobalSignOut),
}
