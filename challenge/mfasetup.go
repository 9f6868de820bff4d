package challenge

import "github.com/cognitoflow/cognitoflow/secret"

// mfaSetup: the user must set up a second factor before the first tokens. A
// code goes to VerifySoftwareToken, and a choice stays with the driver.
var mfaSetup = answerSpec{
	takes: map[kind]encoder{
		kindCode: func(c Challenge, g answerContent) (Responses, *AnswerError) {
			if c.TOTPSecret.IsZero() {
				return Responses{}, misfit("there is no authenticator app yet that has codes", "first give challenge.Choose(challenge.SoftwareTokenMFA)")
			}
			code, flaw := typedCode(g.text)
			return Responses{Verify: secret.New(code)}, flaw
		},
		kindEmail: text("EMAIL", "e-mail address"),
		kindChoose: func(c Challenge, g answerContent) (Responses, *AnswerError) {
			return Responses{Choice: g.choice, Repeatable: true}, checkOffered(c, g.choice)
		},
	},
	again: []string{"EnableSoftwareTokenMFAException", "CodeMismatchException", "InvalidParameterException"},
}
