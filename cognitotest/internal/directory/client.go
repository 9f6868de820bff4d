package directory

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// ClientSettings is what an administrator can set of an app client. Type
// ClientConfig of package cognitotest, which has the same fields, says what each
// means.
type ClientSettings struct {
	ID                         string
	Secret                     string
	SecondSecret               string
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

// Client is an app client. The lock of its pool guards the fields. The pool and
// the ID do not change.
type Client struct {
	Pool         *Pool
	ID           string
	secrets      []string // none: a public client
	AuthFlows    []string
	RevealsUsers bool
	Revocation   bool
	Rotation     bool

	rotationGrace                                time.Duration
	AccessLife, IDLife, refreshLife, authSession time.Duration
}

// explicitAuthFlows are the names that the configuration of an app client
// takes.
var explicitAuthFlows = []string{
	"ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH",
	"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH",
	"ALLOW_REFRESH_TOKEN_AUTH", "ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY",
	"USER_PASSWORD_AUTH",
}

var defaultAuthFlows = []string{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}

// NewClient makes an app client of a pool. An error names the setting that is
// wrong as the configuration of package cognitotest has it.
func NewClient(p *Pool, config ClientSettings) (*Client, error) {
	made := &Client{
		Pool: p, ID: config.ID, AuthFlows: config.AuthFlows,
		RevealsUsers: config.PreventUserExistenceErrors != "ENABLED",
		Revocation:   config.TokenRevocation != "DISABLED",
		Rotation:     config.RefreshTokenRotation == "ENABLED",
	}
	if len(made.AuthFlows) == 0 {
		made.AuthFlows = defaultAuthFlows
	}
	for _, err := range []error{
		invalid.AllOneOf("authFlows", config.AuthFlows, explicitAuthFlows...),
		invalid.OneOf("preventUserExistenceErrors", config.PreventUserExistenceErrors, "", "ENABLED", "LEGACY"),
		invalid.OneOf("tokenRevocation", config.TokenRevocation, "", "ENABLED", "DISABLED"),
		invalid.OneOf("refreshTokenRotation", config.RefreshTokenRotation, "", "ENABLED", "DISABLED"),
		setSeconds("retryGraceSeconds", &made.rotationGrace, config.RetryGraceSeconds, 0),
		setSeconds("accessTokenSeconds", &made.AccessLife, config.AccessTokenSeconds, time.Hour),
		setSeconds("idTokenSeconds", &made.IDLife, config.IDTokenSeconds, time.Hour),
		setSeconds("refreshTokenSeconds", &made.refreshLife, config.RefreshTokenSeconds, 30*24*time.Hour),
		setSeconds("authSessionSeconds", &made.authSession, config.AuthSessionSeconds, 3*time.Minute),
	} {
		if err != nil {
			return nil, err
		}
	}
	if config.SecondSecret != "" && config.Secret == "" {
		return nil, invalid.Field("secondSecret", "there is no first one; set secret")
	}
	for _, secret := range []string{config.Secret, config.SecondSecret} {
		if secret != "" {
			made.secrets = append(made.secrets, secret)
		}
	}
	if made.rotationGrace > maxRotationGrace {
		return nil, invalid.Field("retryGraceSeconds", "%d is more than %.0f", config.RetryGraceSeconds, maxRotationGrace.Seconds())
	}
	return made, nil
}

const maxRotationGrace = time.Minute // the service's limit

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

// CheckSecretHash holds the SECRET_HASH of a request against the client's
// secrets and the user names that it may have been made over.
func (cl *Client) CheckSecretHash(hash string, names ...string) error {
	if len(cl.secrets) == 0 {
		if hash != "" {
			return exception.NotAuthorized("Unable to verify secret hash for client %s", cl.ID)
		}
		return nil
	}
	if hash == "" {
		return exception.NotAuthorized("Client %s is configured with secret but SECRET_HASH was not received", cl.ID)
	}
	for _, secret := range cl.secrets {
		for _, name := range names {
			mac := hmac.New(sha256.New, []byte(secret))
			io.WriteString(mac, name+cl.ID)
			if hmac.Equal([]byte(hash), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
				return nil
			}
		}
	}
	return exception.NotAuthorized("Unable to verify secret hash for client %s", cl.ID)
}

// HasSecret holds a ClientSecret member against the client's secrets. The
// operations that have it take the secret itself, not a hash.
func (cl *Client) HasSecret(given string) bool {
	if len(cl.secrets) == 0 {
		return given == ""
	}
	return slices.ContainsFunc(cl.secrets, func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(secret), []byte(given)) == 1
	})
}
