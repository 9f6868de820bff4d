package cognitotest

import (
	"strings"

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
	case !c.client.hasSecret(in.ClientSecret):
		return nil, exception.New("UnauthorizedException", "Unable to verify client secret for client %s", c.client.id)
	case !c.client.revocation:
		return nil, exception.New("UnsupportedOperationException", "Token revocation is not enabled for client %s", c.client.id)
	case strings.Count(in.Token, ".") == 2: // signed: an access or ID token
		return nil, exception.New("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
	}
	if !c.pool.revoke(c.client, in.Token) {
		return nil, exception.New("UnauthorizedException", "The token was not issued to client %s", c.client.id)
	}
	return &noOutput{}, nil
}

type globalSignOutInput struct {
	AccessToken string `model:"required,AccessToken"`
}

func globalSignOut(c *call, u *user, in *globalSignOutInput) (*noOutput, error) {
	u.signOuts++
	return &noOutput{}, nil
}

type adminSignOutInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

func adminUserGlobalSignOut(_ *call, u *user, _ *adminSignOutInput) (*noOutput, error) {
	u.signOuts++
	return &noOutput{}, nil
}
