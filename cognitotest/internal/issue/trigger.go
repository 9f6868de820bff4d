package issue

import (
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// preTokenGeneration runs the trigger of this name, if there is one.
func preTokenGeneration(c *api.Call, g *directory.Grant, reason string) (trigger.Tokens, error) {
	f := c.Pool.Triggers.PreTokenGeneration
	if f == nil {
		return trigger.Tokens{}, nil
	}
	changes, err := api.RunTrigger(c, "TokenGeneration_"+reason, g.User, trigger.Event{Groups: g.User.GroupClaims()}, f)
	if err != nil {
		return changes, err
	}
	return changes, g.User.CheckStatus() // the status may have changed during the trigger
}

// fixed has the claims that a trigger cannot change, for both tokens and for each token.
var (
	fixed = []string{
		"acr", "amr", "auth_time", "at_hash", "azp", "event_id", "exp", "iat", "iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use",
	}
	fixedInAccess = []string{"client_id", "device_key", "scope", "username", "version"}
	fixedInID     = []string{"aud", "cognito:username", "identities"}
)

// apply makes the changes of a trigger to the claims of both tokens.
func apply(changes trigger.Tokens, access, id map[string]any) {
	if changes.Groups != nil {
		setGroups(*changes.Groups, access, id)
	}
	change(access, changes.Access, fixedInAccess)
	change(id, changes.ID, fixedInID)
	scopes := slices.Concat(strings.Fields(access["scope"].(string)), changes.AddScopes)
	scopes = slices.DeleteFunc(scopes, func(scope string) bool { return slices.Contains(changes.SuppressScopes, scope) })
	access["scope"] = strings.Join(scopes, " ")
}

func change(claims map[string]any, changes trigger.Claims, fixedHere []string) {
	isFixed := func(name string) bool { return slices.Contains(fixed, name) || slices.Contains(fixedHere, name) }
	for name, value := range changes.Add {
		if !isFixed(name) {
			claims[name] = value
		}
	}
	maps.DeleteFunc(claims, func(name string, _ any) bool { return !isFixed(name) && slices.Contains(changes.Suppress, name) })
}

// setGroups sets the claims about groups. Only ID tokens have roles.
func setGroups(groups trigger.Groups, access, id map[string]any) {
	set := func(claims map[string]any, name string, value any, there bool) {
		delete(claims, name)
		if there {
			claims[name] = value
		}
	}
	set(access, "cognito:groups", groups.Names, len(groups.Names) > 0)
	set(id, "cognito:groups", groups.Names, len(groups.Names) > 0)
	set(id, "cognito:roles", groups.Roles, len(groups.Roles) > 0)
	set(id, "cognito:preferred_role", groups.PreferredRole, groups.PreferredRole != "")
}
