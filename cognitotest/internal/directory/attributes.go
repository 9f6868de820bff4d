package directory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// VerifyAddress makes the address of a code verified, so that the user can sign in with the
// address. If the user has another address now, the error has the text mismatch. With force
// the user takes an alias of another user.
func (p *Pool) VerifyAddress(u *User, sent *SentCode, mismatch string, force bool) error {
	if u.Attributes[sent.By.Attribute] != sent.To {
		return exception.New("CodeMismatchException", "%s", mismatch)
	}
	attributes := maps.Clone(u.Attributes)
	attributes[verifiedAttribute(sent.By.Attribute)] = "true"
	return p.replaceAttributes(u, attributes, force)
}

// verifiedAttribute returns the attribute that says whether an address is verified. The
// result is empty for an attribute that is no address.
func verifiedAttribute(attribute string) string {
	if attribute == "email" || attribute == "phone_number" {
		return attribute + "_verified"
	}
	return ""
}

// IsVerified reports whether an address is verified. The service keeps the spelling of an
// administrator, such as "True".
func (u *User) IsVerified(attribute string) bool {
	return strings.EqualFold(u.Attributes[verifiedAttribute(attribute)], "true")
}

var standardAttributes = []string{
	"address", "birthdate", "email", "family_name", "gender", "given_name",
	"locale", "middle_name", "name", "nickname", "phone_number", "picture",
	"preferred_username", "profile", "updated_at", "website", "zoneinfo",
}

// ServiceAttributes are the attributes that only the service writes.
var ServiceAttributes = []string{"sub", "identities", "email_verified", "phone_number_verified"}

// KnownAttribute reports whether users can have the attribute.
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

// CheckVerified refuses email_verified without email, and phone_number_verified without
// phone_number.
func CheckVerified(attributes map[string]string) error {
	u := &User{Attributes: attributes}
	for _, by := range []Delivery{Email, SMS} {
		if u.IsVerified(by.Attribute) && attributes[by.Attribute] == "" {
			return exception.InvalidParameter("No %s provided but %s was true", by.Attribute, verifiedAttribute(by.Attribute))
		}
	}
	return nil
}

// DoubtAddresses marks the addresses of a new user as not verified.
func (u *User) DoubtAddresses() {
	for _, by := range []Delivery{Email, SMS} {
		if u.Attributes[by.Attribute] != "" {
			u.Attributes[verifiedAttribute(by.Attribute)] = "false"
		}
	}
}

// SetAttributes changes attributes. An empty value deletes the attribute. A new address is
// not verified, unless set says so.
func (p *Pool) SetAttributes(u *User, set map[string]string) error {
	return p.setAttributes(u, set, false)
}

// AdminSetAttributes is SetAttributes for administrators. If set makes an address verified,
// another user loses the address as an alias.
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

// ChangedAddresses returns the addresses that set would change.
func (u *User) ChangedAddresses(set map[string]string) (changed []Delivery) {
	for _, by := range []Delivery{Email, SMS} {
		if value := set[by.Attribute]; value != "" && value != u.Attributes[by.Attribute] {
			changed = append(changed, by)
		}
	}
	return changed
}

// ReplaceAttributes replaces all attributes of the user, and the aliases with them.
func (p *Pool) ReplaceAttributes(u *User, attributes map[string]string) error {
	return p.replaceAttributes(u, attributes, false)
}

// replaceAttributes is ReplaceAttributes. With force the user takes addresses that are
// aliases of other users.
func (p *Pool) replaceAttributes(u *User, attributes map[string]string, force bool) error {
	if u.deleted {
		return NoSuchUser() // somebody deleted the user while a trigger ran
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

// DeleteAttributes deletes attributes. The function check refuses names that the caller
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
