package signin

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// enterFromSignUp signs a user in once with the session of SignUp or ConfirmSignUp.
func enterFromSignUp(c *api.Call, si *directory.SignIn) error {
	opened, err := c.Pool.OpenedSession(si.Opened, directory.PurposeSignedUp)
	if err != nil {
		return err
	}
	if opened.Value.SignIn.User != si.User || opened.Value.SignIn.Client != c.Client {
		return exception.InvalidSession()
	}
	c.Pool.SpendSession(si.Opened)
	si.Passed(directory.PurposeSignUp)
	return nil
}

// userAuthFlow is USER_AUTH.
var userAuthFlow = authFlow{
	allow: []string{"ALLOW_USER_AUTH"}, public: true, admin: true,
	required: []string{"USERNAME"},
	identify: identifyByName, begin: beginUserAuth, steps: afterPassword,
}

// firstFactor describes the parameter that a client sends with the choice of a first factor.
// The function begin judges the parameter. If a required parameter is missing, the pool
// refuses the choice. If another parameter is missing, the pool poses the challenge.
type firstFactor struct {
	key      string
	required bool
	begin    func(c *api.Call, si *directory.SignIn, parameters map[string]string) (string, error)
}

var firstFactors = map[string]firstFactor{
	"PASSWORD_SRP": {key: "SRP_A", required: true, begin: beginSRP},
	"PASSWORD":     {key: "PASSWORD", required: true, begin: beginPassword},
	"EMAIL_OTP":    {},
	"SMS_OTP":      {},
	"WEB_AUTHN":    {key: "CREDENTIAL", begin: beginPasskey},
}

func beginUserAuth(c *api.Call, si *directory.SignIn, parameters map[string]string) (string, error) {
	if err := aim(c, si, parameters); err != nil {
		return "", err
	}
	if si.Opened != "" {
		return "", enterFromSignUp(c, si)
	}
	if si.Target > 0 && si.Reached() {
		return "", nil // the name of the level has changed meanwhile
	}
	si.Chooses = true
	usable := usableFactors(c, si)
	if len(usable) == 0 {
		return "", exception.WrongCredentials()
	}
	preferred := parameters["PREFERRED_CHALLENGE"]
	if _, known := firstFactors[preferred]; preferred != "" && !known {
		return "", exception.InvalidParameter("PREFERRED_CHALLENGE is none of the first factors")
	}
	if len(si.Methods) > 0 && len(usable) == 1 {
		preferred = usable[0] // a step-up with one factor leaves no choice
	}
	if !slices.Contains(usable, preferred) {
		return "SELECT_CHALLENGE", nil
	}
	if si.User.Ghost {
		si.Only = preferred // as in a recording of a pool that also allows passwords
	}
	return choose(c, si, preferred, parameters)
}

// choose goes on with a first factor of the user.
func choose(c *api.Call, si *directory.SignIn, name string, parameters map[string]string) (string, error) {
	f := firstFactors[name]
	switch {
	case f.key != "" && parameters[f.key] != "":
		return f.begin(c, si, parameters)
	case f.required && !c.Pool.Dialect.PasswordChallenges:
		return "", exception.MissingParameter(f.key)
	}
	return name, nil
}

// usableFactors returns the factors that the user can choose.
func usableFactors(c *api.Call, si *directory.SignIn) []string {
	if si.Target > 0 {
		return c.Pool.ChallengesTo(si.Target, si.User, si.Methods)
	}
	return c.Pool.FirstFactorsOf(si.User)
}

// firstFactorChoices returns AvailableChallenges of a first factor, or of the choice of a first
// factor.
func firstFactorChoices(c *api.Call, si *directory.SignIn) []string {
	switch {
	case !si.BeginsByChoice():
		return nil
	case si.Only != "":
		return []string{si.Only}
	}
	return usableFactors(c, si)
}

// selectChallenge asks for the choice of the first factor. The same answer has the parameters
// of the factor.
var selectChallenge = challenge{
	required: []string{"ANSWER"},
	present:  presentNothing,
	choices:  firstFactorChoices,
	answer: func(c *api.Call, si *directory.SignIn, _ any, responses map[string]string) (string, error) {
		if !slices.Contains(usableFactors(c, si), responses["ANSWER"]) {
			return "", exception.InvalidParameter("ANSWER is not among the available challenges")
		}
		return choose(c, si, responses["ANSWER"], responses)
	},
}

// passwordChallenge asks for a password or SRP_A after a choice without these parameters. No
// recording has this challenge.
func passwordChallenge(name string) challenge {
	f := firstFactors[name]
	return challenge{
		required: []string{f.key},
		optIn:    func(d directory.Dialect) bool { return d.PasswordChallenges },
		present:  presentNothing,
		answer: func(c *api.Call, si *directory.SignIn, _ any, responses map[string]string) (string, error) {
			if !slices.Contains(usableFactors(c, si), name) {
				return "", exception.InvalidParameter("%s is not among the available challenges", name)
			}
			return f.begin(c, si, responses)
		},
	}
}

func presentNothing(*api.Call, *directory.SignIn) (map[string]string, any, error) {
	return map[string]string{}, nil, nil
}
