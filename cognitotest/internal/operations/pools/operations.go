// Package pools has the operations that make and change user pools and app clients.
//
// The pool acts on these members of CreateUserPool and UpdateUserPool: MfaConfiguration,
// Policies, DeviceConfiguration, UserPoolTier, AcrConfiguration, AliasAttributes,
// UsernameAttributes, UsernameConfiguration, DeletionProtection. Of SmsConfiguration it
// takes that there is one, of LambdaConfig which triggers there are, of
// AdminCreateUserConfig all but the template, and of Schema which attributes are required. Of app clients it acts on ExplicitAuthFlows,
// the validities and their units, PreventUserExistenceErrors, EnableTokenRevocation,
// RefreshTokenRotation, GenerateSecret and ClientSecret. Other members are kept and
// shown, whatever their names.
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
