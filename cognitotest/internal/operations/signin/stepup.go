package signin

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// aim reads the parameters of USER_AUTH that ask for a level. The function sets the level, and
// the methods that an access token proves.
func aim(c *api.Call, si *directory.SignIn, parameters map[string]string) error {
	targets, token := parameters["TARGET_ACR_VALUES"], parameters["ACCESS_TOKEN"]
	switch {
	case c.Pool.Dialect.StepUp == "IGNORED", targets == "" && token == "":
		return nil
	case targets == "":
		return exception.InvalidParameter("ACCESS_TOKEN needs TARGET_ACR_VALUES")
	case c.Pool.Tier == "LITE":
		return exception.New("FeatureUnavailableInTierException", "TARGET_ACR_VALUES needs the feature plan ESSENTIALS or PLUS.")
	case si.Opened != "":
		return exception.InvalidParameter("TARGET_ACR_VALUES cannot be used with a Session of ConfirmSignUp")
	}
	presented, err := presentedGrant(c, si, token, parameters["MAX_AGE"])
	if err != nil {
		return err
	}
	met := 0
	if presented != nil {
		si.Methods, met = presented.Methods, c.Pool.LevelNamed(presented.Level)
	}
	known := slices.DeleteFunc(strings.Fields(targets), func(name string) bool { return c.Pool.LevelNamed(name) == 0 })
	if len(known) == 0 {
		return exception.InvalidParameter("TARGET_ACR_VALUES has no level that the user pool knows")
	}
	for _, name := range known {
		level := c.Pool.LevelNamed(name)
		switch {
		case met >= level:
			return exception.InvalidParameter("ACCESS_TOKEN has the level %s already", name)
		case directory.LevelOf(si.Methods) >= level, len(c.Pool.ChallengesTo(level, si.User, si.Methods)) > 0:
			si.Target = level
			return nil
		}
	}
	return exception.InvalidParameter("the user lacks the factors for the levels of TARGET_ACR_VALUES")
}

// presentedGrant returns the grant of an access token. The result is nil without a token, or
// if the user signed in more than maxAge seconds ago.
func presentedGrant(c *api.Call, si *directory.SignIn, token, maxAge string) (*directory.Grant, error) {
	seconds := uint64(0)
	if maxAge != "" {
		var err error
		if seconds, err = strconv.ParseUint(maxAge, 10, 31); err != nil {
			return nil, exception.InvalidParameter("MAX_AGE is not a number of seconds")
		}
	}
	if token == "" {
		return nil, nil
	}
	g, err := c.Pool.Authorize(token)
	switch {
	case err != nil:
		return nil, err
	case g.User != si.User:
		return nil, exception.InvalidParameter("ACCESS_TOKEN was issued for another user than USERNAME")
	case maxAge != "" && c.Pool.Now().Unix()-g.AuthTime.Unix() > int64(seconds):
		return nil, nil
	}
	return g, nil
}

// levelStep asks for the second factor that the level needs.
func levelStep(c *api.Call, si *directory.SignIn) (string, error) {
	if si.Reached() {
		return "", nil
	}
	switch factors := secondFactors(c, si); {
	case len(factors) == 0: // the user has removed the factor during the sign-in
		return "", exception.WrongCredentials()
	case len(factors) == 1:
		return factors[0], nil
	case slices.Contains(factors, si.User.PreferredMFA):
		return si.User.PreferredMFA, nil
	}
	return "SELECT_MFA_TYPE", nil
}

// secondFactors returns the second factors of the user. If the sign-in has not reached its
// level, the result has only the factors that lead to the level.
func secondFactors(c *api.Call, si *directory.SignIn) []string {
	factors := c.Pool.FactorsOf(si.User)
	if si.Reached() {
		return factors
	}
	leading := c.Pool.ChallengesTo(si.Target, si.User, si.Methods)
	return slices.DeleteFunc(factors, func(factor string) bool { return !slices.Contains(leading, factor) })
}
