package cognitotest

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// selectMFAType lets the user choose the second factor.
var selectMFAType = challenge{
	required: []string{"ANSWER"},
	present: func(c *call, si *signIn) (map[string]string, any, error) {
		return listParameter("MFAS_CAN_CHOOSE", c.pool.factorsOf(si.user))
	},
	answer: func(c *call, si *signIn, _ any, responses map[string]string) (string, error) {
		chosen := responses["ANSWER"]
		switch {
		case !slices.Contains(mfaFactors, chosen):
			return "", exception.InvalidParameter("ANSWER is none of the second factors")
		case !slices.Contains(c.pool.factorsOf(si.user), chosen):
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
	present: func(c *call, si *signIn) (map[string]string, any, error) {
		name := "MFAS_CAN_SETUP"
		if c.pool.dialect.MFACanSetup {
			name = "MFA_CAN_SETUP"
		}
		parameters, _, err := listParameter(name, c.pool.mfaTypes)
		parameters["USER_ID_FOR_SRP"] = c.pool.srpID(si.user)
		return parameters, totpSetup{}, err
	},
	answer: func(c *call, si *signIn, given any, responses map[string]string) (string, error) {
		p := c.pool
		if address := responses["EMAIL"]; address != "" {
			if p.dialect.NoEmailSetup || !slices.Contains(p.mfaTypes, "EMAIL_OTP") {
				return "", exception.InvalidParameter("EMAIL cannot be set up here")
			}
			if err := p.setAttributes(si.user, map[string]string{"email": address}); err != nil {
				return "", err
			}
			si.enrolling = "EMAIL_OTP"
			return "EMAIL_OTP", nil
		}
		setup := given.(totpSetup)
		if !setup.verified {
			return "", exception.InvalidParameter("no software token is verified in this session")
		}
		si.user.totp = setup.totp
		si.user.enrol("SOFTWARE_TOKEN_MFA")
		si.passed("SOFTWARE_TOKEN_MFA")
		return "", nil
	},
}

// enrolled completes the set-up of a factor whose code the user has just
// proved to receive.
func (c *call) enrolled(si *signIn, factor string, by delivery) error {
	if si.enrolling != factor {
		return nil
	}
	if err := c.pool.verifyAddress(si.user, by); err != nil {
		return err
	}
	si.user.enrol(factor)
	return nil
}

// listParameter makes a parameter that holds a JSON list in its string.
func listParameter(name string, values []string) (map[string]string, any, error) {
	text, err := json.Marshal(values)
	return map[string]string{name: string(text)}, nil, err
}

// verifyAddress notes that codes reach the user, who can sign in by the
// address from now on.
func (p *userPool) verifyAddress(u *user, by delivery) error {
	attributes := maps.Clone(u.attributes)
	attributes[verifiedAttribute(by.attribute)] = "true"
	return p.replaceAttributes(u, attributes)
}

type mfaSettings struct{ Enabled, PreferredMfa bool }

type setUserMFAPreferenceInput struct {
	AccessToken              string `model:"required,AccessToken"`
	SMSMfaSettings           *mfaSettings
	SoftwareTokenMfaSettings *mfaSettings
	EmailMfaSettings         *mfaSettings
}

func setUserMFAPreference(c *call, u *user, in *setUserMFAPreferenceInput) (*noOutput, error) {
	changed := *u
	changed.mfa = slices.Clone(changed.mfa)
	for i, settings := range []*mfaSettings{in.SMSMfaSettings, in.EmailMfaSettings, in.SoftwareTokenMfaSettings} {
		if settings == nil {
			continue
		}
		factor := mfaFactors[i]
		changed.mfa = slices.DeleteFunc(changed.mfa, func(f string) bool { return f == factor })
		if changed.preferredMFA == factor {
			changed.preferredMFA = ""
		}
		if settings.Enabled {
			changed.enrol(factor)
		}
		if settings.PreferredMfa {
			changed.preferredMFA = factor
		}
	}
	if err := c.pool.checkMFA(&changed); err != nil {
		return nil, exception.InvalidParameter("%v", err)
	}
	u.mfa, u.preferredMFA = changed.mfa, changed.preferredMFA
	return &noOutput{}, nil
}
