// Package directory is what a pool keeps: users with their credentials, factors
// and devices, codes, sessions and grants, and the settings of pools and app
// clients. The package knows the rules that hold for all operations. What an
// operation reads and answers is in the packages above.
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

// Settings is what an administrator can set of a pool.
type Settings struct {
	MFA      string   // OFF, OPTIONAL or ON
	MFATypes []string // of MFAFactors
	Policy   PasswordPolicy
	// RequiredAttributes are those that a user has to have after sign-up, or
	// after NEW_PASSWORD_REQUIRED.
	RequiredAttributes  []string
	AllowedFirstFactors []string // of FirstFactorSettings
	AliasAttributes     []string
	UsernameAttributes  []string
	CaseSensitive       bool
	Devices             *DeviceSettings    // nil: the pool does not track devices
	WebAuthn            *webauthn.WebAuthn // nil: no passkeys, see NewWebAuthn
	Issuer              string             // empty: the URL of the pool, see Pool.IssuerAt
	Tier                string             // LITE, ESSENTIALS or PLUS
	LevelNames          []string           // of the levels 1 to 4
	AdminCreatesUsers   bool               // SignUp is refused
}

// Hooks is what a test in Go does in place of the service.
type Hooks struct {
	Now       func() time.Time // nil: time.Now
	OnCode    func(Code)       // nil: codes are only kept
	Triggers  trigger.Functions
	SRPFilter func(*srp.Exchange) bool // nil: the first draw is taken
}

// Pool is one user pool. The lock guards the settings, the users and all
// that they have. Operations run with the lock held. Arithmetic, hooks and
// triggers run without the lock, see Unlocked.
type Pool struct {
	sync.Mutex
	Settings
	Title    string // the name that administrators see
	Modified time.Time
	Members  Members // of CreateUserPool or UpdateUserPool, whichever came last
	Fixed    Members // of CreateUserPool, which UpdateUserPool does not have
	Factors  Members // of SetUserPoolMfaConfig

	// The rest of these fields does not change.
	Hooks
	Created        time.Time
	ID             string // region, underscore, letters and digits
	Dialect        Dialect
	deviceGroupKey string
	secret         []byte // makes up users who do not exist

	users         map[string]*User // by name and alias, see key
	subs          map[string]*User
	lastUser      int // the number of the newest
	groups        map[string]*Group
	lastGroup     int // the number of the newest
	lockouts      expiring.Map[lockout]
	Sessions      expiring.Map[Session]
	accessTokens  expiring.Map[*Grant]
	refreshTokens expiring.Map[*refreshToken]

	// Traffic has a lock of its own.
	Traffic traffic.Log
}

// New makes a pool without users. An error names the setting that is wrong as
// the configuration of package cognitotest has it.
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

// Configure gives the pool other settings. If one is wrong, Configure changes nothing.
func (p *Pool) Configure(s Settings) error {
	s.setDefaults()
	if err := s.validate(); err != nil {
		return err
	}
	p.Settings, p.Modified = s, p.Now()
	return nil
}

// Members are members of a request that the pool keeps for whoever asks, by name.
type Members map[string]json.RawMessage

// The names that MFATypes and AllowedFirstFactors take.
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

// validate refuses settings that the service does not have.
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
		return invalid.Field("usernameAttributes", "a pool with aliasAttributes has names of its users; set one of the two")
	}
	for i, name := range s.RequiredAttributes {
		if !KnownAttribute(name) {
			return invalid.Field(fmt.Sprintf("requiredAttributes[%d]", i), "%q is neither a standard attribute nor custom:...", name)
		}
	}
	return nil
}

// Unlocked runs what takes long, or calls back, without the pool's lock. What
// the caller has read from the pool before may have changed afterwards.
func (p *Pool) Unlocked(work func()) {
	p.Unlock()
	defer p.Lock()
	work()
}

// Name is the pool name that enters SRP: the text after the first underscore.
func (p *Pool) Name() string {
	_, name, _ := strings.Cut(p.ID, "_")
	return name
}

// Region is the text before the first underscore.
func (p *Pool) Region() string {
	region, _, _ := strings.Cut(p.ID, "_")
	return region
}

// IssuerAt is the iss claim of tokens that are made at a base URL.
func (p *Pool) IssuerAt(base string) string {
	if p.Issuer != "" {
		return p.Issuer
	}
	return base + "/" + p.ID
}
