package challenge

import (
	"errors"

	"github.com/cognitoflow/cognitoflow/secret"
)

// mfaSetup: the user must set up a second factor before the first tokens. A
// code goes to VerifySoftwareToken, and a choice stays with the driver.
var mfaSetup = challengeSpec{
	takes: map[kind]encoder{
		kindCode: func(c Challenge, g answerContent) (Responses, error) {
			if c.TOTPSecret.IsZero() {
				return Responses{}, errors.New("there is no authenticator app to give a code yet; first give Choose(SoftwareTokenMFA)")
			}
			code, err := withoutSpace(g.text)
			return Responses{Verify: secret.New(code)}, err
		},
		kindEmail: text("EMAIL", "e-mail address"),
		kindChoose: func(c Challenge, g answerContent) (Responses, error) {
			return Responses{Choice: g.choice, Repeatable: true}, checkOffered(c, g.choice)
		},
	},
	again: []string{"EnableSoftwareTokenMFAException", "CodeMismatchException", "InvalidParameterException"},
}
