package pools

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

// schemaAttribute is SchemaAttributeType.
type schemaAttribute struct {
	Name                   string
	AttributeDataType      string
	DeveloperOnlyAttribute bool
	Mutable                *bool
	Required               bool

	StringAttributeConstraints *stringConstraints `json:",omitempty"`
	NumberAttributeConstraints *numberConstraints `json:",omitempty"`
}

type stringConstraints struct {
	MinLength string `json:",omitempty"`
	MaxLength string `json:",omitempty"`
}

type numberConstraints struct {
	MinValue string `json:",omitempty"`
	MaxValue string `json:",omitempty"`
}

// standardNames are in the order of the service.
var standardNames = []string{
	"sub", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
	"website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
	"phone_number_verified", "address", "updated_at",
}

func (a schemaAttribute) standard() bool { return slices.Contains(standardNames, a.Name) }

// standardAttribute is a standard attribute, which each pool has.
func standardAttribute(name string) schemaAttribute {
	mutable := name != "sub"
	a := schemaAttribute{Name: name, AttributeDataType: "String", Mutable: &mutable, Required: name == "sub"}
	switch name {
	case "email_verified", "phone_number_verified":
		a.AttributeDataType = "Boolean"
	case "updated_at":
		a.AttributeDataType, a.NumberAttributeConstraints = "Number", &numberConstraints{MinValue: "0"}
	case "birthdate":
		a.StringAttributeConstraints = &stringConstraints{"10", "10"}
	case "sub":
		a.StringAttributeConstraints = &stringConstraints{"1", "2048"}
	default:
		a.StringAttributeConstraints = &stringConstraints{"0", "2048"}
	}
	return a
}

// schemaOf returns SchemaAttributes: the standard attributes, and the custom attributes of
// CreateUserPool. Users may also have other custom attributes.
func schemaOf(p *directory.Pool) []schemaAttribute {
	var given []schemaAttribute
	if raw, ok := p.Fixed["Schema"]; ok {
		if err := json.Unmarshal(raw, &given); err != nil {
			panic(err) // an operation has read the member before
		}
	}
	var list []schemaAttribute
	for _, name := range standardNames {
		a := standardAttribute(name)
		for _, own := range given {
			if own.Name == name {
				a.Mutable, a.StringAttributeConstraints = cmp.Or(own.Mutable, a.Mutable), cmp.Or(own.StringAttributeConstraints, a.StringAttributeConstraints)
			}
		}
		a.Required = a.Required || slices.Contains(p.RequiredAttributes, name)
		list = append(list, a)
	}
	for _, a := range given {
		if a.standard() {
			continue
		}
		if a.Mutable == nil {
			a.Mutable = new(bool)
		}
		prefix := "custom:"
		if a.DeveloperOnlyAttribute {
			prefix = "dev:custom:"
		}
		a.Name, a.AttributeDataType = prefix+a.Name, cmp.Or(a.AttributeDataType, "String")
		list = append(list, a)
	}
	return list
}
