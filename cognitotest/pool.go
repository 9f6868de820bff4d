package cognitotest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// Pool is one user pool. It is safe for concurrent use.
type Pool struct {
	id                 string
	clients            []*client
	mfa                string
	mfaTypes           []string
	policy             PasswordPolicy
	requiredAttributes []string
	// allowedFirstFactors are the names of the configuration.
	allowedFirstFactors []string
	aliasAttributes     []string
	usernameAttributes  []string
	caseSensitive       bool
	devices             *DeviceConfiguration // nil: not tracked
	deviceGroupKey      string
	issuer              string
	dialect             Dialect
	triggers            Triggers
	srpFilter           func(SRPValues) bool
	webauthn            *webauthn.WebAuthn // nil: not configured
	now                 func() time.Time
	onCode              func(Code)
	server              *Server
	secret              []byte // makes up users who do not exist

	// mu guards what follows. Handlers run with it held; arithmetic, hooks
	// and triggers run without, see [call.unlocked].
	mu            sync.Mutex
	users         map[string]*user // by name and alias, see [Pool.key]
	subs          map[string]*user
	lockouts      expiring.Map[lockout]
	sessions      expiring.Map[session]
	accessTokens  expiring.Map[*grant]
	refreshTokens expiring.Map[*refreshToken]
	faults        []Fault
	requests      requestLog
}

// client is an app client. It does not change.
type client struct {
	pool         *Pool
	id           string
	secrets      []string // none: a public client
	authFlows    []string
	revealsUsers bool
	revocation   bool
	rotation     bool

	rotationGrace                                time.Duration
	accessLife, idLife, refreshLife, authSession time.Duration
}

// unlocked runs what takes long, or calls back, without the pool's lock. What
// the caller has read from the pool before may have changed afterwards.
func (c *call) unlocked(work func()) {
	c.pool.mu.Unlock()
	defer c.pool.mu.Lock()
	work()
}

// checkSecretHash holds the SECRET_HASH of a request against the client's
// secrets and the user names that it may have been made over.
func (cl *client) checkSecretHash(hash string, names ...string) error {
	if len(cl.secrets) == 0 {
		if hash != "" {
			return exception.NotAuthorized("Unable to verify secret hash for client %s", cl.id)
		}
		return nil
	}
	if hash == "" {
		return exception.NotAuthorized("Client %s is configured with secret but SECRET_HASH was not received", cl.id)
	}
	for _, secret := range cl.secrets {
		for _, name := range names {
			mac := hmac.New(sha256.New, []byte(secret))
			io.WriteString(mac, name+cl.id)
			if hmac.Equal([]byte(hash), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
				return nil
			}
		}
	}
	return exception.NotAuthorized("Unable to verify secret hash for client %s", cl.id)
}

// hasSecret holds a ClientSecret member against the client's secrets. The
// operations that have it take the secret itself, not a hash.
func (cl *client) hasSecret(given string) bool {
	if len(cl.secrets) == 0 {
		return given == ""
	}
	return slices.ContainsFunc(cl.secrets, func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(secret), []byte(given)) == 1
	})
}

// AddUser adds a user. An error names the field that is wrong.
func (p *Pool) AddUser(config UserConfig) error {
	u, err := p.newUser(config)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if name, ok := p.taken(u); ok {
		return invalid.Field(name.field, "%q is another user's: names, IDs and aliases are unique", name.text)
	}
	p.index(u)
	return nil
}

// ID returns the user pool ID.
func (p *Pool) ID() string { return p.id }

// Sub returns the sub of a user, who is known by the same names as in
// [Pool.LastCode]. In a pool with UsernameAttributes the sub is the user name too.
// Sub panics if there is no such user.
func (p *Pool) Sub(username string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mustLookUp("Sub", username).id
}

// name is the pool name that enters SRP: the text after the first underscore.
func (p *Pool) name() string {
	_, name, _ := strings.Cut(p.id, "_")
	return name
}

// Server returns the server that the pool belongs to.
func (p *Pool) Server() *Server { return p.server }

// Format keeps a pool's secrets out of test logs.
func (p *Pool) Format(state fmt.State, _ rune) { fmt.Fprintf(state, "cognitotest.Pool(%s)", p.id) }
