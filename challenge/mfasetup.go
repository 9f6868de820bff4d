package challenge

import "errors"

// mfaSetup: the user must set up a second factor before the first tokens.
//
// Two of these answers do not go to RespondToAuthChallenge, and the driver takes
// them out: UserCode is the member of VerifySoftwareToken that verifies the
// code, after which MFA_SETUP is answered with that operation's session alone;
// ANSWER is a choice between authenticator app and e-mail, of which the service
// is not told.
var mfaSetup = row{
	takes: map[kind]encoder{
		kindCode: func(c Challenge, g given) (map[string]string, error) {
			if c.TOTPSecret.IsZero() {
				return nil, errors.New("there is no authenticator app to give a code yet; first give Choose(SoftwareTokenMFA)")
			}
			code, err := withoutSpace(g.text)
			return map[string]string{"UserCode": code}, err
		},
		kindEmail:  text("EMAIL", "e-mail address"),
		kindChoose: choice,
	},
	again: []string{"EnableSoftwareTokenMFAException", "CodeMismatchException", "InvalidParameterException"},
}
