package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// MethodPassword and the other methods are what the claim amr has for a factor.
const (
	MethodPassword    = "pwd"
	MethodTOTP        = "otp"
	MethodSMS         = "sms"
	MethodEmail       = "email_otp"
	MethodPlatformKey = "swk" // a passkey of the machine itself
	MethodRoamingKey  = "hwk" // a passkey on something that the user carries
	manyMethods       = "mfa" // beside two methods or more
)

// secondMethods are the methods of MFAFactors.
var secondMethods = []string{MethodSMS, MethodEmail, MethodTOTP}

// methodOf has the method of each challenge that proves one alone.
var methodOf = map[string]string{
	"PASSWORD": MethodPassword, "PASSWORD_VERIFIER": MethodPassword,
	"SMS_MFA": MethodSMS, "SMS_OTP": MethodSMS, "EMAIL_OTP": MethodEmail, "SOFTWARE_TOKEN_MFA": MethodTOTP,
}

// proof is one part of what a level takes.
type proof struct {
	methods    []string // one of them will do
	challenges []string // that ask for the proof
	usable     func(*Pool, *User) []string
}

// of lists the challenges with which a user can give the proof.
func (part proof) of(p *Pool, u *User) []string {
	usable := part.usable(p, u)
	return slices.DeleteFunc(slices.Clone(part.challenges), func(name string) bool { return !slices.Contains(usable, name) })
}

var (
	byPassword = proof{[]string{MethodPassword}, []string{"PASSWORD_SRP", "PASSWORD"}, (*Pool).FirstFactorsOf}
	byEmail    = proof{[]string{MethodEmail}, []string{"EMAIL_OTP"}, (*Pool).FirstFactorsOf}
	bySMS      = proof{[]string{MethodSMS}, []string{"SMS_OTP"}, (*Pool).FirstFactorsOf}
	byPasskey  = proof{[]string{MethodPlatformKey, MethodRoamingKey}, []string{"WEB_AUTHN"}, (*Pool).FirstFactorsOf}
	thenSMS    = proof{[]string{MethodSMS}, []string{"SMS_MFA"}, (*Pool).FactorsOf}
	thenEmail  = proof{[]string{MethodEmail}, []string{"EMAIL_OTP"}, (*Pool).FactorsOf}
	thenTOTP   = proof{[]string{MethodTOTP}, []string{"SOFTWARE_TOKEN_MFA"}, (*Pool).FactorsOf}
)

// levels has the ways to each level, from the first one on. A way is a list of
// proofs, in the order in which they are asked for.
var levels = [][][]proof{
	{{byPassword}},
	{{byEmail}, {bySMS}},
	{{byPassword, thenSMS}, {byPassword, thenEmail}, {byPasskey}},
	{{byPassword, thenTOTP}},
}

// ServiceLevels are the names of the levels where a pool has no others.
var ServiceLevels = []string{"urn:cognito:loa:1", "urn:cognito:loa:2", "urn:cognito:loa:3", "urn:cognito:loa:4"}

// lacking are the proofs of a way that are missing.
func lacking(way []proof, methods []string) []proof {
	return slices.DeleteFunc(slices.Clone(way), func(part proof) bool {
		return slices.ContainsFunc(part.methods, func(m string) bool { return slices.Contains(methods, m) })
	})
}

// LevelOf is the highest level that the methods reach, 0 for none.
func LevelOf(methods []string) int {
	for i, ways := range slices.Backward(levels) {
		if slices.ContainsFunc(ways, func(way []proof) bool { return len(lacking(way, methods)) == 0 }) {
			return i + 1
		}
	}
	return 0
}

// LevelNamed is the level with that name, 0 if the pool has no such level.
func (p *Pool) LevelNamed(name string) int { return slices.Index(p.LevelNames, name) + 1 }

// ChallengesTo lists the challenges that lead a user who has proved some methods on
// to a level. The list is empty if the user has not set up what the level takes.
func (p *Pool) ChallengesTo(level int, u *User, methods []string) []string {
	var names []string
	for _, way := range levels[level-1] {
		left := lacking(way, methods)
		if len(left) == 0 || slices.ContainsFunc(left, func(part proof) bool { return len(part.of(p, u)) == 0 }) {
			continue
		}
		for _, name := range left[0].of(p, u) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// setLevelNames puts the service's name where the pool has none of its own.
func (s *Settings) setLevelNames() {
	s.LevelNames = append(slices.Clone(s.LevelNames), ServiceLevels[min(len(s.LevelNames), len(ServiceLevels)):]...)
	for i, name := range ServiceLevels {
		s.LevelNames[i] = cmp.Or(s.LevelNames[i], name)
	}
}

// validateLevels follows the rules for AcrValue in the developer guide.
func (s *Settings) validateLevels() error {
	if err := invalid.OneOf("tier", s.Tier, "LITE", "ESSENTIALS", "PLUS"); err != nil {
		return err
	}
	switch {
	case len(s.LevelNames) > len(ServiceLevels):
		return invalid.Field("levelNames", "there are %d levels, not %d", len(ServiceLevels), len(s.LevelNames))
	case s.Tier == "LITE" && !slices.Equal(s.LevelNames, ServiceLevels):
		return invalid.Field("levelNames", "they need the tier ESSENTIALS or PLUS")
	}
	for i, name := range s.LevelNames {
		path := fmt.Sprintf("levelNames[%d]", i)
		switch {
		case len(name) > 64:
			return invalid.Field(path, "it is longer than 64 characters")
		case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }):
			return invalid.Field(path, "%q has a space, a quotation mark, a backslash, or a letter that is not ASCII", name)
		case slices.Index(s.LevelNames, name) != i:
			return invalid.Field(path, "%q is another level's name", name)
		}
	}
	return nil
}
