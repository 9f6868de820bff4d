package account

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

type getUserOutput struct {
	Username            string
	UserAttributes      []api.Attribute
	PreferredMfaSetting string   `json:",omitempty"`
	UserMFASettingList  []string `json:",omitempty"`
}

func getUser(_ *api.Call, u *directory.User, _ *api.UserRequest) (*getUserOutput, error) {
	return &getUserOutput{
		Username: u.Name, UserAttributes: api.AttributesOf(u),
		PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
	}, nil
}

// deleteUser serves DeleteUser and AdminDeleteUser.
func deleteUser[In any](c *api.Call, u *directory.User, _ *In) (*api.Nothing, error) {
	c.Pool.Remove(u)
	return &api.Nothing{}, nil
}
