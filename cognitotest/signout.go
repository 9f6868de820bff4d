package cognitotest

import "strings"

// isRevoked says whether the tokens of a grant have been taken back, alone or
// with all others of the user.
func (g *grant) isRevoked() bool { return g.revoked || g.signOuts != g.user.signOuts }

type revokeTokenInput struct {
	Token        string `model:"required"`
	ClientId     string `model:"required,ClientId"`
	ClientSecret string
}

// revokeToken ends a grant: the refresh token, what took its place, and the
// access tokens that came of them. A token that does not exist, or not any
// more, is no error (RFC 7009, section 2.2).
func revokeToken(c *call, in *revokeTokenInput) (*struct{}, error) {
	switch {
	case !c.client.hasSecret(in.ClientSecret):
		return nil, exception("UnauthorizedException", "Unable to verify client secret for client %s", c.client.id)
	case !c.client.revocation:
		return nil, exception("UnsupportedOperationException", "Token revocation is not enabled for client %s", c.client.id)
	case strings.Count(in.Token, ".") == 2: // signed: an access or ID token
		return nil, exception("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
	}
	found, ok := c.pool.refreshTokens.get(in.Token)
	if ok && found.value.grant.client != c.client {
		return nil, exception("UnauthorizedException", "The token was not issued to client %s", c.client.id)
	}
	if ok {
		found.value.grant.revoked = true
		c.pool.refreshTokens.shorten(in.Token, c.pool.now())
	}
	return &struct{}{}, nil
}

type globalSignOutInput struct {
	AccessToken string `model:"required,AccessToken"`
}

func globalSignOut(c *call, in *globalSignOutInput) (*struct{}, error) {
	g, err := c.authorize(in.AccessToken)
	if err != nil {
		return nil, err
	}
	g.user.signOuts++
	return &struct{}{}, nil
}

func adminUserGlobalSignOut(c *call, in *adminGetUserInput) (*struct{}, error) {
	u := c.pool.lookUp(in.Username)
	if u == nil {
		return nil, exception("UserNotFoundException", "User does not exist.")
	}
	u.signOuts++
	return &struct{}{}, nil
}
