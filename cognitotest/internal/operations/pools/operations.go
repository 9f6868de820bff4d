// Package pools has the operations that make and change pools and app clients.
//
// These members of CreateUserPool and UpdateUserPool have an effect:
//
//   - MfaConfiguration, Policies, DeviceConfiguration, UserPoolTier, AcrConfiguration
//   - AliasAttributes, UsernameAttributes, UsernameConfiguration, DeletionProtection
//   - SmsConfiguration: only its presence
//   - LambdaConfig: only the names of its members
//   - AdminCreateUserConfig: all members except the template
//   - Schema: only the required attributes
//
// These members of an app client have an effect:
//
//   - ExplicitAuthFlows, PreventUserExistenceErrors, EnableTokenRevocation
//   - the validities and their units, RefreshTokenRotation
//   - GenerateSecret, ClientSecret
//
// The pool keeps and shows all other members.
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
