package directory

import (
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

// Grant is what a sign-in led to: the refresh token and all that comes of it.
type Grant struct {
	User     *User
	Client   *Client
	AuthTime time.Time
	expires  time.Time // when its refresh tokens do
	OriginID string
	revoked  bool
	signOuts int     // what the user's count was
	Device   *Device // nil in a pool that does not track them
	byAdmin  bool    // got by an operation of administrators

	// Level is the claim acr, empty if the tokens do not tell. Methods are what
	// the user has proved.
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

// isRevoked says whether the tokens of a grant have been taken back, alone or
// with all others of the user.
func (g *Grant) isRevoked() bool { return g.revoked || g.signOuts != g.User.signOuts }

// NewGrant makes the grant of a sign-in that is over, and its refresh token.
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

// Authorize finds what an access token stands for. The pool knows the tokens
// it issued; one that was changed in any way is not among them.
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

// refreshToken is one refresh token of a grant. Under rotation a grant has
// several, each in the place of the one before.
type refreshToken struct {
	grant *Grant
	// replaced is when the next one was first issued in its place.
	replaced time.Time
}

const refreshTokenBytes = 900 // as long as those of the service

// newRefreshToken issues a refresh token. One that takes the place of another
// lives for the rest of the other's life.
func (p *Pool) newRefreshToken(g *Grant) string {
	token := random.Token(refreshTokenBytes)
	p.refreshTokens.Put(token, &refreshToken{grant: g}, p.Now(), g.expires)
	return token
}

// FindGrant finds what a refresh token stands for, whether or not it may be
// used at present.
func (p *Pool) FindGrant(cl *Client, token string) (*Grant, error) {
	found, ok := p.refreshTokens.Get(token)
	if !ok || found.Value.grant.Client != cl {
		return nil, invalidRefreshToken()
	}
	return found.Value.grant, nil
}

// Redeem uses a refresh token, by whichever operation: it returns the grant to
// issue tokens for. redeem is the one place that decides whether a refresh may
// go on. The caller has checked the client's secret.
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

// Rotate issues the refresh token that takes the place of another, "" if the
// client does not rotate them. Until the grace period is over a repeated
// request gets one more of them.
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

// Revoke ends the grant of a refresh token: the token, the ones that took its
// place, and the access tokens that came of them. A token that does not exist, or
// not any more, is no error (RFC 7009, section 2.2). revoke does nothing to the
// token of another app client, and reports false.
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

// KeepAccessToken keeps an access token of a grant, issued at the time given.
func (p *Pool) KeepAccessToken(token string, g *Grant, issued time.Time) {
	p.accessTokens.Put(token, g, issued, issued.Add(g.Client.AccessLife))
}

func invalidRefreshToken() error { return exception.NotAuthorized("Invalid Refresh Token") }

// checkRefreshDevice holds the device key of a refresh against the device that
// signed in.
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
