package signin

import (
	"encoding/json"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

func noTOTP() error {
	return exception.New("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the user.")
}

// selectMFAType lets the user choose the second factor.
var selectMFAType = challenge{
	required: []string{"ANSWER"},
	present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
		return listParameter("MFAS_CAN_CHOOSE", secondFactors(c, si))
	},
	answer: func(c *api.Call, si *directory.SignIn, _ any, responses map[string]string) (string, error) {
		chosen := responses["ANSWER"]
		switch {
		case !slices.Contains(directory.MFAFactors, chosen):
			return "", exception.InvalidParameter("ANSWER is none of the second factors")
		case !slices.Contains(secondFactors(c, si), chosen):
			return "", exception.New("MFAMethodNotFoundException", "the user has not set up %s", chosen)
		}
		return chosen, nil
	},
}

// mfaSetup demands that a user sets up a second factor. For an authenticator app the client
// calls AssociateSoftwareToken and VerifySoftwareToken, and answers with the session of the
// latter. The other factor is an e-mail address.
var mfaSetup = challenge{
	optional: []string{"USER_ID_FOR_SRP"},
	present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
		name := "MFAS_CAN_SETUP"
		if c.Pool.Dialect.MFACanSetup {
			name = "MFA_CAN_SETUP"
		}
		parameters, _, err := listParameter(name, c.Pool.MFATypes)
		parameters["USER_ID_FOR_SRP"] = c.Pool.SRPID(si.User)
		return parameters, directory.TOTPSetup{}, err
	},
	answer: func(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (string, error) {
		p := c.Pool
		if address := responses["EMAIL"]; address != "" {
			if p.Dialect.NoEmailSetup || !slices.Contains(p.MFATypes, "EMAIL_OTP") {
				return "", exception.InvalidParameter("EMAIL cannot be set up here")
			}
			if err := p.SetAttributes(si.User, map[string]string{"email": address}); err != nil {
				return "", err
			}
			si.Enrolling = "EMAIL_OTP"
			return "EMAIL_OTP", nil
		}
		setup := given.(directory.TOTPSetup)
		if !setup.Verified {
			return "", exception.InvalidParameter("no software token is verified in this session")
		}
		si.User.TOTP = setup.TOTP
		si.User.Enrol("SOFTWARE_TOKEN_MFA")
		si.Passed("SOFTWARE_TOKEN_MFA")
		return "", nil
	},
}

// completeEnrolment completes the set-up of a factor after the right code.
func completeEnrolment(c *api.Call, si *directory.SignIn, factor string, sent *directory.SentCode) error {
	if si.Enrolling != factor {
		return nil
	}
	if err := c.Pool.VerifyAddress(si.User, sent, wrongSignInCode, false); err != nil {
		return err
	}
	si.User.Enrol(factor)
	return nil
}

// listParameter makes a parameter whose text is a JSON list.
func listParameter(name string, values []string) (map[string]string, any, error) {
	text, err := json.Marshal(values)
	return map[string]string{name: string(text)}, nil, err
}

// mfaStep asks for the second factor of the settings of the pool and of the user.
func mfaStep(c *api.Call, si *directory.SignIn) (string, error) {
	if c.Pool.MFA == "OFF" || !si.HasPassword() || si.HasSecondFactor() || si.Has("DEVICE_PASSWORD_VERIFIER") {
		return "", nil
	}
	factors := c.Pool.FactorsOf(si.User)
	switch {
	case len(factors) == 0 && c.Pool.MFA == "ON":
		return "MFA_SETUP", nil
	case len(factors) == 0:
		return "", nil
	case deviceStandsIn(c, si):
		return "DEVICE_SRP_AUTH", nil
	case len(factors) == 1:
		return factors[0], nil
	case si.User.PreferredMFA != "":
		return si.User.PreferredMFA, nil
	default:
		return "SELECT_MFA_TYPE", nil
	}
}
