package administration

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

type adminGetUserOutput struct {
	Username       string
	UserAttributes []api.Attribute
	Enabled        bool
	UserStatus     string
	// Both times are seconds since 1970.
	UserCreateDate, UserLastModifiedDate float64
	PreferredMfaSetting                  string   `json:",omitempty"`
	UserMFASettingList                   []string `json:",omitempty"`
}

func adminGetUser(_ *api.Call, u *directory.User, _ *api.AdminRequest) (*adminGetUserOutput, error) {
	return &adminGetUserOutput{
		Username: u.Name, UserAttributes: api.AttributesOf(u), Enabled: !u.Disabled, UserStatus: u.Status(),
		UserCreateDate: api.EpochSeconds(u.Created), UserLastModifiedDate: api.EpochSeconds(u.Modified),
		PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
	}, nil
}

func adminEnableUser(c *api.Call, u *directory.User, _ *api.AdminRequest) (*api.Nothing, error) {
	u.Disabled, u.Modified = false, c.Pool.Now()
	return &api.Nothing{}, nil
}

// adminDisableUser also revokes the tokens.
func adminDisableUser(c *api.Call, u *directory.User, _ *api.AdminRequest) (*api.Nothing, error) {
	u.Disabled, u.Modified = true, c.Pool.Now()
	u.SignOut()
	return &api.Nothing{}, nil
}
