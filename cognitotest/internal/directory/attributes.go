package directory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// VerifyAddress notes that the user has got the code that was sent. The user can
// sign in by the address from now on. A code for an address that the user does not
// have any more is refused with the text mismatch. With force an alias of another user
// becomes the user's.
func (p *Pool) VerifyAddress(u *User, sent *SentCode, mismatch string, force bool) error {
	if u.Attributes[sent.By.Attribute] != sent.To {
		return exception.New("CodeMismatchException", "%s", mismatch)
	}
	attributes := maps.Clone(u.Attributes)
	attributes[verifiedAttribute(sent.By.Attribute)] = "true"
	return p.replaceAttributes(u, attributes, force)
}

// verifiedAttribute is the attribute that says whether an address is the
// user's own; "" for attributes that are no addresses.
func verifiedAttribute(attribute string) string {
	if attribute == "email" || attribute == "phone_number" {
		return attribute + "_verified"
	}
	return ""
}

// IsVerified says whether an address is known to be the user's own. The service
// keeps the value as an administrator wrote it, "True" for instance.
func (u *User) IsVerified(attribute string) bool {
	return strings.EqualFold(u.Attributes[verifiedAttribute(attribute)], "true")
}

var standardAttributes = []string{
	"address", "birthdate", "email", "family_name", "gender", "given_name",
	"locale", "middle_name", "name", "nickname", "phone_number", "picture",
	"preferred_username", "profile", "updated_at", "website", "zoneinfo",
}

// ServiceAttributes are written by the service alone.
var ServiceAttributes = []string{"sub", "identities", "email_verified", "phone_number_verified"}

// KnownAttribute says whether users can have the attribute.
func KnownAttribute(name string) bool {
	return slices.Contains(standardAttributes, name) ||
		strings.HasPrefix(name, "custom:") && len(name) > len("custom:")
}

// CheckWritable refuses an attribute that a user cannot write.
func CheckWritable(name string) error {
	switch {
	case slices.Contains(ServiceAttributes, name):
		return exception.NotAuthorized("A client attempted to write unauthorized attribute")
	case !KnownAttribute(name):
		return exception.InvalidParameter("Attributes did not conform to the schema: %q: Attribute does not exist in schema.", name)
	}
	return nil
}

// CheckAdminWritable refuses an attribute that administrators cannot write.
func CheckAdminWritable(name string) error {
	switch {
	case verifiedAttribute(strings.TrimSuffix(name, "_verified")) == name:
		return nil
	case slices.Contains(ServiceAttributes, name):
		return exception.InvalidParameter("%s: Attribute cannot be updated.", name)
	}
	return CheckWritable(name)
}

// CheckVerified refuses email_verified and phone_number_verified of an address that is
// not among the attributes.
func CheckVerified(attributes map[string]string) error {
	u := &User{Attributes: attributes}
	for _, by := range []Delivery{Email, SMS} {
		if u.IsVerified(by.Attribute) && attributes[by.Attribute] == "" {
			return exception.InvalidParameter("No %s provided but %s was true", by.Attribute, verifiedAttribute(by.Attribute))
		}
	}
	return nil
}

// DoubtAddresses calls the addresses of a new user not verified.
func (u *User) DoubtAddresses() {
	for _, by := range []Delivery{Email, SMS} {
		if u.Attributes[by.Attribute] != "" {
			u.Attributes[verifiedAttribute(by.Attribute)] = "false"
		}
	}
}

// SetAttributes changes attributes; an empty value takes the attribute away. A new
// address is not a verified one, unless the change says so.
func (p *Pool) SetAttributes(u *User, set map[string]string) error {
	return p.setAttributes(u, set, false)
}

// AdminSetAttributes is SetAttributes for administrators. An address that they call
// verified is taken away from another user whose alias it is.
func (p *Pool) AdminSetAttributes(u *User, set map[string]string) error {
	return p.setAttributes(u, set, true)
}

func (p *Pool) setAttributes(u *User, set map[string]string, force bool) error {
	attributes := maps.Clone(u.Attributes)
	for name, value := range set {
		verified := verifiedAttribute(name)
		switch {
		case value == "" && slices.Contains(p.RequiredAttributes, name):
			return exception.InvalidParameter("Attributes did not conform to the schema: %s: The attribute is required", name)
		case value == "":
			delete(attributes, name)
			delete(attributes, verified)
			continue
		case verified != "" && attributes[name] != value:
			attributes[verified] = cmp.Or(set[verified], "false")
		}
		attributes[name] = value
	}
	if err := CheckVerified(attributes); err != nil {
		return err
	}
	return p.replaceAttributes(u, attributes, force)
}

// ChangedAddresses says which addresses the attributes to set would change.
func (u *User) ChangedAddresses(set map[string]string) (changed []Delivery) {
	for _, by := range []Delivery{Email, SMS} {
		if value := set[by.Attribute]; value != "" && value != u.Attributes[by.Attribute] {
			changed = append(changed, by)
		}
	}
	return changed
}

// ReplaceAttributes gives the user all new attributes, and with them aliases.
func (p *Pool) ReplaceAttributes(u *User, attributes map[string]string) error {
	return p.replaceAttributes(u, attributes, false)
}

// replaceAttributes is ReplaceAttributes. With force addresses that are aliases of
// others become the user's.
func (p *Pool) replaceAttributes(u *User, attributes map[string]string, force bool) error {
	if u.deleted {
		return NoSuchUser() // while a trigger ran
	}
	changed := *u
	changed.Attributes = attributes
	if name, taken := p.taken(&changed, force); taken {
		return aliasExists(name.Text)
	}
	if force {
		if err := p.takeAliases(&changed); err != nil {
			return err
		}
	}
	for _, name := range p.namesOf(u) {
		delete(p.users, p.key(name.Text))
	}
	u.Attributes, u.Modified = attributes, p.Now()
	p.Index(u)
	return nil
}

// DeleteAttributes takes attributes away. check refuses names that the caller
// cannot write.
func (p *Pool) DeleteAttributes(u *User, names []string, check func(string) error) error {
	set := make(map[string]string)
	for _, name := range names {
		if err := check(name); err != nil {
			return err
		}
		set[name] = ""
	}
	return p.SetAttributes(u, set)
}
