package challenge

import (
	"context"
	"fmt"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/srp"
)

// password and passwordSRP: the first factor as a separate challenge. The API model has
// these challenges. No recording of the service has one.
var (
	password = answerSpec{takes: map[kind]encoder{kindCurrentPassword: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
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
	passwordSRP = answerSpec{takes: map[kind]encoder{kindCurrentPassword: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		if g.text == "" {
			return Responses{}, unusable("the password is empty")
		}
		return Responses{params: secret.NewBox(map[string]string{}), Choice: PasswordSRP, Password: secret.New(g.text), Repeatable: true}, nil
	}}}
)

// passwordProof: a machine handler computes the answer from the password.
var passwordProof = answerSpec{needs: "the password in the same call: give UserSRPAuth, CustomAuth or UserAuth the Password"}

// PasswordHandlers returns the machine handlers for a password in one sign-in. The handler
// for PASSWORD sends the password. The handlers for PASSWORD_SRP and then PASSWORD_VERIFIER
// prove the password and do not send it. The handler for PASSWORD_SRP also makes the SRP_A
// of the first request of a sign-in.
//
// userPoolID is the whole ID, with the region. A proof has a TIMESTAMP, and the service
// accepts the TIMESTAMP for a short time only. So a handler calls now for each proof. If
// now is nil, the handler calls time.Now.
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
