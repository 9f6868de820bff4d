package account

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

// authFactors is the output of GetUserAuthFactors and AdminGetUserAuthFactors.
type authFactors struct {
	Username                  string
	PreferredMfaSetting       string   `json:",omitempty"`
	UserMFASettingList        []string `json:",omitempty"`
	ConfiguredUserAuthFactors []string
}

// getUserAuthFactors serves GetUserAuthFactors and AdminGetUserAuthFactors.
func getUserAuthFactors[In any](c *api.Call, u *directory.User, _ *In) (*authFactors, error) {
	factors := c.Pool.ConfiguredFactors(u)
	if factors == nil {
		factors = []string{}
	}
	return &authFactors{
		Username: u.Name, PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
		ConfiguredUserAuthFactors: factors,
	}, nil
}
