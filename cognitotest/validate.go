package cognitotest

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

func fits(path, value, shapeName string) error {
	if problem := shapes[shapeName].violation(value); problem != "" {
		return invalid.Field(path, "%s", problem)
	}
	return nil
}

var mfaFactors = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}

const defaultPoolID = "local-1_cognitotest"

// newPool makes a pool with its clients and users.
func newPool(config PoolConfig) (*Pool, error) {
	p := &Pool{
		id: config.ID, mfa: config.MFA, mfaTypes: config.MFATypes, policy: servicePolicy,
		requiredAttributes: config.RequiredAttributes, devices: config.DeviceConfiguration, deviceGroupKey: newGroupKey(config.Dialect), issuer: strings.TrimSuffix(config.Issuer, "/"),
		dialect: config.Dialect, now: config.Now, onCode: config.OnCode, srpFilter: config.SRPFilter,
		allowedFirstFactors: config.AllowedFirstFactors,
		aliasAttributes:     config.AliasAttributes, usernameAttributes: config.UsernameAttributes, caseSensitive: config.CaseSensitive,
		secret: random.Number(32).Bytes(), users: make(map[string]*user), subs: make(map[string]*user),
	}
	p.setDefaults(config)
	var err error
	if p.webauthn, err = newWebAuthn(config.WebAuthn); err != nil {
		return nil, err
	}
	if p.triggers, err = triggersOf(config); err != nil {
		return nil, err
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	if len(config.Clients) == 0 {
		return nil, invalid.Field("clients", "a pool needs at least one app client")
	}
	for i, cc := range config.Clients {
		path := fmt.Sprintf("clients[%d]", i)
		made, err := newClient(p, cc)
		if err != nil {
			return nil, invalid.Within(path, err)
		}
		if slices.ContainsFunc(p.clients, func(other *client) bool { return other.id == made.id }) {
			return nil, invalid.Field(path+".id", "%q is another client's", made.id)
		}
		p.clients = append(p.clients, made)
	}
	for i, uc := range config.Users {
		if err := p.AddUser(uc); err != nil {
			return nil, invalid.Within(fmt.Sprintf("users[%d]", i), err)
		}
	}
	return p, nil
}

func (p *Pool) setDefaults(config PoolConfig) {
	if p.id == "" {
		p.id = defaultPoolID
	}
	if p.mfa == "" {
		p.mfa = "OFF"
	}
	if len(p.mfaTypes) == 0 && p.mfa != "OFF" {
		p.mfaTypes = mfaFactors
	}
	if len(p.allowedFirstFactors) == 0 {
		p.allowedFirstFactors = []string{"PASSWORD"}
	}
	if config.PasswordPolicy != nil {
		p.policy = *config.PasswordPolicy
	}
	if p.policy.MinimumLength == 0 {
		p.policy.MinimumLength = servicePolicy.MinimumLength
	}
	if p.policy.TemporaryPasswordValidityDays == 0 {
		p.policy.TemporaryPasswordValidityDays = servicePolicy.TemporaryPasswordValidityDays
	}
	if p.now == nil {
		p.now = time.Now
	}
}

func (p *Pool) validate() error {
	for _, err := range []error{
		fits("id", p.id, "UserPoolId"),
		invalid.OneOf("mfa", p.mfa, "OFF", "OPTIONAL", "ON"),
		invalid.AllOneOf("mfaTypes", p.mfaTypes, mfaFactors...),
		invalid.AllOneOf("allowedFirstFactors", p.allowedFirstFactors, allowedFirstFactors...),
		invalid.AllOneOf("aliasAttributes", p.aliasAttributes, "email", "phone_number", "preferred_username"),
		invalid.AllOneOf("usernameAttributes", p.usernameAttributes, "email", "phone_number"),
		invalid.Within("dialect", p.dialect.validate()),
	} {
		if err != nil {
			return err
		}
	}
	if p.policy.MinimumLength < 0 || p.policy.MinimumLength > maxPassword {
		return invalid.Field("passwordPolicy.minimumLength", "%d is not between 1 and %d", p.policy.MinimumLength, maxPassword)
	}
	if p.policy.HistorySize < 0 {
		return invalid.Field("passwordPolicy.historySize", "%d is negative", p.policy.HistorySize)
	}
	if p.policy.TemporaryPasswordValidityDays < 0 {
		return invalid.Field("passwordPolicy.temporaryPasswordValidityDays", "%d is negative", p.policy.TemporaryPasswordValidityDays)
	}
	if len(p.aliasAttributes) > 0 && len(p.usernameAttributes) > 0 {
		return invalid.Field("usernameAttributes", "a pool with aliasAttributes has names of its users; set one of the two")
	}
	for i, name := range p.requiredAttributes {
		if !knownAttribute(name) {
			return invalid.Field(fmt.Sprintf("requiredAttributes[%d]", i), "%q is neither a standard attribute nor custom:...", name)
		}
	}
	return nil
}

func newClient(p *Pool, config ClientConfig) (*client, error) {
	made := &client{
		pool: p, id: config.ID, authFlows: config.AuthFlows,
		revealsUsers: config.PreventUserExistenceErrors != "ENABLED",
		revocation:   config.TokenRevocation != "DISABLED",
		rotation:     config.RefreshTokenRotation == "ENABLED",
	}
	if len(made.authFlows) == 0 {
		made.authFlows = defaultAuthFlows
	}
	for _, err := range []error{
		fits("id", config.ID, "ClientId"),
		invalid.AllOneOf("authFlows", config.AuthFlows, explicitAuthFlows...),
		invalid.OneOf("preventUserExistenceErrors", config.PreventUserExistenceErrors, "", "ENABLED", "LEGACY"),
		invalid.OneOf("tokenRevocation", config.TokenRevocation, "", "ENABLED", "DISABLED"),
		invalid.OneOf("refreshTokenRotation", config.RefreshTokenRotation, "", "ENABLED", "DISABLED"),
		setSeconds("retryGraceSeconds", &made.rotationGrace, config.RetryGraceSeconds, 0),
		setSeconds("accessTokenSeconds", &made.accessLife, config.AccessTokenSeconds, time.Hour),
		setSeconds("idTokenSeconds", &made.idLife, config.IDTokenSeconds, time.Hour),
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
	for _, given := range []struct{ path, secret string }{{"secret", config.Secret}, {"secondSecret", config.SecondSecret}} {
		if given.secret == "" {
			continue
		}
		if err := fits(given.path, given.secret, "ClientSecret"); err != nil {
			return nil, err
		}
		made.secrets = append(made.secrets, given.secret)
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

// newUser makes a user who is not in the pool yet.
func (p *Pool) newUser(config UserConfig) (*user, error) {
	u := &user{
		name: config.Name, id: config.ID, attributes: maps.Clone(config.Attributes), groups: slices.Clone(config.Groups),
		mfa: slices.Clone(config.MFA), preferredMFA: config.PreferredMFA,
		disabled: config.Disabled, unconfirmed: config.Unconfirmed, resetRequired: config.ResetRequired,
		created: p.now(), modified: p.now(),
	}
	if u.attributes == nil {
		u.attributes = make(map[string]string)
	}
	if u.id == "" {
		u.id = random.UUID()
	}
	if config.TOTPSecret != "" {
		if err := totp.CheckSecret(config.TOTPSecret); err != nil {
			return nil, invalid.Field("totpSecret", "%v", err)
		}
		u.totp = &totp.App{Name: "authenticator app", Secret: config.TOTPSecret}
		switch {
		case len(u.mfa) == 0 && p.mfa == "OFF":
			return nil, invalid.Field("totpSecret", noMFA)
		case len(u.mfa) == 0:
			u.mfa = []string{"SOFTWARE_TOKEN_MFA"}
		}
	}
	for _, err := range []error{
		p.nameUser(u),
		fits("name", config.Name, "Username"),
		fits("id", u.id, "Username"),
		checkAttributes(u.attributes),
		p.checkMFA(u),
		p.setFirstPassword(u, config),
	} {
		if err != nil {
			return nil, err
		}
	}
	return u, nil
}

// nameUser settles what a user is called. In a pool whose users have no names
// of their own it makes one: what the user signs in with becomes an attribute.
// Elsewhere a name may not look like an alias, as in sign-up.
func (p *Pool) nameUser(u *user) error {
	attribute := addressAttribute(u.name)
	if len(p.usernameAttributes) == 0 {
		if slices.Contains(p.aliasAttributes, attribute) {
			return invalid.Field("name", "%q has the form of an alias; set attributes.%s instead", u.name, attribute)
		}
		return nil
	}
	switch {
	case !slices.Contains(p.usernameAttributes, attribute):
		return invalid.Field("name", "in this pool the name is the user's %s, not %q", strings.Join(p.usernameAttributes, " or "), u.name)
	case !uuidForm.MatchString(u.id):
		return invalid.Field("id", "in this pool the ID is the user name and has to be a UUID, not %q", u.id)
	}
	if other := u.attributes[attribute]; other != "" && other != u.name {
		return invalid.Field("attributes."+attribute, "%q is not the name, %q", other, u.name)
	}
	u.attributes[attribute], u.name = u.name, u.id
	return nil
}

// setFirstPassword gives a user the password of the configuration.
func (p *Pool) setFirstPassword(u *user, config UserConfig) error {
	password, temporary := config.Password, false
	switch {
	case config.Password != "" && config.TemporaryPassword != "":
		return invalid.Field("temporaryPassword", "the user has a password already")
	case config.TemporaryPassword != "":
		password, temporary = config.TemporaryPassword, true
	}
	salt := srp.NewSalt()
	if config.Salt != "" {
		if len(config.Salt) > 2*srp.SaltBytes || !srp.HexDigits.MatchString(config.Salt) {
			return invalid.Field("salt", "it is not a hexadecimal number of at most %d digits", 2*srp.SaltBytes)
		}
		salt, _ = new(big.Int).SetString(config.Salt, 16)
	}
	if password != "" {
		p.setPassword(u, password, temporary, salt)
	}
	return nil
}

func checkAttributes(attributes map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if !knownAttribute(name) && !slices.Contains(serviceAttributes[1:], name) {
			return invalid.Field("attributes", "%q is neither a standard attribute nor custom:...; sub is set as id", name)
		}
		if strings.HasSuffix(name, "_verified") {
			if err := invalid.OneOf("attributes."+name, attributes[name], "true", "false"); err != nil {
				return err
			}
		}
	}
	return nil
}

const noMFA = "the pool's mfa is OFF; set mfa to OPTIONAL or ON"

// checkMFA refuses factors that could never be asked for.
func (p *Pool) checkMFA(u *user) error {
	for i, factor := range u.mfa {
		path := fmt.Sprintf("mfa[%d]", i)
		if p.mfa == "OFF" {
			return invalid.Field(path, noMFA)
		}
		if err := invalid.OneOf(path, factor, p.mfaTypes...); err != nil {
			return err
		}
		switch {
		case factor == "SMS_MFA" && u.attributes["phone_number"] == "":
			return invalid.Field(path, "SMS_MFA needs the attribute phone_number")
		case factor == "EMAIL_OTP" && u.attributes["email"] == "":
			return invalid.Field(path, "EMAIL_OTP needs the attribute email")
		case factor == "SOFTWARE_TOKEN_MFA" && u.totp == nil:
			return invalid.Field(path, "SOFTWARE_TOKEN_MFA needs a totpSecret")
		}
	}
	switch {
	case u.preferredMFA == "":
		return nil
	case len(u.mfa) == 0:
		return invalid.Field("preferredMfa", "the user has no second factor to prefer")
	}
	return invalid.OneOf("preferredMfa", u.preferredMFA, u.mfa...)
}
