package challenge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/secret"
)

// selectMFAType: the user has several second factors and chooses one.
var selectMFAType = challengeSpec{takes: map[kind]encoder{kindChoose: choice}}

// selectChallenge: a sign-in with USER_AUTH lets the user choose the first
// factor. The driver adds what the chosen challenge would ask for where a
// machine handler knows it, so that a choice of a password takes one request.
var selectChallenge = challengeSpec{
	takes: map[kind]encoder{
		kindChoose: choice,
		kindCurrentPassword: func(c Challenge, g answerContent) (Responses, error) {
			switch g.choice {
			case "": // by itself only what does not send the password
				g.choice = PasswordSRP
				if len(c.Available) > 0 && !slices.Contains(c.Available, PasswordSRP) {
					return Responses{}, fmt.Errorf("the pool does not offer %s; to send the password give CurrentPassword(Password)", PasswordSRP)
				}
			case Password, PasswordSRP:
			default:
				return Responses{}, fmt.Errorf("%s does not take a password; choose %s or %s", quoteName(g.choice), PasswordSRP, Password)
			}
			if g.text == "" {
				return Responses{}, errors.New("the password is empty")
			}
			chosen, err := choice(c, g)
			chosen.Password = secret.New(g.text)
			return chosen, err
		},
	},
}
