package pools

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// shown is an object of the API model: its members by name.
type shown map[string]any

// kept returns the members of a request without the named ones. The pool has the named members
// in another form, or does not show them.
func kept(all wire.Members, but ...string) directory.Members {
	members := directory.Members(maps.Clone(all))
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return slices.Contains(but, name) })
	return members
}

// memberNames has the names of settings in the API model.
var memberNames = map[string]string{
	"mfa": "MfaConfiguration", "tier": "UserPoolTier", "levelNames": "AcrConfiguration", "passwordPolicy": "Policies.PasswordPolicy",
	"allowedFirstFactors": "Policies.SignInPolicy.AllowedFirstAuthFactors", "requiredAttributes": "Schema",
	"aliasAttributes": "AliasAttributes", "usernameAttributes": "UsernameAttributes",
	"authFlows": "ExplicitAuthFlows", "preventUserExistenceErrors": "PreventUserExistenceErrors",
	"refreshTokenRotation": "RefreshTokenRotation.Feature", "retryGraceSeconds": "RefreshTokenRotation.RetryGracePeriodSeconds",
	"accessTokenSeconds": "AccessTokenValidity", "idTokenSeconds": "IdTokenValidity", "refreshTokenSeconds": "RefreshTokenValidity",
	"authSessionSeconds": "AuthSessionValidity",
}

// newRefusal returns the exception for wrong settings. The exception names the member.
func newRefusal(err error) error {
	return exception.InvalidParameter("%v", invalid.Renamed(err, memberNames))
}

// with returns the members with some members replaced.
func (s shown) with(members directory.Members) shown {
	for name, raw := range members {
		s[name] = raw
	}
	return s
}
