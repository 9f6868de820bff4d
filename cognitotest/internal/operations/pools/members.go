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

// shown is an object of the API model, by member.
type shown map[string]any

// kept are the members of a request but for the ones named, which the pool has in
// another form or does not show.
func kept(all wire.Members, but ...string) directory.Members {
	members := directory.Members(maps.Clone(all))
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return slices.Contains(but, name) })
	return members
}

// memberNames are the names that the model has for settings.
var memberNames = map[string]string{
	"mfa": "MfaConfiguration", "tier": "UserPoolTier", "levelNames": "AcrConfiguration", "passwordPolicy": "Policies.PasswordPolicy",
	"allowedFirstFactors": "Policies.SignInPolicy.AllowedFirstAuthFactors", "requiredAttributes": "Schema",
	"aliasAttributes": "AliasAttributes", "usernameAttributes": "UsernameAttributes",
	"authFlows": "ExplicitAuthFlows", "preventUserExistenceErrors": "PreventUserExistenceErrors",
	"refreshTokenRotation": "RefreshTokenRotation.Feature", "retryGraceSeconds": "RefreshTokenRotation.RetryGracePeriodSeconds",
	"accessTokenSeconds": "AccessTokenValidity", "idTokenSeconds": "IdTokenValidity", "refreshTokenSeconds": "RefreshTokenValidity",
	"authSessionSeconds": "AuthSessionValidity",
}

// newRefusal returns the exception for settings that are wrong. The exception names the member.
func newRefusal(err error) error {
	return exception.InvalidParameter("%v", invalid.Renamed(err, memberNames))
}

// with puts members in the place of others.
func (s shown) with(members directory.Members) shown {
	for name, raw := range members {
		s[name] = raw
	}
	return s
}
