package cognitotest

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
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
func newPool(config PoolConfig) (*directory.Pool, []*directory.Client, error) {
	made := directory.Settings{
		MFA: config.MFA, MFATypes: config.MFATypes, Policy: directory.ServicePolicy,
		RequiredAttributes: config.RequiredAttributes, AllowedFirstFactors: config.AllowedFirstFactors,
		AliasAttributes: config.AliasAttributes, UsernameAttributes: config.UsernameAttributes, CaseSensitive: config.CaseSensitive,
		Devices: (*directory.DeviceSettings)(config.DeviceConfiguration), Issuer: strings.TrimSuffix(config.Issuer, "/"),
	}
	if config.PasswordPolicy != nil {
		made.Policy = directory.PasswordPolicy(*config.PasswordPolicy)
	}
	id := cmp.Or(config.ID, defaultPoolID)
	if err := cmp.Or(fits("id", id, "UserPoolId"), invalid.Within("dialect", config.Dialect.validate())); err != nil {
		return nil, nil, err
	}
	var err error
	if w := config.WebAuthn; w != nil {
		if made.WebAuthn, err = directory.NewWebAuthn(w.RPID, w.Origins); err != nil {
			return nil, nil, invalid.Field("webauthn", "%v", err)
		}
	}
	h := directory.Hooks{Now: config.Now, SRPFilter: srpFilterOf(config)}
	if config.OnCode != nil {
		h.OnCode = func(c directory.Code) { config.OnCode(Code(c)) }
	}
	if h.Triggers, err = triggersOf(config); err != nil {
		return nil, nil, err
	}
	p, err := directory.New(id, made, h, directory.Dialect(config.Dialect))
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

func newClients(p *directory.Pool, configs []ClientConfig) (clients []*directory.Client, err error) {
	if len(configs) == 0 {
		return nil, invalid.Field("clients", "a pool needs at least one app client")
	}
	for i, config := range configs {
		path := fmt.Sprintf("clients[%d]", i)
		made, err := directory.NewClient(p, directory.ClientSettings(config))
		if err = cmp.Or(config.checkForms(), err); err != nil {
			return nil, invalid.Within(path, err)
		}
		if slices.ContainsFunc(clients, func(other *directory.Client) bool { return other.ID == made.ID }) {
			return nil, invalid.Field(path+".id", "%q is another client's", made.ID)
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

func addUser(p *directory.Pool, config UserConfig) error {
	u, err := newUser(p, config)
	if err != nil {
		return err
	}
	p.Lock()
	defer p.Unlock()
	if name, ok := p.Taken(u); ok {
		return invalid.Field(name.Field, "%q is another user's: names, IDs and aliases are unique", name.Text)
	}
	p.Index(u)
	return nil
}

// newUser makes a user who is not in the pool yet.
func newUser(p *directory.Pool, config UserConfig) (*directory.User, error) {
	u := &directory.User{
		Name: config.Name, ID: config.ID, Attributes: maps.Clone(config.Attributes), Groups: slices.Clone(config.Groups),
		MFA: slices.Clone(config.MFA), PreferredMFA: config.PreferredMFA,
		Disabled: config.Disabled, Unconfirmed: config.Unconfirmed, ResetRequired: config.ResetRequired,
		Created: p.Now(), Modified: p.Now(),
	}
	if u.Attributes == nil {
		u.Attributes = make(map[string]string)
	}
	if u.ID == "" {
		u.ID = random.UUID()
	}
	if config.TOTPSecret != "" {
		if err := totp.CheckSecret(config.TOTPSecret); err != nil {
			return nil, invalid.Field("totpSecret", "%v", err)
		}
		u.TOTP = &totp.App{Name: "authenticator app", Secret: config.TOTPSecret}
		switch {
		case len(u.MFA) == 0 && p.MFA == "OFF":
			return nil, invalid.Field("totpSecret", directory.MFAIsOff)
		case len(u.MFA) == 0:
			u.MFA = []string{"SOFTWARE_TOKEN_MFA"}
		}
	}
	for _, err := range []error{
		nameUser(p, u),
		fits("name", config.Name, "Username"),
		fits("id", u.ID, "Username"),
		checkAttributes(u.Attributes),
		p.CheckMFA(u),
		setFirstPassword(p, u, config),
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
func nameUser(p *directory.Pool, u *directory.User) error {
	attribute := directory.AddressAttribute(u.Name)
	if len(p.UsernameAttributes) == 0 {
		if slices.Contains(p.AliasAttributes, attribute) {
			return invalid.Field("name", "%q has the form of an alias; set attributes.%s instead", u.Name, attribute)
		}
		return nil
	}
	switch {
	case !slices.Contains(p.UsernameAttributes, attribute):
		return invalid.Field("name", "in this pool the name is the user's %s, not %q", strings.Join(p.UsernameAttributes, " or "), u.Name)
	case !directory.UUIDForm.MatchString(u.ID):
		return invalid.Field("id", "in this pool the ID is the user name and has to be a UUID, not %q", u.ID)
	}
	if other := u.Attributes[attribute]; other != "" && other != u.Name {
		return invalid.Field("attributes."+attribute, "%q is not the name, %q", other, u.Name)
	}
	u.Attributes[attribute], u.Name = u.Name, u.ID
	return nil
}

// setFirstPassword gives a user the password of the configuration.
func setFirstPassword(p *directory.Pool, u *directory.User, config UserConfig) error {
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
		p.SetPassword(u, password, temporary, salt)
	}
	return nil
}

func checkAttributes(attributes map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if !directory.KnownAttribute(name) && !slices.Contains(directory.ServiceAttributes[1:], name) {
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
