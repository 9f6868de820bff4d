package api

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"

// AuthFactors is what GetUserAuthFactors and AdminGetUserAuthFactors return.
type AuthFactors struct {
	Username                  string
	PreferredMfaSetting       string   `json:",omitempty"`
	UserMFASettingList        []string `json:",omitempty"`
	ConfiguredUserAuthFactors []string
}

// GetUserAuthFactors serves GetUserAuthFactors and AdminGetUserAuthFactors.
func GetUserAuthFactors[In any](c *Call, u *directory.User, _ *In) (*AuthFactors, error) {
	factors := c.Pool.ConfiguredFactors(u)
	if factors == nil {
		factors = []string{}
	}
	return &AuthFactors{
		Username: u.Name, PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
		ConfiguredUserAuthFactors: factors,
	}, nil
}
