package setup

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

// User is cognitotest.UserConfig.
type User struct {
	Name              string
	ID                string
	Password          string
	TemporaryPassword string
	Salt              string
	Attributes        map[string]string
	Groups            []string
	TOTPSecret        string
	MFA               []string
	PreferredMFA      string
	Disabled          bool
	Unconfirmed       bool
	ResetRequired     bool
}

// AddUser adds a user to a pool. The caller does not hold the lock of the pool.
func AddUser(p *directory.Pool, config User) error {
	p.Lock()
	defer p.Unlock()
	u, err := newUser(p, config)
	if err != nil {
		return err
	}
	if name, ok := p.Taken(u); ok {
		return invalid.Field(name.Field, "%q belongs to another user: names, IDs and aliases are unique", name.Text)
	}
	p.Index(u)
	joinGroups(p, u, config.Groups)
	return nil
}

// newUser makes a user, and does not add the user to the pool. The caller holds the lock
// of the pool.
func newUser(p *directory.Pool, config User) (*directory.User, error) {
	u := &directory.User{
		Name: config.Name, ID: config.ID, Attributes: maps.Clone(config.Attributes),
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
		Fits("name", config.Name, "Username"),
		Fits("id", u.ID, "Username"),
		checkAttributes(u.Attributes),
		checkGroups(config.Groups),
		p.CheckMFA(u),
		setFirstPassword(p, u, config),
	} {
		if err != nil {
			return nil, err
		}
	}
	return u, nil
}

// nameUser decides the name of a user. If addresses are user names, the ID becomes the
// name, and the address of the configuration becomes an attribute. In other pools a name
// must not look like an alias, as in sign-up.
func nameUser(p *directory.Pool, u *directory.User) error {
	attribute := directory.AddressAttribute(u.Name)
	if len(p.UsernameAttributes) == 0 {
		if slices.Contains(p.AliasAttributes, attribute) {
			return invalid.Field("name", "%q has the form of an alias: set attributes.%s instead", u.Name, attribute)
		}
		return nil
	}
	switch {
	case !slices.Contains(p.UsernameAttributes, attribute):
		return invalid.Field("name", "in this pool the name is the %s of the user, not %q", strings.Join(p.UsernameAttributes, " or "), u.Name)
	case !directory.UUIDForm.MatchString(u.ID):
		return invalid.Field("id", "in this pool the ID is the user name and must be a UUID, not %q", u.ID)
	}
	if other := u.Attributes[attribute]; other != "" && other != u.Name {
		return invalid.Field("attributes."+attribute, "%q is not the name, %q", other, u.Name)
	}
	u.Attributes[attribute], u.Name = u.Name, u.ID
	return nil
}

// setFirstPassword gives a user the password of the configuration, if there is one.
func setFirstPassword(p *directory.Pool, u *directory.User, config User) error {
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
			return invalid.Field("salt", "not a hexadecimal number of at most %d digits", 2*srp.SaltBytes)
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
			return invalid.Field("attributes", "%q is neither a standard attribute nor custom:... (set the sub as id)", name)
		}
		if strings.HasSuffix(name, "_verified") {
			if err := invalid.OneOf("attributes."+name, attributes[name], "true", "false"); err != nil {
				return err
			}
		}
	}
	return nil
}
