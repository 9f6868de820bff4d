package administration

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type listUsersInput struct {
	UserPoolId      string `model:"required,UserPoolId"`
	AttributesToGet []string
	Limit           *int   `model:"QueryLimit"`
	PaginationToken string `model:"Page"`
	Filter          string `model:"Filter"`
}

type listUsersOutput struct {
	Users           []api.UserType
	PaginationToken string `json:",omitempty"`
}

func listUsers(c *api.Call, in *listUsersInput) (*listUsersOutput, error) {
	matches, err := parseFilter(in.Filter)
	if err != nil {
		return nil, err
	}
	users := slices.DeleteFunc(c.Pool.Users(), func(u *directory.User) bool { return !matches(u) })
	listed, next, err := api.Page(users, (*directory.User).Number, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	out := &listUsersOutput{Users: api.ShowUsers(listed), PaginationToken: next}
	if len(in.AttributesToGet) == 0 {
		return out, nil
	}
	for i := range out.Users {
		if out.Users[i].Attributes, err = only(in.AttributesToGet, out.Users[i].Attributes); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// only keeps the attributes with these names. The error is for an attribute that no filter
// takes and that the user lacks.
func only(names []string, attributes []api.Attribute) ([]api.Attribute, error) {
	kept := slices.DeleteFunc(attributes, func(a api.Attribute) bool { return !slices.Contains(names, a.Name) })
	for _, name := range names {
		_, searchable := searched[name]
		if !searchable && !slices.ContainsFunc(kept, func(a api.Attribute) bool { return a.Name == name }) {
			return nil, exception.InvalidParameter("One or more requested attributes do not exist.")
		}
	}
	return kept, nil
}

// filterForm is an attribute, = or ^=, and a value in quotation marks. A character after a
// backslash has no special meaning.
var filterForm = regexp.MustCompile(`^\s*"?([^\s"=^]+)"?\s*(=|\^=)\s*"((?:[^"\\]|\\.)*)"\s*$`)

var escaped = regexp.MustCompile(`\\(.)`)

// searched has the attributes of filters.
var searched = map[string]func(*directory.User) string{
	"username":            func(u *directory.User) string { return u.Name },
	"sub":                 func(u *directory.User) string { return u.ID },
	"cognito:user_status": func(u *directory.User) string { return u.Status() },
	"status": func(u *directory.User) string {
		if u.Disabled {
			return "Disabled"
		}
		return "Enabled"
	},
	"email":              attribute("email"),
	"phone_number":       attribute("phone_number"),
	"name":               attribute("name"),
	"given_name":         attribute("given_name"),
	"family_name":        attribute("family_name"),
	"preferred_username": attribute("preferred_username"),
}

func attribute(name string) func(*directory.User) string {
	return func(u *directory.User) string { return u.Attributes[name] }
}

// parseFilter makes a condition of a Filter. All users match the empty Filter.
func parseFilter(filter string) (func(*directory.User) bool, error) {
	if filter == "" {
		return func(*directory.User) bool { return true }, nil
	}
	parts := filterForm.FindStringSubmatch(filter)
	if parts == nil {
		return nil, exception.InvalidParameter("Error while parsing filter.")
	}
	name, operator, wanted := parts[1], parts[2], escaped.ReplaceAllString(parts[3], "$1")
	value, ok := searched[name]
	if !ok {
		return nil, exception.InvalidParameter("Invalid search attribute: %s", name)
	}
	if name == "cognito:user_status" { // the case of the value does not matter
		exact := value
		wanted, value = strings.ToUpper(wanted), func(u *directory.User) string { return strings.ToUpper(exact(u)) }
	}
	return func(u *directory.User) bool {
		if operator == "=" {
			return value(u) == wanted
		}
		return strings.HasPrefix(value(u), wanted)
	}, nil
}
