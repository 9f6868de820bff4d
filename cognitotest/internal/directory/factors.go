package directory

import (
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// usableFactor is a first factor of USER_AUTH.
type usableFactor struct {
	name string
	// allow is the name of the factor in AllowedFirstFactors.
	allow string
	// usable reports whether the user can use the factor.
	usable func(*User) bool
}

// usableFactors are in the order of AvailableChallenges. An invented user seems to have a
// password and verified addresses.
var usableFactors = []usableFactor{
	{"PASSWORD_SRP", "PASSWORD", (*User).mayHavePassword},
	{"PASSWORD", "PASSWORD", (*User).mayHavePassword},
	{"EMAIL_OTP", "EMAIL_OTP", func(u *User) bool { return u.reachable(Email) }},
	{"SMS_OTP", "SMS_OTP", func(u *User) bool { return u.reachable(SMS) }},
	{"WEB_AUTHN", "WEB_AUTHN", func(u *User) bool { return len(u.Passkeys) > 0 }},
}

func (u *User) mayHavePassword() bool { return u.Ghost || u.HasAnyPassword() }

// reachable reports whether the user has a verified address for codes.
func (u *User) reachable(by Delivery) bool {
	return u.Ghost || u.Attributes[by.Attribute] != "" && u.IsVerified(by.Attribute)
}

// FirstFactorsOf returns the first factors of the user. A user must replace a temporary
// password, so such a password is the only factor.
func (p *Pool) FirstFactorsOf(u *User) []string {
	var names []string
	for _, f := range usableFactors {
		if slices.Contains(p.AllowedFirstFactors, f.allow) && f.usable(u) && (!u.Temporary || f.allow == "PASSWORD") {
			names = append(names, f.name)
		}
	}
	return names
}

// ConfiguredFactors returns the first and second factors of the user, with the names of
// ConfiguredUserAuthFactors.
func (p *Pool) ConfiguredFactors(u *User) []string {
	names := p.FirstFactorsOf(u)
	// PASSWORD stands for SRP too.
	names = slices.DeleteFunc(names, func(name string) bool { return name == "PASSWORD_SRP" })
	if u.TOTP != nil && slices.Contains(p.MFATypes, "SOFTWARE_TOKEN_MFA") {
		names = append(names, "SOFTWARE_TOKEN")
	}
	return names
}

// FactorsOf returns the second factors of the user that the pool offers.
func (p *Pool) FactorsOf(u *User) []string {
	var factors []string
	for _, factor := range u.MFA {
		if slices.Contains(p.MFATypes, factor) {
			factors = append(factors, factor)
		}
	}
	return factors
}

// Enrol adds a second factor.
func (u *User) Enrol(factor string) {
	if !slices.Contains(u.MFA, factor) {
		u.MFA = append(u.MFA, factor)
	}
}

// MFAIsOff is the error about a second factor in a pool without MFA.
const MFAIsOff = "mfa of the pool is OFF: set mfa to OPTIONAL or ON"

// CheckMFA refuses factors that the pool cannot ask for.
func (p *Pool) CheckMFA(u *User) error {
	for i, factor := range u.MFA {
		path := fmt.Sprintf("mfa[%d]", i)
		if p.MFA == "OFF" {
			return invalid.Field(path, MFAIsOff)
		}
		if err := invalid.OneOf(path, factor, p.MFATypes...); err != nil {
			return err
		}
		switch {
		case factor == "SMS_MFA" && u.Attributes["phone_number"] == "":
			return invalid.Field(path, "SMS_MFA needs the attribute phone_number")
		case factor == "EMAIL_OTP" && u.Attributes["email"] == "":
			return invalid.Field(path, "EMAIL_OTP needs the attribute email")
		case factor == "SOFTWARE_TOKEN_MFA" && u.TOTP == nil:
			return invalid.Field(path, "SOFTWARE_TOKEN_MFA needs a totpSecret")
		}
	}
	switch {
	case u.PreferredMFA == "":
		return nil
	case len(u.MFA) == 0:
		return invalid.Field("preferredMfa", "the user has no second factor to prefer")
	}
	return invalid.OneOf("preferredMfa", u.PreferredMFA, u.MFA...)
}
