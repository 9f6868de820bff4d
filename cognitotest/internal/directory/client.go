package directory

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// ClientSettings are the settings of an app client. cognitotest.ClientConfig documents the
// fields.
type ClientSettings struct {
	AuthFlows                  []string
	AccessTokenSeconds         int
	IDTokenSeconds             int
	RefreshTokenSeconds        int
	AuthSessionSeconds         int
	PreventUserExistenceErrors string
	TokenRevocation            string
	RefreshTokenRotation       string
	RetryGraceSeconds          int
}

// ClientSecret is a secret of an app client.
type ClientSecret struct {
	ID, Value string
	Created   time.Time
}

// Client is an app client. The Pool, the ID and Created do not change and are read without
// a lock. The lock of the pool guards the other fields.
type Client struct {
	Pool    *Pool
	ID      string
	Created time.Time

	Members Members        // members of the operation, nil for an app client of the configuration
	Secrets []ClientSecret // the oldest first, empty for a public client

	clientState
}

// clientState has the settings of an app client, and values computed of the settings.
type clientState struct {
	Modified time.Time

	Settings     ClientSettings
	AuthFlows    []string
	RevealsUsers bool
	Revocation   bool
	Rotation     bool

	rotationGrace                                time.Duration
	AccessLife, IDLife, refreshLife, authSession time.Duration
}

// explicitAuthFlows are the allowed values of AuthFlows.
var explicitAuthFlows = []string{
	"ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH",
	"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH",
	"ALLOW_REFRESH_TOKEN_AUTH", "ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY",
	"USER_PASSWORD_AUTH",
}

var defaultAuthFlows = []string{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}

// NewClient makes an app client of a pool, without a secret. An error names the wrong
// setting by its name in the configuration of package cognitotest.
func NewClient(p *Pool, id string, s ClientSettings) (*Client, error) {
	now := p.Now()
	made := &Client{Pool: p, ID: id, Created: now}
	return made, made.Configure(s)
}

// Configure replaces the settings of the app client. After an error the settings are as
// before.
func (cl *Client) Configure(s ClientSettings) error {
	made := clientState{Settings: s, Modified: cl.Pool.Now()}
	made.RevealsUsers = s.PreventUserExistenceErrors != "ENABLED"
	made.Revocation = s.TokenRevocation != "DISABLED"
	made.Rotation = s.RefreshTokenRotation == "ENABLED"
	if made.AuthFlows = s.AuthFlows; len(made.AuthFlows) == 0 {
		made.AuthFlows = defaultAuthFlows
	}
	for _, err := range []error{
		invalid.AllOneOf("authFlows", s.AuthFlows, explicitAuthFlows...),
		invalid.OneOf("preventUserExistenceErrors", s.PreventUserExistenceErrors, "", "ENABLED", "LEGACY"),
		invalid.OneOf("tokenRevocation", s.TokenRevocation, "", "ENABLED", "DISABLED"),
		invalid.OneOf("refreshTokenRotation", s.RefreshTokenRotation, "", "ENABLED", "DISABLED"),
		setSeconds("retryGraceSeconds", &made.rotationGrace, s.RetryGraceSeconds, 0),
		setSeconds("accessTokenSeconds", &made.AccessLife, s.AccessTokenSeconds, time.Hour),
		setSeconds("idTokenSeconds", &made.IDLife, s.IDTokenSeconds, time.Hour),
		setSeconds("refreshTokenSeconds", &made.refreshLife, s.RefreshTokenSeconds, 30*24*time.Hour),
		setSeconds("authSessionSeconds", &made.authSession, s.AuthSessionSeconds, 3*time.Minute),
	} {
		if err != nil {
			return err
		}
	}
	if made.rotationGrace > maxRotationGrace {
		return invalid.Field("retryGraceSeconds", "%d is more than %.0f", s.RetryGraceSeconds, maxRotationGrace.Seconds())
	}
	cl.clientState = made
	return nil
}

// AddSecret gives the app client one more secret. The ID of the secret has the form of the
// service: the ID of the app client, and the time. No two secrets have the same time.
func (cl *Client) AddSecret(value string) ClientSecret {
	made := ClientSecret{Value: value, Created: cl.Pool.Now()}
	stamp := made.Created.UnixMilli()
	for _, other := range cl.Secrets {
		if other.ID == cl.secretID(stamp) {
			stamp++
		}
	}
	made.ID = cl.secretID(stamp)
	cl.Secrets = append(cl.Secrets, made)
	return made
}

func (cl *Client) secretID(stamp int64) string { return fmt.Sprintf("%s--%d", cl.ID, stamp) }

const maxRotationGrace = time.Minute // the limit of the service

func setSeconds(path string, d *time.Duration, seconds int, otherwise time.Duration) error {
	switch {
	case seconds < 0:
		return invalid.Field(path, "%d is negative", seconds)
	case seconds == 0:
		*d = otherwise
	default:
		*d = time.Duration(seconds) * time.Second
	}
	return nil
}

// CheckSecretHash compares the SECRET_HASH of a request with the hashes of all secrets of the
// app client over the allowed user names.
func (cl *Client) CheckSecretHash(hash string, names ...string) error {
	if len(cl.Secrets) == 0 {
		if hash != "" {
			return exception.NotAuthorized("Unable to verify secret hash for client %s", cl.ID)
		}
		return nil
	}
	if hash == "" {
		return exception.NotAuthorized("Client %s is configured with secret but SECRET_HASH was not received", cl.ID)
	}
	for _, secret := range cl.Secrets {
		for _, name := range names {
			mac := hmac.New(sha256.New, []byte(secret.Value))
			io.WriteString(mac, name+cl.ID)
			if hmac.Equal([]byte(hash), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
				return nil
			}
		}
	}
	return exception.NotAuthorized("Unable to verify secret hash for client %s", cl.ID)
}

// HasSecret reports whether the app client has this client secret.
func (cl *Client) HasSecret(given string) bool {
	if len(cl.Secrets) == 0 {
		return given == ""
	}
	return slices.ContainsFunc(cl.Secrets, func(secret ClientSecret) bool {
		return subtle.ConstantTimeCompare([]byte(secret.Value), []byte(given)) == 1
	})
}
