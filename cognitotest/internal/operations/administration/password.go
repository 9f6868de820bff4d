package administration

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type adminSetUserPasswordInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
	Password   string `model:"required,Password"`
	Permanent  bool
}

func adminSetUserPassword(c *api.Call, u *directory.User, in *adminSetUserPasswordInput) (*api.Nothing, error) {
	return &api.Nothing{}, c.Pool.SetUserPassword(u, in.Password, !in.Permanent)
}

type adminConfirmSignUpInput struct {
	UserPoolId     string `model:"required,UserPoolId"`
	Username       string `model:"required,Username"`
	ClientMetadata map[string]string
}

// adminConfirmSignUp says nothing about the user's addresses: no code came back.
func adminConfirmSignUp(c *api.Call, u *directory.User, _ *adminConfirmSignUpInput) (*api.Nothing, error) {
	if !u.Unconfirmed {
		return nil, exception.NotAuthorized("User cannot be confirmed. Current status is %s", u.Status())
	}
	u.Unconfirmed, u.Modified = false, c.Pool.Now()
	return &api.Nothing{}, nil
}
