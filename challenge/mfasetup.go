package challenge

import "github.com/cognitoflow/cognitoflow/secret"

// mfaSetup: the user must set up a second factor before the first tokens. The driver sends a
// code to VerifySoftwareToken, and does not send a choice.
var mfaSetup = answerSpec{
	takes: map[kind]encoder{
		kindCode: func(c Challenge, g answerContent) (Responses, *AnswerError) {
			if c.TOTPSecret.IsZero() {
				return Responses{}, misfit("there is no authenticator app yet", "first give challenge.Choose(challenge.SoftwareTokenMFA)")
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
