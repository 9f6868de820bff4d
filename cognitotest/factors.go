package cognitotest

import (
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// usableFactor is one way to begin a sign-in with USER_AUTH.
type usableFactor struct {
	name string
	// allow is the name that allowedFirstFactors has for the factor.
	allow string
	// usable says whether the user has what the factor takes.
	usable func(*user) bool
}

// usableFactors are in the order of AvailableChallenges. A made-up user looks
// like one who has a password and verified addresses.
var usableFactors = []usableFactor{
	{"PASSWORD_SRP", "PASSWORD", (*user).mayHavePassword},
	{"PASSWORD", "PASSWORD", (*user).mayHavePassword},
	{"EMAIL_OTP", "EMAIL_OTP", func(u *user) bool { return u.reachable(emailDelivery) }},
	{"SMS_OTP", "SMS_OTP", func(u *user) bool { return u.reachable(smsDelivery) }},
	{"WEB_AUTHN", "WEB_AUTHN", func(u *user) bool { return len(u.passkeys) > 0 }},
}

func (u *user) mayHavePassword() bool { return u.ghost || len(u.passwords) > 0 }

// reachable says whether codes can go to an address that is the user's own.
func (u *user) reachable(by delivery) bool {
	return u.ghost || u.attributes[by.attribute] != "" && u.attributes[verifiedAttribute(by.attribute)] == "true"
}

// firstFactorsOf lists what the user can begin with: with a temporary password
// that alone, since it has to be replaced.
func (p *userPool) firstFactorsOf(u *user) []string {
	var names []string
	for _, f := range usableFactors {
		if slices.Contains(p.allowedFirstFactors, f.allow) && f.usable(u) && (!u.temporary || f.allow == "PASSWORD") {
			names = append(names, f.name)
		}
	}
	return names
}

// factorsOf gives the second factors that the user has and the pool offers.
func (p *userPool) factorsOf(u *user) []string {
	var factors []string
	for _, factor := range u.mfa {
		if slices.Contains(p.mfaTypes, factor) {
			factors = append(factors, factor)
		}
	}
	return factors
}

// enrol adds a second factor.
func (u *user) enrol(factor string) {
	if !slices.Contains(u.mfa, factor) {
		u.mfa = append(u.mfa, factor)
	}
}

const noMFA = "the pool's mfa is OFF; set mfa to OPTIONAL or ON"

// checkMFA refuses factors that could never be asked for.
func (p *userPool) checkMFA(u *user) error {
	for i, factor := range u.mfa {
		path := fmt.Sprintf("mfa[%d]", i)
		if p.mfa == "OFF" {
			return invalid.Field(path, noMFA)
		}
		if err := invalid.OneOf(path, factor, p.mfaTypes...); err != nil {
			return err
		}
		switch {
		case factor == "SMS_MFA" && u.attributes["phone_number"] == "":
			return invalid.Field(path, "SMS_MFA needs the attribute phone_number")
		case factor == "EMAIL_OTP" && u.attributes["email"] == "":
			return invalid.Field(path, "EMAIL_OTP needs the attribute email")
		case factor == "SOFTWARE_TOKEN_MFA" && u.totp == nil:
			return invalid.Field(path, "SOFTWARE_TOKEN_MFA needs a totpSecret")
		}
	}
	switch {
	case u.preferredMFA == "":
		return nil
	case len(u.mfa) == 0:
		return invalid.Field("preferredMfa", "the user has no second factor to prefer")
	}
	return invalid.OneOf("preferredMfa", u.preferredMFA, u.mfa...)
}
