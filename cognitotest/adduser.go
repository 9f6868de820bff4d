package cognitotest

import (
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
)

// addUser adds a user to a pool. An error names the field that is wrong.
func addUser(p *directory.Pool, config UserConfig) error {
	p.Lock()
	defer p.Unlock()
	u, err := newUser(p, config)
	if err != nil {
		return err
	}
	if name, ok := p.Taken(u); ok {
		return invalid.Field(name.Field, "%q is another user's: names, IDs and aliases are unique", name.Text)
	}
	p.Index(u)
	joinGroups(p, u, config.Groups)
	return nil
}

// newUser makes a user who is not in the pool yet. The caller holds the lock.
func newUser(p *directory.Pool, config UserConfig) (*directory.User, error) {
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
		fits("name", config.Name, "Username"),
		fits("id", u.ID, "Username"),
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

func checkGroups(names []string) error {
	for i, name := range names {
		if err := fits(fmt.Sprintf("groups[%d]", i), name, "GroupName"); err != nil {
			return err
		}
	}
	return nil
}

// joinGroups makes the user a member of these groups alone. A group that the pool
// does not have is made, as a configuration of a few users need not list groups.
func joinGroups(p *directory.Pool, u *directory.User, names []string) {
	u.Groups = nil
	for _, name := range names {
		g := p.Group(name)
		if g == nil {
			g = &directory.Group{Name: name}
			p.AddGroup(g) // the name is free
		}
		u.Join(g)
	}
}

func addGroup(p *directory.Pool, config GroupConfig) error {
	if err := fits("name", config.Name, "GroupName"); err != nil {
		return err
	}
	if config.RoleARN != "" {
		if err := fits("roleArn", config.RoleARN, "Arn"); err != nil {
			return err
		}
	}
	if config.Precedence != nil && *config.Precedence < 0 {
		return invalid.Field("precedence", "%d is negative", *config.Precedence)
	}
	g := directory.Group{Name: config.Name, Description: config.Description, RoleARN: config.RoleARN, Precedence: config.Precedence}
	if p.AddGroup(&g) != nil {
		return invalid.Field("name", "%q is another group's", config.Name)
	}
	return nil
}
