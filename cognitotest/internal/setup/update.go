package setup

import (
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// configOf returns the configuration of a user in the present state.
func configOf(p *directory.Pool, u *directory.User) User {
	config := User{
		Name: u.Name, ID: u.ID, Attributes: maps.Clone(u.Attributes), MFA: slices.Clone(u.MFA), PreferredMFA: u.PreferredMFA,
		Disabled: u.Disabled, Unconfirmed: u.Unconfirmed, ResetRequired: u.ResetRequired,
	}
	if config.Attributes == nil {
		config.Attributes = make(map[string]string)
	}
	if address := addressName(p, u.Attributes); address != "" {
		config.Name = address
	}
	if u.Temporary {
		config.TemporaryPassword = u.Password()
	} else {
		config.Password = u.Password()
	}
	if u.TOTP != nil {
		config.TOTPSecret = u.TOTP.Secret
	}
	for _, g := range u.Groups {
		config.Groups = append(config.Groups, g.Name)
	}
	return config
}

// addressName returns the address that is the user name of a user. The result is empty
// in a pool without UsernameAttributes.
func addressName(p *directory.Pool, attributes map[string]string) string {
	for _, attribute := range p.UsernameAttributes {
		if address := attributes[attribute]; address != "" {
			return address
		}
	}
	return ""
}

// UpdateUser lets change edit the configuration of a user, and makes the user agree with
// the result. After an error the user is as before. The caller holds the lock of the pool.
func UpdateUser(p *directory.Pool, u *directory.User, change func(*User)) error {
	before, after := configOf(p, u), configOf(p, u)
	change(&after)
	switch {
	case after.Name != before.Name:
		return invalid.Field("name", "the name of a user cannot change: in a pool with usernameAttributes change attributes")
	case after.ID != before.ID:
		return invalid.Field("id", "the ID of a user cannot change")
	}
	if address := addressName(p, after.Attributes); address != "" {
		after.Name = address
	}
	passwords := after.Password != before.Password || after.TemporaryPassword != before.TemporaryPassword || after.Salt != ""
	switch { // the new password replaces the other one
	case after.Password != before.Password && after.TemporaryPassword == before.TemporaryPassword:
		after.TemporaryPassword = ""
	case after.TemporaryPassword != before.TemporaryPassword && after.Password == before.Password:
		after.Password = ""
	}
	made, err := newUser(p, after)
	if err != nil {
		return err
	}
	if err := p.ReplaceAttributes(u, made.Attributes); err != nil {
		return invalid.Field("attributes", "%v", err)
	}
	joinGroups(p, u, after.Groups)
	u.MFA, u.PreferredMFA = made.MFA, made.PreferredMFA
	u.Disabled, u.Unconfirmed, u.ResetRequired = made.Disabled, made.Unconfirmed, made.ResetRequired
	if after.TOTPSecret != before.TOTPSecret { // the present app knows its used codes
		u.TOTP = made.TOTP
	}
	switch {
	case passwords && !made.HasAnyPassword():
		u.DropPassword()
	case passwords:
		p.ForgiveFailures(u)
		return setFirstPassword(p, u, after)
	}
	return nil
}
