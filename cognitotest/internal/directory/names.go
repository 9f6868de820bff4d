package directory

import (
	"regexp"
	"slices"
	"strings"
)

// Name is something that finds a user at sign-in, and the field of the
// user's configuration that has it.
type Name struct{ Field, Text string }

// namesOf gives what finds a user at sign-in: the name, and the attributes
// that the pool takes in its place.
func (p *Pool) namesOf(u *User) []Name {
	names := []Name{{"name", u.Name}}
	for _, attribute := range p.UsernameAttributes {
		names = append(names, Name{"name", u.Attributes[attribute]})
	}
	for _, alias := range p.AliasAttributes {
		if verified := verifiedAttribute(alias); verified == "" || u.Attributes[verified] == "true" {
			names = append(names, Name{"attributes." + alias, u.Attributes[alias]})
		}
	}
	return slices.DeleteFunc(names, func(name Name) bool { return name.Text == "" })
}

// UUIDForm is the form of a sub that the pool made.
var UUIDForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

var (
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	phoneForm = regexp.MustCompile(`^\+[0-9]+$`)
)

// AddressAttribute says which attribute a name has the form of, "" for none.
func AddressAttribute(name string) string {
	switch {
	case emailForm.MatchString(name):
		return "email"
	case phoneForm.MatchString(name):
		return "phone_number"
	}
	return ""
}

// key is how names are compared.
func (p *Pool) key(name string) string {
	if p.CaseSensitive {
		return name
	}
	return strings.ToLower(name)
}

// UserNamed finds the user who signs in by that name or alias, nil if nobody
// does. The sub is no name.
func (p *Pool) UserNamed(name string) *User { return p.users[p.key(name)] }

// LookUp finds a user as administrators do: also by sub.
func (p *Pool) LookUp(name string) *User {
	if u := p.UserNamed(name); u != nil {
		return u
	}
	return p.subs[p.key(name)]
}

// Taken returns the first of u's names that is another user's. Names and subs
// are one set: administrators give either, and SubForSRP sends subs as names.
func (p *Pool) Taken(u *User) (Name, bool) {
	for _, name := range append([]Name{{"id", u.ID}}, p.namesOf(u)...) {
		if other := p.LookUp(name.Text); other != nil && other != u {
			return name, true
		}
	}
	return Name{}, false
}

// Index makes the user known by all names. Taken has to be asked before.
func (p *Pool) Index(u *User) {
	p.subs[p.key(u.ID)] = u
	for _, name := range p.namesOf(u) {
		p.users[p.key(name.Text)] = u
	}
}

// SRPID is the user's USER_ID_FOR_SRP.
func (p *Pool) SRPID(u *User) string {
	if u.Ghost || p.Dialect.SubForSRP {
		return u.ID
	}
	return u.Name
}
