package site

// attributes is how forms ask for the attributes of a user.
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

// attributeField is the field for an attribute, by its own name if it is none
// of the above, such as custom:team.
func attributeField(name string) field {
	f, ok := attributes[name]
	if !ok {
		f = field{Label: name}
	}
	f.Name = "attribute-" + name
	return f
}
