package cognitotest

import (
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

// refreshToken is one refresh token of a grant. Under rotation a grant has
// several, each in the place of the one before.
type refreshToken struct {
	grant *grant
	// replaced is when the next one was first issued in its place.
	replaced time.Time
}

// newRefreshToken issues a refresh token. One that takes the place of another
// lives for the rest of the other's life.
func (p *userPool) newRefreshToken(g *grant) string {
	token := random.Token(refreshTokenBytes)
	p.refreshTokens.Put(token, &refreshToken{grant: g}, p.now(), g.expires)
	return token
}

// findGrant finds what a refresh token stands for, whether or not it may be
// used at present.
func (c *call) findGrant(token string) (*grant, error) {
	found, ok := c.pool.refreshTokens.Get(token)
	if !ok || found.Value.grant.client != c.client {
		return nil, invalidRefreshToken()
	}
	return found.Value.grant, nil
}

// redeem uses a refresh token, by whichever operation: it returns the sign-in
// to issue tokens for. It is the one place that decides whether a refresh may
// go on; the caller has checked the client's secret.
func (c *call) redeem(token, deviceKey string) (*signIn, error) {
	g, err := c.findGrant(token)
	if err != nil {
		return nil, err
	}
	now := c.pool.now()
	found, _ := c.pool.refreshTokens.Get(token)
	switch t := found.Value; {
	case g.isRevoked():
		return nil, exception.NotAuthorized("Refresh Token has been revoked")
	case !t.replaced.IsZero() && !now.Before(t.replaced.Add(c.client.rotationGrace)):
		return nil, exception.New("RefreshTokenReuseException", "Refresh token has been invalidated by rotation")
	case !now.Before(found.Expires):
		return nil, exception.NotAuthorized("Refresh Token has expired")
	}
	if err := c.checkRefreshDevice(g, deviceKey); err != nil {
		return nil, err
	}
	if err := g.user.checkStatus(); err != nil {
		return nil, err
	}
	return &signIn{client: c.client, user: g.user, grant: g}, nil
}

// rotate issues the refresh token that takes the place of another, "" if the
// client does not rotate them. Until the grace period is over a repeated
// request gets one more of them.
func (c *call) rotate(token string) string {
	if !c.client.rotation {
		return ""
	}
	found, _ := c.pool.refreshTokens.Get(token)
	old := found.Value
	if old.replaced.IsZero() {
		old.replaced = c.pool.now()
		c.pool.refreshTokens.Shorten(token, old.replaced.Add(c.client.rotationGrace))
	}
	return c.pool.newRefreshToken(old.grant)
}

func invalidRefreshToken() error { return exception.NotAuthorized("Invalid Refresh Token") }

type getTokensInput struct {
	RefreshToken   string `model:"required"`
	ClientId       string `model:"required,ClientId"`
	ClientSecret   string
	DeviceKey      string `model:"DeviceKey"`
	ClientMetadata map[string]string
}

// getTokensOutput has no ChallengeParameters, unlike the outputs of sign-ins.
type getTokensOutput struct{ AuthenticationResult *authResult }

func getTokensFromRefreshToken(c *call, in *getTokensInput) (*getTokensOutput, error) {
	if !c.client.hasSecret(in.ClientSecret) {
		return nil, exception.NotAuthorized("Unable to verify client secret for client %s", c.client.id)
	}
	si, err := c.redeem(in.RefreshToken, in.DeviceKey)
	if err != nil {
		return nil, err
	}
	out, err := c.issueTokens(si, c.rotate(in.RefreshToken))
	if err != nil {
		return nil, err
	}
	return &getTokensOutput{out.AuthenticationResult}, nil
}

// refuseUnderRotation ends REFRESH_TOKEN_AUTH for clients that rotate their
// refresh tokens: the flow has no way to return a new one.
func (c *call) refuseUnderRotation() error {
	if !c.client.rotation {
		return nil
	}
	name := c.pool.dialect.RotationRefusal
	if name == "" {
		name = "NotAuthorizedException"
	}
	return exception.New(name, "REFRESH_TOKEN_AUTH is not available with refresh token rotation")
}
