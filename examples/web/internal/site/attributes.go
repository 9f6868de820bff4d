package site

// attributes has the fields for the standard attributes of a user.
var attributes = map[string]field{
	"email":              {Label: "E-mail address", Type: "email", Autocomplete: "email"},
	"name":               {Label: "Full name", Autocomplete: "name"},
	"given_name":         {Label: "Given name", Autocomplete: "given-name"},
	"family_name":        {Label: "Family name", Autocomplete: "family-name"},
	"nickname":           {Label: "Nickname", Autocomplete: "nickname"},
	"preferred_username": {Label: "Display name", Autocomplete: "nickname"},
	"phone_number":       {Label: "Phone number", Type: "tel", Autocomplete: "tel", Hint: "With country code, such as +15550100123"},
	"birthdate":          {Label: "Date of birth", Type: "date", Autocomplete: "bday"},
	"website":            {Label: "Website", Type: "url", Autocomplete: "url"},
}

// attributeField returns the field for an attribute. The label of another attribute, such as
// custom:team, is the name of the attribute.
func attributeField(name string) field {
	f, ok := attributes[name]
	if !ok {
		f = field{Label: name}
	}
	f.Name = "attribute-" + name
	return f
}
