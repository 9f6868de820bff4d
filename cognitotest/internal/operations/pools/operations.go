// Package pools has the operations that make and change user pools and app clients.
package pools

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"CreateUserPool":             api.OfService(createUserPool),
	"DescribeUserPool":           api.Signed(describeUserPool),
	"ListUserPools":              api.OfService(listUserPools),
	"UpdateUserPool":             api.Signed(updateUserPool),
	"DeleteUserPool":             api.Signed(deleteUserPool),
	"SetUserPoolMfaConfig":       api.Signed(setUserPoolMfaConfig),
	"GetUserPoolMfaConfig":       api.Signed(getUserPoolMfaConfig),
	"CreateUserPoolClient":       api.Signed(createUserPoolClient),
	"DescribeUserPoolClient":     api.Signed(describeUserPoolClient),
	"ListUserPoolClients":        api.Signed(listUserPoolClients),
	"UpdateUserPoolClient":       api.Signed(updateUserPoolClient),
	"DeleteUserPoolClient":       api.Signed(deleteUserPoolClient),
	"AddUserPoolClientSecret":    api.Signed(addUserPoolClientSecret),
	"ListUserPoolClientSecrets":  api.Signed(listUserPoolClientSecrets),
	"DeleteUserPoolClientSecret": api.Signed(deleteUserPoolClientSecret),
}
