package directory

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// Name is a name that finds a user at sign-in, and the field of the configuration that has
// the name.
type Name struct{ Field, Text string }

// namesOf returns the names that find a user at sign-in: the user name, and the attributes
// that the pool takes instead.
func (p *Pool) namesOf(u *User) []Name {
	names := []Name{{"name", u.Name}}
	for _, attribute := range p.UsernameAttributes {
		names = append(names, Name{"name", u.Attributes[attribute]})
	}
	for _, alias := range p.AliasAttributes {
		if verifiedAttribute(alias) == "" || u.IsVerified(alias) {
			names = append(names, Name{aliasField + alias, u.Attributes[alias]})
		}
	}
	return slices.DeleteFunc(names, func(name Name) bool { return name.Text == "" })
}

// aliasField begins the Field of a name that is an alias.
const aliasField = "attributes."

// UUIDForm is the form of a sub that the pool made.
var UUIDForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

var (
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	phoneForm = regexp.MustCompile(`^\+[0-9]+$`)
)

// AddressAttribute returns the attribute whose form the name has, or an empty string.
func AddressAttribute(name string) string {
	switch {
	case emailForm.MatchString(name):
		return "email"
	case phoneForm.MatchString(name):
		return "phone_number"
	}
	return ""
}

// key returns the form of a name for comparisons.
func (p *Pool) key(name string) string {
	if p.CaseSensitive {
		return name
	}
	return strings.ToLower(name)
}

// UserNamed returns the user who signs in with the name or alias, or nil. The sub is no name.
func (p *Pool) UserNamed(name string) *User { return p.users[p.key(name)] }

// LookUp returns a user by name, alias or sub, as operations for administrators do.
func (p *Pool) LookUp(name string) *User {
	if u := p.UserNamed(name); u != nil {
		return u
	}
	return p.subs[p.key(name)]
}

// IsNamed reports whether the user can sign in with the name.
func (p *Pool) IsNamed(u *User, name string) bool {
	return slices.ContainsFunc(p.namesOf(u), func(own Name) bool { return p.key(own.Text) == p.key(name) })
}

// Taken returns the first name of u that belongs to another user. No name may be the sub of
// another user: administrators use both, and SubForSRP sends subs as names.
func (p *Pool) Taken(u *User) (Name, bool) { return p.taken(u, false) }

// taken is Taken. With force taken ignores the addresses that takeAliases would take.
func (p *Pool) taken(u *User, force bool) (Name, bool) {
	for _, name := range append([]Name{{"id", u.ID}}, p.namesOf(u)...) {
		other := p.LookUp(name.Text)
		if other != nil && other.number != u.number && !(force && name.isAddressAlias()) {
			return name, true
		}
	}
	return Name{}, false
}

// isAddressAlias reports whether the name is an address that is an alias.
func (n Name) isAddressAlias() bool {
	attribute, isAlias := strings.CutPrefix(n.Field, aliasField)
	return isAlias && verifiedAttribute(attribute) != ""
}

// NameNewUser decides the name of a user who is not in the pool yet. If addresses are
// aliases, the name must not have the form of an address. If addresses are user names, the
// name must be an address and becomes an attribute.
func (p *Pool) NameNewUser(u *User) error {
	form := AddressAttribute(u.Name)
	switch {
	case len(p.UsernameAttributes) > 0 && !slices.Contains(p.UsernameAttributes, form):
		return exception.InvalidParameter("Username should be %s.", addressForms(p.UsernameAttributes))
	case form != "" && slices.Contains(p.AliasAttributes, form):
		return exception.InvalidParameter("Username cannot be of %s format, since user pool is configured for %s alias.", form, form)
	}
	if len(p.UsernameAttributes) > 0 {
		if other := u.Attributes[form]; other != "" && other != u.Name {
			return exception.InvalidParameter("Attribute %s is not the username.", form)
		}
		u.Attributes[form], u.Name = u.Name, u.ID
	}
	return nil
}

func addressForms(attributes []string) string {
	switch {
	case len(attributes) > 1:
		return "either an email or a phone number"
	case attributes[0] == "email":
		return "an email"
	}
	return "a phone number"
}

// ClaimNames refuses a new user if another user has one of the names. The text exists is for
// a user name. With force the new user takes addresses that are aliases of other users.
func (p *Pool) ClaimNames(u *User, exists string, force bool) error {
	name, taken := p.taken(u, force)
	switch {
	case !taken && force:
		return p.takeAliases(u)
	case !taken:
		return nil
	case len(p.UsernameAttributes) > 0:
		return exception.New("UsernameExistsException", "%s", accountExists(name.Text))
	case strings.HasPrefix(name.Field, aliasField):
		return aliasExists(name.Text)
	}
	return exception.New("UsernameExistsException", "%s", exists)
}

func aliasExists(alias string) error {
	return exception.New("AliasExistsException", "%s", accountExists(alias))
}

func accountExists(name string) string {
	return "An account with the given " + cmp.Or(AddressAttribute(name), "preferred_username") + " already exists."
}

// takeAliases makes the addresses of u free for aliases of u. Another user with such an alias
// keeps the address, which is not verified any more.
func (p *Pool) takeAliases(u *User) error {
	for _, name := range p.namesOf(u) {
		other := p.UserNamed(name.Text)
		if !name.isAddressAlias() || other == nil || other.number == u.number {
			continue
		}
		attributes := maps.Clone(other.Attributes)
		attributes[verifiedAttribute(strings.TrimPrefix(name.Field, aliasField))] = "false"
		if err := p.ReplaceAttributes(other, attributes); err != nil {
			return err
		}
	}
	return nil
}

// Index makes the names find the user. The caller has checked the names with Taken.
func (p *Pool) Index(u *User) {
	if u.number == 0 {
		p.lastUser++
		u.number = p.lastUser
	}
	p.subs[p.key(u.ID)] = u
	for _, name := range p.namesOf(u) {
		p.users[p.key(name.Text)] = u
	}
}

// Remove deletes a user. The pool then refuses tokens and sessions of the user.
func (p *Pool) Remove(u *User) {
	for _, name := range p.namesOf(u) {
		delete(p.users, p.key(name.Text))
	}
	delete(p.subs, p.key(u.ID))
	u.deleted = true
}

// Users returns all users, the oldest first.
func (p *Pool) Users() []*User {
	return slices.SortedFunc(maps.Values(p.subs), func(a, b *User) int { return a.number - b.number })
}

// Number is the constant place of a user in the list of users.
func (u *User) Number() int { return u.number }

// SRPID is USER_ID_FOR_SRP of the user.
func (p *Pool) SRPID(u *User) string {
	if u.Ghost || p.Dialect.SubForSRP {
		return u.ID
	}
	return u.Name
}
