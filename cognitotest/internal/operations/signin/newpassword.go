package signin

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

func presentNewPassword(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
	missing := []string{}
	for _, name := range c.Pool.RequiredAttributes {
		if si.User.Attributes[name] == "" {
			missing = append(missing, attributePrefix+name)
		}
	}
	attributes, err := json.Marshal(si.User.Attributes)
	if err != nil {
		return nil, nil, err
	}
	required, err := json.Marshal(missing)
	if err != nil {
		return nil, nil, err
	}
	return map[string]string{
		"USER_ID_FOR_SRP":    c.Pool.SRPID(si.User),
		"userAttributes":     string(attributes),
		"requiredAttributes": string(required),
	}, nil, nil
}

func answerNewPassword(c *api.Call, si *directory.SignIn, _ any, responses map[string]string) (string, error) {
	p, u := c.Pool, si.User
	if !u.Temporary {
		return "", exception.InvalidSession() // another sign-in has replaced the password
	}
	if err := p.CheckNewPassword(u, responses["NEW_PASSWORD"]); err != nil {
		return "", err
	}
	attributes, err := attributesToSet(p, u, responses)
	if err != nil {
		return "", err
	}
	if err := p.SetAttributes(u, attributes); err != nil {
		return "", err
	}
	p.SetPassword(u, responses["NEW_PASSWORD"], false, srp.NewSalt())
	si.ChangedPassword = true
	return "", nil
}

func newPasswordStep(_ *api.Call, si *directory.SignIn) (string, error) {
	if si.HasPassword() && si.User.Temporary {
		return "NEW_PASSWORD_REQUIRED", nil
	}
	return "", nil
}

// attributePrefix comes before the names of attributes in NEW_PASSWORD_REQUIRED.
const attributePrefix = "userAttributes."

// attributesToSet reads the attributes of a NEW_PASSWORD_REQUIRED answer.
func attributesToSet(p *directory.Pool, u *directory.User, responses map[string]string) (map[string]string, error) {
	given := make(map[string]string)
	for key, value := range responses {
		name, ok := strings.CutPrefix(key, attributePrefix)
		if !ok {
			continue
		}
		if slices.Contains(directory.ServiceAttributes, name) {
			return nil, exception.InvalidParameter("an app client cannot write %s", name)
		}
		if err := directory.CheckWritable(name); err != nil {
			return nil, err
		}
		if u.Attributes[name] != "" {
			return nil, exception.NotAuthorized("Cannot modify an already provided %s", name)
		}
		given[name] = value
	}
	for _, name := range p.RequiredAttributes {
		if u.Attributes[name] == "" && given[name] == "" {
			return nil, exception.InvalidParameter("Invalid attributes given, %s is missing", name)
		}
	}
	return given, nil
}
