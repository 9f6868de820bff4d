package cognitotest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/traffic"
)

// settings is what an administrator can set of a pool.
type settings struct {
	mfa      string   // OFF, OPTIONAL or ON
	mfaTypes []string // of mfaFactors
	policy   poolPolicy
	// requiredAttributes are those that a user has to have after sign-up, or
	// after NEW_PASSWORD_REQUIRED.
	requiredAttributes  []string
	allowedFirstFactors []string // of firstFactorSettings
	aliasAttributes     []string
	usernameAttributes  []string
	caseSensitive       bool
	devices             *deviceSettings    // nil: the pool does not track devices
	webauthn            *webauthn.WebAuthn // nil: no passkeys, see newWebAuthn
	issuer              string             // empty: the URL of the pool, see userPool.issuerAt
}

// hooks is what a test in Go does in place of the service.
type hooks struct {
	now       func() time.Time // nil: time.Now
	onCode    func(poolCode)   // nil: codes are only kept
	triggers  poolTriggers
	srpFilter func(*srp.Exchange) bool // nil: the first draw is taken
}

// userPool is one user pool. The lock guards the settings, the users and all
// that they have. Operations run with the lock held. Arithmetic, hooks and
// triggers run without the lock, see unlocked.
type userPool struct {
	sync.Mutex
	settings

	// The rest of these fields does not change.
	hooks
	id             string
	dialect        poolDialect
	deviceGroupKey string
	secret         []byte // makes up users who do not exist

	users         map[string]*user // by name and alias, see key
	subs          map[string]*user
	lockouts      expiring.Map[lockout]
	sessions      expiring.Map[session]
	accessTokens  expiring.Map[*grant]
	refreshTokens expiring.Map[*refreshToken]

	// traffic has a lock of its own.
	traffic traffic.Log
}

// newUserPool makes a pool without users. An error names the setting that is
// wrong as the configuration of package cognitotest has it.
func newUserPool(id string, s settings, h hooks, d poolDialect) (*userPool, error) {
	p := &userPool{
		id: id, settings: s, hooks: h, dialect: d, deviceGroupKey: newGroupKey(d),
		secret: random.Number(32).Bytes(), users: make(map[string]*user), subs: make(map[string]*user),
	}
	if p.now == nil {
		p.now = time.Now
	}
	p.setDefaults()
	return p, p.settings.validate()
}

// The names that mfaTypes and allowedFirstFactors take.
var (
	mfaFactors          = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
	firstFactorSettings = []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}
)

func (s *settings) setDefaults() {
	if s.mfa == "" {
		s.mfa = "OFF"
	}
	if len(s.mfaTypes) == 0 && s.mfa != "OFF" {
		s.mfaTypes = mfaFactors
	}
	if len(s.allowedFirstFactors) == 0 {
		s.allowedFirstFactors = []string{"PASSWORD"}
	}
	if s.policy.MinimumLength == 0 {
		s.policy.MinimumLength = servicePolicy.MinimumLength
	}
	if s.policy.TemporaryPasswordValidityDays == 0 {
		s.policy.TemporaryPasswordValidityDays = servicePolicy.TemporaryPasswordValidityDays
	}
}

// validate refuses settings that the service does not have.
func (s *settings) validate() error {
	for _, err := range []error{
		invalid.OneOf("mfa", s.mfa, "OFF", "OPTIONAL", "ON"),
		invalid.AllOneOf("mfaTypes", s.mfaTypes, mfaFactors...),
		invalid.AllOneOf("allowedFirstFactors", s.allowedFirstFactors, firstFactorSettings...),
		invalid.AllOneOf("aliasAttributes", s.aliasAttributes, "email", "phone_number", "preferred_username"),
		invalid.AllOneOf("usernameAttributes", s.usernameAttributes, "email", "phone_number"),
		invalid.Within("passwordPolicy", s.policy.validate()),
	} {
		if err != nil {
			return err
		}
	}
	if len(s.aliasAttributes) > 0 && len(s.usernameAttributes) > 0 {
		return invalid.Field("usernameAttributes", "a pool with aliasAttributes has names of its users; set one of the two")
	}
	for i, name := range s.requiredAttributes {
		if !knownAttribute(name) {
			return invalid.Field(fmt.Sprintf("requiredAttributes[%d]", i), "%q is neither a standard attribute nor custom:...", name)
		}
	}
	return nil
}

// unlocked runs what takes long, or calls back, without the pool's lock. What
// the caller has read from the pool before may have changed afterwards.
func (p *userPool) unlocked(work func()) {
	p.Unlock()
	defer p.Lock()
	work()
}

// name is the pool name that enters SRP: the text after the first underscore.
func (p *userPool) name() string {
	_, name, _ := strings.Cut(p.id, "_")
	return name
}

// region is the text before the first underscore.
func (p *userPool) region() string {
	region, _, _ := strings.Cut(p.id, "_")
	return region
}

// issuerAt is the iss claim of tokens that are made at a base URL.
func (p *userPool) issuerAt(base string) string {
	if p.issuer != "" {
		return p.issuer
	}
	return base + "/" + p.id
}
