package account

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

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
