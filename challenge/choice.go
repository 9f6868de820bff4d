package challenge

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/secret"
)

// selectMFAType: the user chooses one of several second factors.
var selectMFAType = answerSpec{takes: map[kind]encoder{kindChoose: choice}}

const sendPassword = "to send the password give challenge.CurrentPassword(challenge.Password, password)"

// selectChallenge: in a sign-in with USER_AUTH the user chooses the first factor. If a
// machine handler can answer the chosen challenge, the driver adds its answer to the
// choice. So a choice of a password takes one request.
var selectChallenge = answerSpec{
	takes: map[kind]encoder{
		kindChoose: choice,
		kindCurrentPassword: func(c Challenge, g answerContent) (Responses, *AnswerError) {
			switch g.choice {
			case "": // the default must not send the password
				g.choice = PasswordSRP
				if len(c.Available) > 0 && !slices.Contains(c.Available, PasswordSRP) {
					return Responses{}, misfit("the service does not offer a proof of the password (PASSWORD_SRP)", sendPassword)
				}
			case Password, PasswordSRP:
			default:
				return Responses{}, misfit(quoteName(g.choice)+" does not take a password", "give challenge.CurrentPassword one of challenge.PasswordSRP and challenge.Password")
			}
			if g.text == "" {
				return Responses{}, unusable("the password is empty")
			}
			chosen, flaw := choice(c, g)
			chosen.Password = secret.New(g.text)
			return chosen, flaw
		},
	},
}
