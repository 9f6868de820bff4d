package pools

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

const (
	digits  = "0123456789"
	small   = "abcdefghijklmnopqrstuvwxyz"
	capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

	poolIDLength = 9 // characters after the region and the underscore
	account      = "123456789012"
)

type poolRequest struct {
	UserPoolId string `model:"required,UserPoolId"`
}

// fixedMembers are the members of CreateUserPool that UpdateUserPool lacks. settled are the
// members that showPool makes of the settings.
var (
	fixedMembers = []string{"Schema", "UsernameConfiguration"}
	settled      = []string{
		"UserPoolId", "PoolName", "MfaConfiguration", "Policies", "DeviceConfiguration", "UserPoolTier", "AcrConfiguration",
		"AliasAttributes", "UsernameAttributes",
	}
)

type poolOutput struct{ UserPool shown }

// createUserPool makes a pool with the clock, the dialect and the OnCode of the oldest pool.
// The triggers are the triggers of the oldest pool that LambdaConfig names.
func createUserPool(c *api.Call, in *createPoolInput) (*poolOutput, error) {
	settings, err := in.settings(directory.Settings{})
	if err != nil {
		return nil, err
	}
	if err := in.fix(&settings); err != nil {
		return nil, err
	}
	var hooks directory.Hooks
	var dialect directory.Dialect
	if others := c.Service.Pools(); len(others) > 0 {
		hooks, dialect = directory.Hooks{Now: others[0].Now, OnCode: others[0].OnCode, Triggers: others[0].Triggers}, others[0].Dialect
	}
	if hooks.Triggers, err = selectTriggers(in.LambdaConfig, hooks.Triggers); err != nil {
		return nil, err
	}
	made, err := directory.New(c.Region+"_"+random.Text(poolIDLength, digits+small+capital), settings, hooks, dialect)
	if err != nil {
		return nil, newRefusal(err)
	}
	made.Title, made.Members = in.PoolName, kept(in.All, slices.Concat(settled, fixedMembers)...)
	made.Fixed = directory.Members{}
	for _, name := range fixedMembers {
		if raw, ok := in.All[name]; ok {
			made.Fixed[name] = raw
		}
	}
	if err := c.Service.Add(made, nil); err != nil {
		return nil, err
	}
	made.Lock()
	defer made.Unlock()
	return &poolOutput{showPool(made)}, nil
}

func describeUserPool(c *api.Call, _ *poolRequest) (*poolOutput, error) {
	return &poolOutput{showPool(c.Pool)}, nil
}

type listPoolsInput struct {
	MaxResults int
	NextToken  string
}

type listPoolsOutput struct {
	UserPools []shown
	NextToken string `json:",omitempty"`
}

func listUserPools(c *api.Call, in *listPoolsInput) (*listPoolsOutput, error) {
	found, next, err := page(c.Service.Pools(), in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listPoolsOutput{UserPools: []shown{}, NextToken: next}
	for _, p := range found {
		p.Lock()
		out.UserPools = append(out.UserPools, shown{
			"Id": p.ID, "Name": p.Title, "LambdaConfig": shown{},
			"CreationDate": api.EpochSeconds(p.Created), "LastModifiedDate": api.EpochSeconds(p.Modified),
		})
		p.Unlock()
	}
	return out, nil
}

// updateUserPool sets a missing member to its default. Triggers and members that only
// CreateUserPool sets do not change.
func updateUserPool(c *api.Call, in *updatePoolInput) (*api.Nothing, error) {
	p := c.Pool
	if len(in.LambdaConfig) > 0 {
		return nil, exception.InvalidParameter("LambdaConfig: the triggers of a pool cannot change. Give LambdaConfig to CreateUserPool.")
	}
	settings, err := in.settings(p.Settings)
	if err != nil {
		return nil, err
	}
	if err := p.Configure(settings); err != nil {
		return nil, newRefusal(err)
	}
	if in.PoolName != "" {
		p.Title = in.PoolName
	}
	p.Members = kept(in.All, slices.Concat(settled, fixedMembers)...)
	return &api.Nothing{}, nil
}

func deleteUserPool(c *api.Call, _ *poolRequest) (*api.Nothing, error) {
	if string(c.Pool.Members["DeletionProtection"]) == `"ACTIVE"` {
		return nil, exception.InvalidParameter("The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
	}
	c.Service.Remove(c.Pool)
	return &api.Nothing{}, nil
}

// showPool returns UserPoolType.
func showPool(p *directory.Pool) shown {
	out := shown{
		"VerificationMessageTemplate": shown{"DefaultEmailOption": "CONFIRM_WITH_CODE"},
		"EmailConfiguration":          shown{"EmailSendingAccount": "COGNITO_DEFAULT"},
		"UserAttributeUpdateSettings": shown{"AttributesRequireVerificationBeforeUpdate": []string{}},
		"DeletionProtection":          "INACTIVE", "LambdaConfig": shown{},
	}.with(p.Members).with(p.Fixed)
	delete(out, "Schema") // the response has SchemaAttributes instead
	for name, value := range map[string]any{
		"Id": p.ID, "Name": p.Title, "Arn": fmt.Sprintf("arn:aws:cognito-idp:%s:%s:userpool/%s", p.Region(), account, p.ID),
		"CreationDate": api.EpochSeconds(p.Created), "LastModifiedDate": api.EpochSeconds(p.Modified),
		"EstimatedNumberOfUsers": p.CountUsers(), "MfaConfiguration": p.MFA, "UserPoolTier": p.Tier,
		"Policies": shown{
			"PasswordPolicy": showPolicy(p.Policy), "SignInPolicy": shown{"AllowedFirstAuthFactors": p.AllowedFirstFactors},
		},
		"SchemaAttributes": schemaOf(p), "AdminCreateUserConfig": showCreation(p),
	} {
		out[name] = value
	}
	if p.Dialect.StepUp != "IGNORED" {
		out["AcrConfiguration"] = showLevels(p.LevelNames)
	}
	if p.Devices != nil {
		out["DeviceConfiguration"] = p.Devices
	}
	for name, attributes := range map[string][]string{"AliasAttributes": p.AliasAttributes, "UsernameAttributes": p.UsernameAttributes} {
		if len(attributes) > 0 {
			out[name] = slices.Clone(attributes)
		}
	}
	return out
}

// showCreation returns AdminCreateUserConfigType: the members of the request, with the settings
// in force.
func showCreation(p *directory.Pool) shown {
	out := shown{}
	if raw, ok := p.Members["AdminCreateUserConfig"]; ok {
		if err := json.Unmarshal(raw, &out); err != nil {
			panic(err) // an operation has read the member before
		}
	}
	out["AllowAdminCreateUserOnly"], out["UnusedAccountValidityDays"] = p.AdminCreatesUsers, p.Policy.TemporaryPasswordValidityDays
	return out
}

func showLevels(names []string) shown {
	out := shown{}
	for level, name := range names {
		out[levelKey(level)] = shown{"AcrValue": name}
	}
	return out
}

func showPolicy(policy directory.PasswordPolicy) shown {
	out := shown{
		"MinimumLength": policy.MinimumLength, "RequireLowercase": policy.RequireLowercase, "RequireUppercase": policy.RequireUppercase,
		"RequireNumbers": policy.RequireNumbers, "RequireSymbols": policy.RequireSymbols,
		"TemporaryPasswordValidityDays": policy.TemporaryPasswordValidityDays,
	}
	if policy.HistorySize > 0 {
		out["PasswordHistorySize"] = policy.HistorySize
	}
	return out
}
