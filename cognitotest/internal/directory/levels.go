package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// MethodPassword and the other methods are the values of the claim amr.
const (
	MethodPassword    = "pwd"
	MethodTOTP        = "otp"
	MethodSMS         = "sms"
	MethodEmail       = "email_otp"
	MethodPlatformKey = "swk" // a passkey inside the machine
	MethodRoamingKey  = "hwk" // a passkey on a separate device, such as a USB key
	manyMethods       = "mfa" // added to two methods or more
)

// secondMethods are the methods of MFAFactors.
var secondMethods = []string{MethodSMS, MethodEmail, MethodTOTP}

// methodOf has the method of each challenge that proves exactly one method.
var methodOf = map[string]string{
	"PASSWORD": MethodPassword, "PASSWORD_VERIFIER": MethodPassword,
	"SMS_MFA": MethodSMS, "SMS_OTP": MethodSMS, "EMAIL_OTP": MethodEmail, "SOFTWARE_TOKEN_MFA": MethodTOTP,
}

// proof is one demand of a level.
type proof struct {
	methods    []string // one of these methods is enough
	challenges []string // the challenges that ask for the proof
	usable     func(*Pool, *User) []string
}

// of returns the challenges of the proof that the user can answer.
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

// levels has the ways to each level, beginning with level 1. A way is a list of proofs in the
// order of their challenges.
var levels = [][][]proof{
	{{byPassword}},
	{{byEmail}, {bySMS}},
	{{byPassword, thenSMS}, {byPassword, thenEmail}, {byPasskey}},
	{{byPassword, thenTOTP}},
}

// ServiceLevels are the names of the levels of a pool without LevelNames.
var ServiceLevels = []string{"urn:cognito:loa:1", "urn:cognito:loa:2", "urn:cognito:loa:3", "urn:cognito:loa:4"}

// lacking returns the proofs of a way that the methods lack.
func lacking(way []proof, methods []string) []proof {
	return slices.DeleteFunc(slices.Clone(way), func(part proof) bool {
		return slices.ContainsFunc(part.methods, func(m string) bool { return slices.Contains(methods, m) })
	})
}

// LevelOf returns the highest level that the methods reach, or 0.
func LevelOf(methods []string) int {
	for i, ways := range slices.Backward(levels) {
		if slices.ContainsFunc(ways, func(way []proof) bool { return len(lacking(way, methods)) == 0 }) {
			return i + 1
		}
	}
	return 0
}

// LevelNamed returns the level with this name, or 0.
func (p *Pool) LevelNamed(name string) int { return slices.Index(p.LevelNames, name) + 1 }

// ChallengesTo returns the challenges that lead a user with these methods to a level. The
// result is empty if the user lacks a factor of the level.
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

// setLevelNames replaces each empty name with the name of the service.
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
		return invalid.Field("levelNames", "level names need the tier ESSENTIALS or PLUS")
	}
	for i, name := range s.LevelNames {
		path := fmt.Sprintf("levelNames[%d]", i)
		switch {
		case len(name) > 64:
			return invalid.Field(path, "longer than 64 characters")
		case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }):
			return invalid.Field(path, "%q has a space, a quotation mark, a backslash, or a letter that is not ASCII", name)
		case slices.Index(s.LevelNames, name) != i:
			return invalid.Field(path, "%q is the name of another level", name)
		}
	}
	return nil
}
