package cognitotest

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// userAuthFlow is the choice-based flow.
var userAuthFlow = authFlow{
	allow: []string{"ALLOW_USER_AUTH"}, public: true, admin: true,
	required: []string{"USERNAME"},
	identify: identifyByName, begin: beginUserAuth, steps: afterPassword,
}

// firstFactor is one way to begin a sign-in with USER_AUTH.
type firstFactor struct {
	name string
	// allow is the name that the pool's configuration has for it.
	allow string
	// usable says whether the user has what it takes.
	usable func(*user) bool
	// key is what the client may send along with the choice, and has to if
	// it is required; begin judges it. A factor that comes without is asked
	// for as a challenge.
	key      string
	required bool
	begin    func(c *call, si *signIn, parameters map[string]string) (string, error)
}

// firstFactors are in the order of AvailableChallenges. A made-up user looks
// like one who has a password and verified addresses.
var firstFactors = []firstFactor{
	{name: "PASSWORD_SRP", allow: "PASSWORD", usable: (*user).mayHavePassword, key: "SRP_A", required: true, begin: beginSRP},
	{name: "PASSWORD", allow: "PASSWORD", usable: (*user).mayHavePassword, key: "PASSWORD", required: true, begin: beginPassword},
	{name: "EMAIL_OTP", allow: "EMAIL_OTP", usable: func(u *user) bool { return u.reachable(emailDelivery) }},
	{name: "SMS_OTP", allow: "SMS_OTP", usable: func(u *user) bool { return u.reachable(smsDelivery) }},
	{name: "WEB_AUTHN", allow: "WEB_AUTHN", usable: func(u *user) bool { return len(u.passkeys) > 0 }, key: "CREDENTIAL", begin: beginPasskey},
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
	for _, f := range firstFactors {
		if slices.Contains(p.allowedFirstFactors, f.allow) && f.usable(u) && (!u.temporary || f.allow == "PASSWORD") {
			names = append(names, f.name)
		}
	}
	return names
}

func findFirstFactor(name string) (firstFactor, bool) {
	i := slices.IndexFunc(firstFactors, func(f firstFactor) bool { return f.name == name })
	if i < 0 {
		return firstFactor{}, false
	}
	return firstFactors[i], true
}

func beginUserAuth(c *call, si *signIn, parameters map[string]string) (string, error) {
	if si.opened != "" {
		return "", c.enterFromSignUp(si)
	}
	si.chooses = true
	usable := c.pool.firstFactorsOf(si.user)
	if len(usable) == 0 {
		return "", exception.WrongCredentials()
	}
	preferred := parameters["PREFERRED_CHALLENGE"]
	if _, known := findFirstFactor(preferred); preferred != "" && !known {
		return "", exception.InvalidParameter("PREFERRED_CHALLENGE is none of the first factors")
	}
	if !slices.Contains(usable, preferred) {
		return "SELECT_CHALLENGE", nil
	}
	if si.user.ghost {
		si.only = preferred // so it was recorded, in a pool that also allows passwords
	}
	return c.choose(si, preferred, parameters)
}

// choose goes on with a first factor that the user can use.
func (c *call) choose(si *signIn, name string, parameters map[string]string) (string, error) {
	f, _ := findFirstFactor(name)
	switch {
	case f.key != "" && parameters[f.key] != "":
		return f.begin(c, si, parameters)
	case f.required && !c.pool.dialect.PasswordChallenges:
		return "", exception.MissingParameter(f.key)
	}
	return f.name, nil
}

// firstFactorChoices are the AvailableChallenges of a challenge that is a first
// factor, or the choice of one.
func firstFactorChoices(c *call, si *signIn) []string {
	switch {
	case !si.beginsByChoice():
		return nil
	case si.only != "":
		return []string{si.only}
	}
	return c.pool.firstFactorsOf(si.user)
}

// selectChallenge asks for the first factor, and takes what it needs in the
// same answer.
var selectChallenge = challenge{
	required: []string{"ANSWER"},
	present:  presentNothing,
	choices:  firstFactorChoices,
	answer: func(c *call, si *signIn, _ any, responses map[string]string) (string, error) {
		if !slices.Contains(c.pool.firstFactorsOf(si.user), responses["ANSWER"]) {
			return "", exception.InvalidParameter("ANSWER is not among the available challenges")
		}
		return c.choose(si, responses["ANSWER"], responses)
	},
}

// passwordChallenge asks for a first factor that usually comes with its
// choice. No client of the service has been seen to get one.
func passwordChallenge(name string) challenge {
	f, _ := findFirstFactor(name)
	return challenge{
		required: []string{f.key},
		optIn:    func(d poolDialect) bool { return d.PasswordChallenges },
		present:  presentNothing,
		answer: func(c *call, si *signIn, _ any, responses map[string]string) (string, error) {
			if !slices.Contains(c.pool.firstFactorsOf(si.user), name) {
				return "", exception.InvalidParameter("%s is not among the available challenges", name)
			}
			return f.begin(c, si, responses)
		},
	}
}

func presentNothing(*call, *signIn) (map[string]string, any, error) {
	return map[string]string{}, nil, nil
}
