package challenge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/srp"
)

// newPasswordRequired: a user with a temporary password sets a lasting one.
var newPasswordRequired = challengeSpec{
	takes: map[kind]encoder{kindNewPassword: func(c Challenge, g answerContent) (Responses, *AnswerError) {
		if g.text == "" {
			return Responses{}, unusable("the new password is empty")
		}
		params := map[string]string{"NEW_PASSWORD": g.text}
		has, _ := c.UserAttributes()
		for name, value := range g.values {
			name = strings.TrimPrefix(name, attributePrefix)
			// The service refuses an attribute that has a value already.
			if kept, ok := has[name]; !ok || kept != value {
				params[attributePrefix+name] = value
			}
		}
		// A list that cannot be read is left to the service to enforce.
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

// password and passwordSRP: a first factor as a challenge of its own. No client
// has been seen to get one; the API model has them.
var (
	password = challengeSpec{takes: map[kind]encoder{kindCurrentPassword: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		switch {
		case g.text == "":
			return Responses{}, unusable("the password is empty")
		case g.choice != Password:
			return Responses{}, misfit("the service asks for the password itself", sendPassword)
		}
		return Responses{
			params: secret.NewBox(map[string]string{"PASSWORD": g.text}), Choice: Password, Password: secret.New(g.text), Repeatable: true,
		}, nil
	}}}
	// The driver adds SRP_A.
	passwordSRP = challengeSpec{takes: map[kind]encoder{kindCurrentPassword: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		if g.text == "" {
			return Responses{}, unusable("the password is empty")
		}
		return Responses{params: secret.NewBox(map[string]string{}), Choice: PasswordSRP, Password: secret.New(g.text), Repeatable: true}, nil
	}}}
)

// PasswordHandlers returns the machine handlers for one sign-in with a
// password: PASSWORD, which sends it, and PASSWORD_SRP followed by
// PASSWORD_VERIFIER, which prove it without sending it. The handler for
// PASSWORD_SRP makes the SRP_A of any request that begins an exchange, the
// first of a sign-in included.
//
// The user pool ID is the whole one. The function now is asked when the proof
// is signed, because the service accepts a TIMESTAMP for a short time only; nil
// is time.Now.
func PasswordHandlers(userPoolID string, password secret.String, now func() time.Time) Mux {
	h := &passwordHandler{proof: proof{now: now}, userPoolID: userPoolID, password: password}
	return Mux{Password: h, PasswordSRP: h, PasswordVerifier: h}
}

type passwordHandler struct {
	proof
	userPoolID string
	password   secret.String
}

func (h *passwordHandler) Answer(_ context.Context, c Challenge) (Answer, error) {
	switch c.Name {
	case Password:
		return raw(map[string]string{"PASSWORD": h.password.Reveal()}), nil
	case PasswordSRP:
		return h.open(), nil
	}
	return h.claim(c, h.identity)
}

func (h *passwordHandler) identity(c Challenge) (srp.Identity, error) {
	id := c.Parameters["USER_ID_FOR_SRP"]
	if id == "" {
		return srp.Identity{}, fmt.Errorf("challenge: %s came without USER_ID_FOR_SRP, the name the password is hashed with", c.Name)
	}
	return srp.User(h.userPoolID, id, h.password.Reveal())
}
