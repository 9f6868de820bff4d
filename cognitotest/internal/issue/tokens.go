package issue

import (
	"maps"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

const userScope = "aws.cognito.signin.user.admin"

// deviceMetadata is NewDeviceMetadata.
type deviceMetadata struct{ DeviceKey, DeviceGroupKey string }

// metadataOf returns nil for a device that the client knows.
func metadataOf(d *directory.Device) *deviceMetadata {
	if d == nil || d.Credential != nil {
		return nil
	}
	return &deviceMetadata{d.Key, d.GroupKey}
}

// Result is AuthenticationResult. RefreshToken is empty if the client keeps its refresh token.
type Result struct {
	AccessToken, IdToken string
	RefreshToken         string `json:",omitempty"`
	ExpiresIn            int
	TokenType            string
	NewDeviceMetadata    *deviceMetadata `json:",omitempty"`
}

// Tokens makes the tokens of a sign-in or of a refresh. The parameter refreshToken is empty if
// the client keeps its refresh token. The trigger PreTokenGeneration gets the reason.
func Tokens(c *api.Call, g *directory.Grant, refreshToken, reason string) (*Result, error) {
	p, now := c.Pool, c.Pool.Now()
	access, id := claimsOf(c, g, now)
	changes, err := preTokenGeneration(c, g, reason)
	if err != nil {
		return nil, err
	}
	apply(changes, access, id)
	var accessToken, idToken string
	c.Pool.Unlocked(func() {
		if accessToken, err = sign(access); err == nil {
			idToken, err = sign(id)
		}
	})
	if err != nil {
		return nil, err
	}
	p.KeepAccessToken(accessToken, g, now)
	return &Result{
		AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken,
		ExpiresIn: int(g.Client.AccessLife / time.Second), TokenType: "Bearer",
		NewDeviceMetadata: metadataOf(g.Device),
	}, nil
}

// claimsOf makes the claims of both tokens.
func claimsOf(c *api.Call, g *directory.Grant, now time.Time) (access, id map[string]any) {
	both := map[string]any{
		"sub": g.User.ID, "iss": c.Pool.IssuerAt(c.Base), "event_id": random.UUID(),
		"auth_time": g.AuthTime.Unix(), "iat": now.Unix(),
	}
	if g.Level != "" {
		both["acr"], both["amr"] = g.Level, g.AMR()
	}
	access, id = maps.Clone(both), maps.Clone(both)
	for _, own := range []map[string]any{access, id} {
		if g.Client.Revocation || g.Client.Rotation {
			own["jti"], own["origin_jti"] = random.UUID(), g.OriginID
		}
	}
	access["token_use"] = "access"
	access["client_id"] = g.Client.ID
	access["username"] = g.User.Name
	access["scope"] = userScope
	if g.Device != nil {
		access["device_key"] = g.Device.Key
	}
	access["exp"] = now.Add(g.Client.AccessLife).Unix()

	id["token_use"] = "id"
	id["aud"] = g.Client.ID
	id["cognito:username"] = g.User.Name
	id["exp"] = now.Add(g.Client.IDLife).Unix()
	for name, value := range g.User.Attributes {
		if strings.HasSuffix(name, "_verified") {
			id[name] = strings.EqualFold(value, "true")
		} else {
			id[name] = value
		}
	}
	setGroups(g.User.GroupClaims(), access, id)
	return access, id
}
