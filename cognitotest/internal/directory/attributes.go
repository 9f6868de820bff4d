package directory

import (
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// VerifyAddress notes that codes reach the user, who can sign in by the
// address from now on.
func (p *Pool) VerifyAddress(u *User, by Delivery) error {
	attributes := maps.Clone(u.Attributes)
	attributes[verifiedAttribute(by.Attribute)] = "true"
	return p.replaceAttributes(u, attributes)
}

// verifiedAttribute is the attribute that says whether an address is the
// user's own; "" for attributes that are no addresses.
func verifiedAttribute(attribute string) string {
	if attribute == "email" || attribute == "phone_number" {
		return attribute + "_verified"
	}
	return ""
}

// isVerified says whether an address is known to be the user's own. The service
// keeps the value as an administrator wrote it, "True" for instance.
func (u *User) isVerified(attribute string) bool {
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
		return exception.InvalidParameter("%s is not the client's to write", name)
	case !KnownAttribute(name):
		return exception.InvalidParameter("Attributes did not conform to the schema: %q: Attribute does not exist in schema.", name)
	}
	return nil
}

// CheckAdminWritable refuses an attribute that administrators cannot write.
func CheckAdminWritable(name string) error {
	if verifiedAttribute(strings.TrimSuffix(name, "_verified")) == name {
		return nil
	}
	return CheckWritable(name)
}

// CheckVerified refuses attributes that call an address verified which is not
// there.
func CheckVerified(attributes map[string]string) error {
	u := &User{Attributes: attributes}
	for _, attribute := range []string{"email", "phone_number"} {
		if u.isVerified(attribute) && attributes[attribute] == "" {
			return exception.InvalidParameter("No %s provided but %s was true", attribute, verifiedAttribute(attribute))
		}
	}
	return nil
}

// SetAttributes changes attributes. A new address is not a verified one.
func (p *Pool) SetAttributes(u *User, set map[string]string) error {
	attributes := maps.Clone(u.Attributes)
	for name, value := range set {
		if verified := verifiedAttribute(name); verified != "" && attributes[name] != value {
			attributes[verified] = "false"
		}
		attributes[name] = value
	}
	return p.replaceAttributes(u, attributes)
}

// replaceAttributes gives the user all new attributes, and with them aliases.
func (p *Pool) replaceAttributes(u *User, attributes map[string]string) error {
	if u.deleted {
		return NoSuchUser() // while a trigger ran
	}
	changed := *u
	changed.Attributes = attributes
	for _, name := range p.namesOf(&changed) {
		if other := p.LookUp(name.Text); other != nil && other != u {
			return aliasExists(name.Text)
		}
	}
	for _, name := range p.namesOf(u) {
		delete(p.users, p.key(name.Text))
	}
	u.Attributes, u.Modified = attributes, p.Now()
	p.Index(u)
	return nil
}
