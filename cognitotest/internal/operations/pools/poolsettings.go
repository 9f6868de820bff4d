package pools

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// poolMembers are the members of CreateUserPool and UpdateUserPool with an effect on the pool.
// All has every member.
type poolMembers struct {
	All              wire.Members
	MfaConfiguration string
	Policies         struct {
		PasswordPolicy *passwordPolicy
		SignInPolicy   struct{ AllowedFirstAuthFactors []string }
	}
	DeviceConfiguration   *directory.DeviceSettings
	UserPoolTier          string
	SmsConfiguration      json.RawMessage
	LambdaConfig          map[string]json.RawMessage
	AcrConfiguration      acrConfiguration
	AdminCreateUserConfig struct {
		AllowAdminCreateUserOnly  bool
		UnusedAccountValidityDays int // an older name: TemporaryPasswordValidityDays wins
	}
	VerificationMessageTemplate struct{ DefaultEmailOption string }
}

// acrConfiguration has the names of levels by "Level1" to "Level4".
type acrConfiguration map[string]struct{ AcrValue string }

func (a acrConfiguration) names() (names []string) {
	for level := range directory.ServiceLevels {
		names = append(names, a[levelKey(level)].AcrValue)
	}
	return names
}

func levelKey(level int) string { return fmt.Sprintf("Level%d", level+1) }

type passwordPolicy struct {
	MinimumLength, PasswordHistorySize, TemporaryPasswordValidityDays  int
	RequireLowercase, RequireUppercase, RequireNumbers, RequireSymbols bool
}

// outOfRange returns the limit of the API model that a policy breaks, or an empty string. A
// member that is 0 has its default.
func (p *passwordPolicy) outOfRange() string {
	switch {
	case p.MinimumLength != 0 && (p.MinimumLength < 6 || p.MinimumLength > 99):
		return "MinimumLength is not between 6 and 99"
	case p.PasswordHistorySize < 0 || p.PasswordHistorySize > 24:
		return "PasswordHistorySize is not between 0 and 24"
	case p.TemporaryPasswordValidityDays < 0 || p.TemporaryPasswordValidityDays > 365:
		return "TemporaryPasswordValidityDays is not between 0 and 365"
	}
	return ""
}

type createPoolInput struct {
	PoolName string `model:"required,PoolName"`
	poolMembers
	AliasAttributes       []string
	UsernameAttributes    []string
	UsernameConfiguration struct{ CaseSensitive bool }
	Schema                []schemaAttribute
}

type updatePoolInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	PoolName   string `model:"PoolName"`
	poolMembers
}

// settings returns the settings of the members, and the former settings that no member sets.
func (in *poolMembers) settings(s directory.Settings) (directory.Settings, error) {
	if in.VerificationMessageTemplate.DefaultEmailOption == "CONFIRM_WITH_LINK" {
		return s, exception.InvalidParameter("VerificationMessageTemplate: the pool has no links. Use CONFIRM_WITH_CODE.")
	}
	s.MFA = cmp.Or(in.MfaConfiguration, "OFF")
	s.Tier, s.LevelNames = in.UserPoolTier, in.AcrConfiguration.names()
	if s.Tier == "LITE" && len(in.AcrConfiguration) > 0 {
		return s, exception.New("FeatureUnavailableInTierException", "AcrConfiguration needs the feature plan ESSENTIALS or PLUS.")
	}
	s.Devices = in.DeviceConfiguration
	s.AllowedFirstFactors = in.Policies.SignInPolicy.AllowedFirstAuthFactors
	s.AdminCreatesUsers = in.AdminCreateUserConfig.AllowAdminCreateUserOnly
	s.Policy = directory.ServicePolicy
	if p := in.Policies.PasswordPolicy; p != nil {
		if problem := p.outOfRange(); problem != "" {
			return s, exception.InvalidParameter("PasswordPolicy: %s", problem)
		}
		s.Policy = directory.PasswordPolicy{
			MinimumLength: p.MinimumLength, HistorySize: p.PasswordHistorySize, TemporaryPasswordValidityDays: p.TemporaryPasswordValidityDays,
			RequireLowercase: p.RequireLowercase, RequireUppercase: p.RequireUppercase,
			RequireNumbers: p.RequireNumbers, RequireSymbols: p.RequireSymbols,
		}
	}
	if days := in.AdminCreateUserConfig.UnusedAccountValidityDays; days > 0 && (in.Policies.PasswordPolicy == nil || in.Policies.PasswordPolicy.TemporaryPasswordValidityDays == 0) {
		s.Policy.TemporaryPasswordValidityDays = days
	}
	if in.SmsConfiguration != nil && !slices.Contains(s.MFATypes, "SMS_MFA") {
		s.MFATypes = append(slices.Clip(s.MFATypes), "SMS_MFA")
	}
	if s.MFA != "OFF" && len(s.MFATypes) == 0 {
		return s, exception.InvalidParameter("SMS configuration and Auto verification for phone_number are required when MFA is required/optional")
	}
	return s, nil
}

// fix sets the settings that no operation can change later.
func (in *createPoolInput) fix(s *directory.Settings) error {
	s.AliasAttributes, s.UsernameAttributes = in.AliasAttributes, in.UsernameAttributes
	s.CaseSensitive = in.UsernameConfiguration.CaseSensitive
	for _, a := range in.Schema {
		switch {
		case a.Name == "":
			return exception.InvalidParameter("Schema: an attribute has no Name")
		case !a.Required:
		case !a.standard():
			return exception.InvalidParameter("Schema: %s: required custom attributes are not supported currently.", a.Name)
		case a.Name != "sub":
			s.RequiredAttributes = append(s.RequiredAttributes, a.Name)
		}
	}
	return nil
}
