package account

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type mfaSettings struct{ Enabled, PreferredMfa bool }

// webAuthnMFASettings would make passkeys a second factor. The pool refuses the member.
type webAuthnMFASettings struct{ Enabled bool }

type setUserMFAPreferenceInput struct {
	AccessToken              string `model:"required,AccessToken"`
	SMSMfaSettings           *mfaSettings
	SoftwareTokenMfaSettings *mfaSettings
	EmailMfaSettings         *mfaSettings
	WebAuthnMfaSettings      *webAuthnMFASettings
}

func setUserMFAPreference(c *api.Call, u *directory.User, in *setUserMFAPreferenceInput) (*api.Nothing, error) {
	return setMFA(c, u, in.WebAuthnMfaSettings, in.SMSMfaSettings, in.EmailMfaSettings, in.SoftwareTokenMfaSettings)
}

type adminSetUserMFAPreferenceInput struct {
	UserPoolId               string `model:"required,UserPoolId"`
	Username                 string `model:"required,Username"`
	SMSMfaSettings           *mfaSettings
	SoftwareTokenMfaSettings *mfaSettings
	EmailMfaSettings         *mfaSettings
	WebAuthnMfaSettings      *webAuthnMFASettings
}

func adminSetUserMFAPreference(c *api.Call, u *directory.User, in *adminSetUserMFAPreferenceInput) (*api.Nothing, error) {
	return setMFA(c, u, in.WebAuthnMfaSettings, in.SMSMfaSettings, in.EmailMfaSettings, in.SoftwareTokenMfaSettings)
}

// setMFA changes the second factors of a user. The settings are in the order of
// directory.MFAFactors. Nil does not change a factor.
func setMFA(c *api.Call, u *directory.User, passkeys *webAuthnMFASettings, given ...*mfaSettings) (*api.Nothing, error) {
	if passkeys != nil && passkeys.Enabled {
		return nil, exception.InvalidParameter("WebAuthnMfaSettings: the user pool has passkeys as a single factor")
	}
	changed := *u
	changed.MFA = slices.Clone(changed.MFA)
	for i, settings := range given {
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
