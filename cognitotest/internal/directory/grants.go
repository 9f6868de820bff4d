package directory

import (
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

// Grant is the result of a sign-in: the refresh token, and all tokens of its refreshes.
type Grant struct {
	User     *User
	Client   *Client
	AuthTime time.Time
	expires  time.Time // the end of all refresh tokens of the grant
	OriginID string
	revoked  bool
	signOuts int     // User.signOuts at the sign-in
	Device   *Device // nil in a pool that does not track devices
	byAdmin  bool    // from AdminInitiateAuth or AdminRespondToAuthChallenge

	// Level is the claim acr, empty for tokens without the claim. Methods are the methods
	// that the user proved.
	Level   string
	Methods []string
}

// AMR is the claim amr.
func (g *Grant) AMR() []string {
	if len(g.Methods) > 1 {
		return append(slices.Clone(g.Methods), manyMethods)
	}
	return g.Methods
}

// isRevoked reports whether the tokens of a grant are revoked, alone or with all tokens of
// the user.
func (g *Grant) isRevoked() bool { return g.revoked || g.signOuts != g.User.signOuts }

// NewGrant makes the grant of a finished sign-in, and a refresh token.
func (p *Pool) NewGrant(si *SignIn, byAdmin bool) (*Grant, string) {
	now := p.Now()
	g := &Grant{
		User: si.User, Client: si.Client, AuthTime: now, expires: now.Add(si.Client.refreshLife),
		OriginID: random.UUID(), signOuts: si.User.signOuts,
		Device: si.Device, byAdmin: byAdmin,
	}
	if level := LevelOf(si.Methods); level > 0 && (si.Target > 0 || p.Dialect.StepUp == "ALWAYS") {
		g.Level, g.Methods = p.LevelNames[level-1], si.Methods
	}
	return g, p.newRefreshToken(g)
}

// Authorize returns the grant of an access token. The pool compares the whole token with its
// issued tokens, so a changed token is unknown.
func (p *Pool) Authorize(token string) (*Grant, error) {
	found, ok := p.accessTokens.Get(token)
	switch {
	case !ok:
		return nil, exception.NotAuthorized("Invalid Access Token")
	case found.Value.isRevoked():
		return nil, exception.NotAuthorized("Access Token has been revoked")
	case !p.Now().Before(found.Expires):
		return nil, exception.NotAuthorized("Access Token has expired")
	}
	return found.Value, found.Value.User.CheckStatus()
}

// refreshToken is one refresh token of a grant. Under rotation a grant has several: each
// replaces the token before.
type refreshToken struct {
	grant *Grant
	// replaced is the time of the first refresh with the token.
	replaced time.Time
}

const refreshTokenBytes = 900 // the length of refresh tokens of the service

// newRefreshToken issues a refresh token. All refresh tokens of a grant end at the same time.
func (p *Pool) newRefreshToken(g *Grant) string {
	token := random.Token(refreshTokenBytes)
	p.refreshTokens.Put(token, &refreshToken{grant: g}, p.Now(), g.expires)
	return token
}

// FindGrant returns the grant of a refresh token, also if the token may not refresh now.
func (p *Pool) FindGrant(cl *Client, token string) (*Grant, error) {
	found, ok := p.refreshTokens.Get(token)
	if !ok || found.Value.grant.Client != cl {
		return nil, invalidRefreshToken()
	}
	return found.Value.grant, nil
}

// Redeem uses a refresh token and returns the grant for the new tokens. Redeem is the only
// place that allows a refresh, for both operations. The caller has checked the client secret.
func (p *Pool) Redeem(cl *Client, token, deviceKey string) (*Grant, error) {
	g, err := p.FindGrant(cl, token)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	found, _ := p.refreshTokens.Get(token)
	switch t := found.Value; {
	case g.isRevoked():
		return nil, exception.NotAuthorized("Refresh Token has been revoked")
	case !t.replaced.IsZero() && !now.Before(t.replaced.Add(cl.rotationGrace)):
		return nil, exception.New("RefreshTokenReuseException", "Refresh token has been invalidated by rotation")
	case !now.Before(found.Expires):
		return nil, exception.NotAuthorized("Refresh Token has expired")
	}
	if err := p.checkRefreshDevice(g, deviceKey); err != nil {
		return nil, err
	}
	return g, g.User.CheckStatus()
}

// Rotate issues the refresh token that replaces another one. The result is empty if the app
// client does not rotate. During the grace period each repeated request gets a new token.
func (p *Pool) Rotate(cl *Client, token string) string {
	if !cl.Rotation {
		return ""
	}
	found, _ := p.refreshTokens.Get(token)
	old := found.Value
	if old.replaced.IsZero() {
		old.replaced = p.Now()
		p.refreshTokens.Shorten(token, old.replaced.Add(cl.rotationGrace))
	}
	return p.newRefreshToken(old.grant)
}

// Revoke ends the grant of a refresh token: all refresh tokens and access tokens of the
// grant. An unknown token is no error (RFC 7009, section 2.2). If the token belongs to
// another app client, Revoke does nothing and returns false.
func (p *Pool) Revoke(cl *Client, token string) bool {
	found, ok := p.refreshTokens.Get(token)
	switch {
	case !ok:
		return true
	case found.Value.grant.Client != cl:
		return false
	}
	found.Value.grant.revoked = true
	p.refreshTokens.Shorten(token, p.Now())
	return true
}

// KeepAccessToken keeps an access token of a grant. The lifetime begins at issued.
func (p *Pool) KeepAccessToken(token string, g *Grant, issued time.Time) {
	p.accessTokens.Put(token, g, issued, issued.Add(g.Client.AccessLife))
}

func invalidRefreshToken() error { return exception.NotAuthorized("Invalid Refresh Token") }

// checkRefreshDevice compares the device key of a refresh with the device of the sign-in.
func (p *Pool) checkRefreshDevice(g *Grant, key string) error {
	switch {
	case p.Devices == nil:
		return nil
	case key != "" && g.User.FindDevice(key) == nil:
		return NoSuchDevice()
	case !g.Device.Confirmed(), key != g.Device.Key, g.byAdmin && !p.Dialect.DeviceRefreshAfterAdmin:
		return invalidRefreshToken()
	}
	return nil
}
