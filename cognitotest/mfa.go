package cognitotest

import (
	"encoding/json"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// selectMFAType lets the user choose the second factor.
var selectMFAType = challenge{
	required: []string{"ANSWER"},
	present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
		return listParameter("MFAS_CAN_CHOOSE", c.Pool.FactorsOf(si.User))
	},
	answer: func(c *api.Call, si *directory.SignIn, _ any, responses map[string]string) (string, error) {
		chosen := responses["ANSWER"]
		switch {
		case !slices.Contains(directory.MFAFactors, chosen):
			return "", exception.InvalidParameter("ANSWER is none of the second factors")
		case !slices.Contains(c.Pool.FactorsOf(si.User), chosen):
			return "", exception.New("MFAMethodNotFoundException", "the user has not set up %s", chosen)
		}
		return chosen, nil
	},
}

// mfaSetup makes a user without a second factor get one: an authenticator
// app by way of AssociateSoftwareToken and VerifySoftwareToken, whose session
// then answers the challenge, or an e-mail address.
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

// enrolled completes the set-up of a factor whose code the user has just
// proved to receive.
func enrolled(c *api.Call, si *directory.SignIn, factor string, by directory.Delivery) error {
	if si.Enrolling != factor {
		return nil
	}
	if err := c.Pool.VerifyAddress(si.User, by); err != nil {
		return err
	}
	si.User.Enrol(factor)
	return nil
}

// listParameter makes a parameter that holds a JSON list in its string.
func listParameter(name string, values []string) (map[string]string, any, error) {
	text, err := json.Marshal(values)
	return map[string]string{name: string(text)}, nil, err
}

type mfaSettings struct{ Enabled, PreferredMfa bool }

type setUserMFAPreferenceInput struct {
	AccessToken              string `model:"required,AccessToken"`
	SMSMfaSettings           *mfaSettings
	SoftwareTokenMfaSettings *mfaSettings
	EmailMfaSettings         *mfaSettings
}

func setUserMFAPreference(c *api.Call, u *directory.User, in *setUserMFAPreferenceInput) (*api.Nothing, error) {
	changed := *u
	changed.MFA = slices.Clone(changed.MFA)
	for i, settings := range []*mfaSettings{in.SMSMfaSettings, in.EmailMfaSettings, in.SoftwareTokenMfaSettings} {
		if settings == nil {
			continue
		}
		factor := directory.MFAFactors[i]
		changed.MFA = slices.DeleteFunc(changed.MFA, func(f string) bool { return f == factor })
		if changed.PreferredMFA == factor {
			changed.PreferredMFA = ""
		}
		if settings.Enabled {
			changed.Enrol(factor)
		}
		if settings.PreferredMfa {
			changed.PreferredMFA = factor
		}
	}
	if err := c.Pool.CheckMFA(&changed); err != nil {
		return nil, exception.InvalidParameter("%v", err)
	}
	u.MFA, u.PreferredMFA = changed.MFA, changed.PreferredMFA
	return &api.Nothing{}, nil
}
