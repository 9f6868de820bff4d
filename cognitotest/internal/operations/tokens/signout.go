package tokens

import (
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type revokeTokenInput struct {
	Token        string `model:"required"`
	ClientId     string `model:"required,ClientId"`
	ClientSecret string
}

// revokeToken ends the grant of a refresh token. An unknown token is no error (RFC 7009,
// section 2.2).
func revokeToken(c *api.Call, in *revokeTokenInput) (*api.Nothing, error) {
	switch {
	case !c.Client.HasSecret(in.ClientSecret):
		return nil, exception.New("UnauthorizedException", "Unable to verify client secret for client %s", c.Client.ID)
	case !c.Client.Revocation:
		return nil, exception.New("UnsupportedOperationException", "Token revocation is not enabled for client %s", c.Client.ID)
	case strings.Count(in.Token, ".") == 2: // a signed token: an access token or an ID token
		return nil, exception.New("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
	}
	if !c.Pool.Revoke(c.Client, in.Token) {
		return nil, exception.New("UnauthorizedException", "The token was not issued to client %s", c.Client.ID)
	}
	return &api.Nothing{}, nil
}

// globalSignOut serves GlobalSignOut and AdminUserGlobalSignOut.
func globalSignOut[In any](_ *api.Call, u *directory.User, _ *In) (*api.Nothing, error) {
	u.SignOut()
	return &api.Nothing{}, nil
}
