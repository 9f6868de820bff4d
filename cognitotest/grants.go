package cognitotest

import (
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

// grant is what a sign-in led to: the refresh token and all that comes of it.
type grant struct {
	user     *user
	client   *client
	authTime time.Time
	expires  time.Time // when its refresh tokens do
	originID string
	revoked  bool
	signOuts int     // what the user's count was
	device   *device // nil in a pool that does not track them
	byAdmin  bool    // got by an operation of administrators
}

// isRevoked says whether the tokens of a grant have been taken back, alone or
// with all others of the user.
func (g *grant) isRevoked() bool { return g.revoked || g.signOuts != g.user.signOuts }

// newGrant makes the grant of a sign-in that is over, and its refresh token.
func (p *userPool) newGrant(si *signIn, byAdmin bool) (*grant, string) {
	now := p.now()
	g := &grant{
		user: si.user, client: si.client, authTime: now, expires: now.Add(si.client.refreshLife),
		originID: random.UUID(), signOuts: si.user.signOuts,
		device: si.device, byAdmin: byAdmin,
	}
	return g, p.newRefreshToken(g)
}

// authorize finds what an access token stands for. The pool knows the tokens
// it issued; one that was changed in any way is not among them.
func (p *userPool) authorize(token string) (*grant, error) {
	found, ok := p.accessTokens.Get(token)
	switch {
	case !ok:
		return nil, exception.NotAuthorized("Invalid Access Token")
	case found.Value.isRevoked():
		return nil, exception.NotAuthorized("Access Token has been revoked")
	case !p.now().Before(found.Expires):
		return nil, exception.NotAuthorized("Access Token has expired")
	}
	return found.Value, found.Value.user.checkStatus()
}

// refreshToken is one refresh token of a grant. Under rotation a grant has
// several, each in the place of the one before.
type refreshToken struct {
	grant *grant
	// replaced is when the next one was first issued in its place.
	replaced time.Time
}

const refreshTokenBytes = 900 // as long as those of the service

// newRefreshToken issues a refresh token. One that takes the place of another
// lives for the rest of the other's life.
func (p *userPool) newRefreshToken(g *grant) string {
	token := random.Token(refreshTokenBytes)
	p.refreshTokens.Put(token, &refreshToken{grant: g}, p.now(), g.expires)
	return token
}

// findGrant finds what a refresh token stands for, whether or not it may be
// used at present.
func (p *userPool) findGrant(cl *client, token string) (*grant, error) {
	found, ok := p.refreshTokens.Get(token)
	if !ok || found.Value.grant.client != cl {
		return nil, invalidRefreshToken()
	}
	return found.Value.grant, nil
}

// redeem uses a refresh token, by whichever operation: it returns the grant to
// issue tokens for. redeem is the one place that decides whether a refresh may
// go on. The caller has checked the client's secret.
func (p *userPool) redeem(cl *client, token, deviceKey string) (*grant, error) {
	g, err := p.findGrant(cl, token)
	if err != nil {
		return nil, err
	}
	now := p.now()
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
	return g, g.user.checkStatus()
}

// rotate issues the refresh token that takes the place of another, "" if the
// client does not rotate them. Until the grace period is over a repeated
// request gets one more of them.
func (p *userPool) rotate(cl *client, token string) string {
	if !cl.rotation {
		return ""
	}
	found, _ := p.refreshTokens.Get(token)
	old := found.Value
	if old.replaced.IsZero() {
		old.replaced = p.now()
		p.refreshTokens.Shorten(token, old.replaced.Add(cl.rotationGrace))
	}
	return p.newRefreshToken(old.grant)
}

// revoke ends the grant of a refresh token: the token, the ones that took its
// place, and the access tokens that came of them. A token that does not exist, or
// not any more, is no error (RFC 7009, section 2.2). revoke does nothing to the
// token of another app client, and reports false.
func (p *userPool) revoke(cl *client, token string) bool {
	found, ok := p.refreshTokens.Get(token)
	switch {
	case !ok:
		return true
	case found.Value.grant.client != cl:
		return false
	}
	found.Value.grant.revoked = true
	p.refreshTokens.Shorten(token, p.now())
	return true
}

// keepAccessToken keeps an access token of a grant, issued at the time given.
func (p *userPool) keepAccessToken(token string, g *grant, issued time.Time) {
	p.accessTokens.Put(token, g, issued, issued.Add(g.client.accessLife))
}

func invalidRefreshToken() error { return exception.NotAuthorized("Invalid Refresh Token") }

// checkRefreshDevice holds the device key of a refresh against the device that
// signed in.
func (p *userPool) checkRefreshDevice(g *grant, key string) error {
	switch {
	case p.devices == nil:
		return nil
	case key != "" && g.user.findDevice(key) == nil:
		return noSuchDevice()
	case !g.device.confirmed(), key != g.device.key, g.byAdmin && !p.dialect.DeviceRefreshAfterAdmin:
		return invalidRefreshToken()
	}
	return nil
}
