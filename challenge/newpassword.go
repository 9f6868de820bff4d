package challenge

import (
	"fmt"
	"strings"

	"github.com/cognitoflow/cognitoflow/secret"
)

// newPasswordRequired: a user with a temporary password sets a new one.
var newPasswordRequired = answerSpec{
	takes: map[kind]encoder{kindNewPassword: func(c Challenge, g answerContent) (Responses, *AnswerError) {
		if g.text == "" {
			return Responses{}, unusable("the new password is empty")
		}
		params := map[string]string{"NEW_PASSWORD": g.text}
		has, _ := c.UserAttributes()
		for name, value := range g.values {
			name = strings.TrimPrefix(name, attributePrefix)
			// The service refuses an attribute that the user already has.
			if kept, ok := has[name]; !ok || kept != value {
				params[attributePrefix+name] = value
			}
		}
		// If the list cannot be read, the service decides.
		required, _ := c.RequiredAttributes()
		var missing []string
		for _, name := range required {
			if params[attributePrefix+name] == "" && has[name] == "" {
				missing = append(missing, name)
			}
		}
		if missing != nil {
			return Responses{}, unusable(fmt.Sprintf("these attributes are required: %s", quoteList(missing)))
		}
		return Responses{params: secret.NewBox(params)}, nil
	}},
	again: []string{"InvalidPasswordException", "PasswordHistoryPolicyViolationException", "InvalidParameterException", "AliasExistsException"},
}
