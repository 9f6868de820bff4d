package challenge

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/secret"
)

// selectMFAType: the user has several second factors and chooses one.
var selectMFAType = answerSpec{takes: map[kind]encoder{kindChoose: choice}}

const sendPassword = "to send the password give challenge.CurrentPassword(challenge.Password, password)"

// selectChallenge: a sign-in with USER_AUTH lets the user choose the first
// factor. The driver adds what the chosen challenge would ask for where a
// machine handler knows it, so that a choice of a password takes one request.
var selectChallenge = answerSpec{
	takes: map[kind]encoder{
		kindChoose: choice,
		kindCurrentPassword: func(c Challenge, g answerContent) (Responses, *AnswerError) {
			switch g.choice {
			case "": // by itself only what does not send the password
				g.choice = PasswordSRP
				if len(c.Available) > 0 && !slices.Contains(c.Available, PasswordSRP) {
					return Responses{}, misfit("the service does not offer PASSWORD_SRP, which keeps the password here", sendPassword)
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
