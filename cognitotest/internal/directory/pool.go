// Package directory keeps the data of a pool: users, groups, codes, sessions, grants, and the
// settings of pools and app clients. A user has credentials, factors and devices. The package
// has the rules for all operations. The packages of the operations read requests and make
// responses.
package directory

import (
	"encoding/json"
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
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// Settings are the settings of a pool.
type Settings struct {
	MFA      string   // OFF, OPTIONAL or ON
	MFATypes []string // values of MFAFactors
	Policy   PasswordPolicy
	// RequiredAttributes are the attributes that a user must have after sign-up, or after
	// NEW_PASSWORD_REQUIRED.
	RequiredAttributes  []string
	AllowedFirstFactors []string // values of FirstFactorSettings
	AliasAttributes     []string
	UsernameAttributes  []string
	CaseSensitive       bool
	Devices             *DeviceSettings    // nil: the pool does not track devices
	WebAuthn            *webauthn.WebAuthn // nil: no passkeys, see NewWebAuthn
	Issuer              string             // empty: the URL of the pool, see Pool.IssuerAt
	Tier                string             // LITE, ESSENTIALS or PLUS
	LevelNames          []string           // names of the levels 1 to 4
	AdminCreatesUsers   bool               // the pool refuses SignUp
}

// Hooks are the functions of a test that replace parts of the service.
type Hooks struct {
	Now       func() time.Time // nil: time.Now
	OnCode    func(Code)       // nil: only User.Sent has the codes
	Triggers  trigger.Functions
	SRPFilter func(*srp.Exchange) bool // nil: the first draw
}

// Pool is one user pool. The lock guards the settings, the users and all data of the users.
// Operations run with the lock held. Arithmetic, hooks and triggers run without the lock, see
// Unlocked.
type Pool struct {
	sync.Mutex
	Settings
	Title    string // PoolName
	Modified time.Time
	Members  Members // members of CreateUserPool, or of the last UpdateUserPool
	Fixed    Members // members of CreateUserPool that UpdateUserPool lacks
	Factors  Members // members of SetUserPoolMfaConfig

	// The fields from here on do not change.
	Hooks
	Created        time.Time
	ID             string // region, underscore, letters and digits
	Dialect        Dialect
	deviceGroupKey string
	secret         []byte // the seed of invented users

	users         map[string]*User // by name and alias, see key
	subs          map[string]*User
	lastUser      int // the number of the newest user
	groups        map[string]*Group
	lastGroup     int // the number of the newest group
	lockouts      expiring.Map[lockout]
	Sessions      expiring.Map[Session]
	accessTokens  expiring.Map[*Grant]
	refreshTokens expiring.Map[*refreshToken]

	// Traffic has a separate lock.
	Traffic traffic.Log
}

// New makes a pool without users. An error names the wrong setting by its name in the
// configuration of package cognitotest.
func New(id string, s Settings, h Hooks, d Dialect) (*Pool, error) {
	p := &Pool{
		ID: id, Hooks: h, Dialect: d, deviceGroupKey: newGroupKey(d),
		secret: random.Number(32).Bytes(), users: make(map[string]*User), subs: make(map[string]*User), groups: make(map[string]*Group),
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	p.Created, p.Title = p.Now(), p.Name()
	return p, p.Configure(s)
}

// Configure replaces the settings of the pool. After an error the settings are as before.
func (p *Pool) Configure(s Settings) error {
	s.setDefaults()
	if err := s.validate(); err != nil {
		return err
	}
	p.Settings, p.Modified = s, p.Now()
	return nil
}

// Members are members of a request, by name, that the pool keeps for its responses.
type Members map[string]json.RawMessage

// The allowed values of MFATypes and AllowedFirstFactors.
var (
	MFAFactors          = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
	FirstFactorSettings = []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}
)

func (s *Settings) setDefaults() {
	if s.MFA == "" {
		s.MFA = "OFF"
	}
	if len(s.MFATypes) == 0 && s.MFA != "OFF" {
		s.MFATypes = MFAFactors
	}
	if s.Tier == "" {
		s.Tier = "ESSENTIALS"
	}
	s.setLevelNames()
	if len(s.AllowedFirstFactors) == 0 {
		s.AllowedFirstFactors = []string{"PASSWORD"}
	}
	if s.Policy.MinimumLength == 0 {
		s.Policy.MinimumLength = ServicePolicy.MinimumLength
	}
	if s.Policy.TemporaryPasswordValidityDays == 0 {
		s.Policy.TemporaryPasswordValidityDays = ServicePolicy.TemporaryPasswordValidityDays
	}
}

// validate refuses settings that the service would refuse.
func (s *Settings) validate() error {
	for _, err := range []error{
		invalid.OneOf("mfa", s.MFA, "OFF", "OPTIONAL", "ON"),
		invalid.AllOneOf("mfaTypes", s.MFATypes, MFAFactors...),
		invalid.AllOneOf("allowedFirstFactors", s.AllowedFirstFactors, FirstFactorSettings...),
		invalid.AllOneOf("aliasAttributes", s.AliasAttributes, "email", "phone_number", "preferred_username"),
		invalid.AllOneOf("usernameAttributes", s.UsernameAttributes, "email", "phone_number"),
		invalid.Within("passwordPolicy", s.Policy.validate()),
		s.validateLevels(),
	} {
		if err != nil {
			return err
		}
	}
	if len(s.AliasAttributes) > 0 && len(s.UsernameAttributes) > 0 {
		return invalid.Field("usernameAttributes", "users of a pool with aliasAttributes have names: set one of the two")
	}
	for i, name := range s.RequiredAttributes {
		if !KnownAttribute(name) {
			return invalid.Field(fmt.Sprintf("requiredAttributes[%d]", i), "%q is neither a standard attribute nor custom:...", name)
		}
	}
	return nil
}

// Unlocked runs a function without the lock of the pool, because the function takes long or
// calls a hook. Data that the caller read before may have changed afterwards.
func (p *Pool) Unlocked(work func()) {
	p.Unlock()
	defer p.Lock()
	work()
}

// Name is the pool name for SRP: the text of the ID after the first underscore.
func (p *Pool) Name() string {
	_, name, _ := strings.Cut(p.ID, "_")
	return name
}

// Region is the text of the ID before the first underscore.
func (p *Pool) Region() string {
	region, _, _ := strings.Cut(p.ID, "_")
	return region
}

// IssuerAt returns the iss claim of tokens for a request at a base URL.
func (p *Pool) IssuerAt(base string) string {
	if p.Issuer != "" {
		return p.Issuer
	}
	return base + "/" + p.ID
}
