package cognitotest

import (
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type revokeTokenInput struct {
	Token        string `model:"required"`
	ClientId     string `model:"required,ClientId"`
	ClientSecret string
}

// revokeToken ends a grant: the refresh token, what took its place, and the
// access tokens that came of them. A token that does not exist, or not any
// more, is no error (RFC 7009, section 2.2).
func revokeToken(c *call, in *revokeTokenInput) (*noOutput, error) {
	switch {
	case !c.client.HasSecret(in.ClientSecret):
		return nil, exception.New("UnauthorizedException", "Unable to verify client secret for client %s", c.client.ID)
	case !c.client.Revocation:
		return nil, exception.New("UnsupportedOperationException", "Token revocation is not enabled for client %s", c.client.ID)
	case strings.Count(in.Token, ".") == 2: // signed: an access or ID token
		return nil, exception.New("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
	}
	if !c.pool.Revoke(c.client, in.Token) {
		return nil, exception.New("UnauthorizedException", "The token was not issued to client %s", c.client.ID)
	}
	return &noOutput{}, nil
}

type globalSignOutInput struct {
	AccessToken string `model:"required,AccessToken"`
}

func globalSignOut(c *call, u *directory.User, in *globalSignOutInput) (*noOutput, error) {
	u.SignOut()
	return &noOutput{}, nil
}

type adminSignOutInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

func adminUserGlobalSignOut(_ *call, u *directory.User, _ *adminSignOutInput) (*noOutput, error) {
	u.SignOut()
	return &noOutput{}, nil
}
