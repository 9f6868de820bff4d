package cognitotest

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

func fits(path, value, shapeName string) error {
	if problem := wire.Violation(shapeName, value); problem != "" {
		return invalid.Field(path, "%s", problem)
	}
	return nil
}

const defaultPoolID = "local-1_cognitotest"

// newPool makes a pool with its app clients and users.
func newPool(config PoolConfig) (*userPool, []*client, error) {
	made := settings{
		mfa: config.MFA, mfaTypes: config.MFATypes, policy: servicePolicy,
		requiredAttributes: config.RequiredAttributes, allowedFirstFactors: config.AllowedFirstFactors,
		aliasAttributes: config.AliasAttributes, usernameAttributes: config.UsernameAttributes, caseSensitive: config.CaseSensitive,
		devices: (*deviceSettings)(config.DeviceConfiguration), issuer: strings.TrimSuffix(config.Issuer, "/"),
	}
	if config.PasswordPolicy != nil {
		made.policy = poolPolicy(*config.PasswordPolicy)
	}
	id := cmp.Or(config.ID, defaultPoolID)
	if err := cmp.Or(fits("id", id, "UserPoolId"), invalid.Within("dialect", config.Dialect.validate())); err != nil {
		return nil, nil, err
	}
	var err error
	if w := config.WebAuthn; w != nil {
		if made.webauthn, err = newWebAuthn(w.RPID, w.Origins); err != nil {
			return nil, nil, invalid.Field("webauthn", "%v", err)
		}
	}
	h := hooks{now: config.Now, srpFilter: srpFilterOf(config)}
	if config.OnCode != nil {
		h.onCode = func(c poolCode) { config.OnCode(Code(c)) }
	}
	if h.triggers, err = triggersOf(config); err != nil {
		return nil, nil, err
	}
	p, err := newUserPool(id, made, h, poolDialect(config.Dialect))
	if err != nil {
		return nil, nil, err
	}
	clients, err := newClients(p, config.Clients)
	if err != nil {
		return nil, nil, err
	}
	for i, uc := range config.Users {
		if err := addUser(p, uc); err != nil {
			return nil, nil, invalid.Within(fmt.Sprintf("users[%d]", i), err)
		}
	}
	return p, clients, nil
}

func newClients(p *userPool, configs []ClientConfig) (clients []*client, err error) {
	if len(configs) == 0 {
		return nil, invalid.Field("clients", "a pool needs at least one app client")
	}
	for i, config := range configs {
		path := fmt.Sprintf("clients[%d]", i)
		made, err := newClient(p, clientSettings(config))
		if err = cmp.Or(config.checkForms(), err); err != nil {
			return nil, invalid.Within(path, err)
		}
		if slices.ContainsFunc(clients, func(other *client) bool { return other.id == made.id }) {
			return nil, invalid.Field(path+".id", "%q is another client's", made.id)
		}
		clients = append(clients, made)
	}
	return clients, nil
}

// checkForms refuses an ID and secrets that the service would not make.
func (config ClientConfig) checkForms() error {
	if err := fits("id", config.ID, "ClientId"); err != nil {
		return err
	}
	for _, given := range []struct{ path, secret string }{{"secret", config.Secret}, {"secondSecret", config.SecondSecret}} {
		if given.secret != "" {
			if err := fits(given.path, given.secret, "ClientSecret"); err != nil {
				return err
			}
		}
	}
	return nil
}

func srpFilterOf(config PoolConfig) func(*srp.Exchange) bool {
	if config.SRPFilter == nil {
		return nil
	}
	return func(x *srp.Exchange) bool {
		u := x.Scrambler()
		return config.SRPFilter(SRPValues{
			Salt: x.Credential.Salt, A: x.A, B: x.B, U: u,
			S: func() *big.Int { return x.Secret(u) },
		})
	}
}

func addUser(p *userPool, config UserConfig) error {
	u, err := p.newUser(config)
	if err != nil {
		return err
	}
	p.Lock()
	defer p.Unlock()
	if name, ok := p.taken(u); ok {
		return invalid.Field(name.field, "%q is another user's: names, IDs and aliases are unique", name.text)
	}
	p.index(u)
	return nil
}

// newUser makes a user who is not in the pool yet.
func (p *userPool) newUser(config UserConfig) (*user, error) {
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
func (p *userPool) nameUser(u *user) error {
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
func (p *userPool) setFirstPassword(u *user, config UserConfig) error {
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
