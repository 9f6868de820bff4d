package challenge

import (
	"fmt"
	"slices"
)

// selectMFAType: the user has several second factors and chooses one.
var selectMFAType = row{takes: map[kind]encoder{kindChoose: choice}}

// selectChallenge: a sign-in with USER_AUTH lets the user choose the first
// factor. The driver adds what the chosen challenge would ask for where a
// machine handler knows it, so that a choice of a password takes one request.
var selectChallenge = row{
	takes: map[kind]encoder{
		kindChoose: choice,
		kindCurrentPassword: func(c Challenge, g given) (map[string]string, error) {
			switch {
			case g.choice != "" && g.choice != Password && g.choice != PasswordSRP:
				return nil, fmt.Errorf("%q does not take a password; choose %s or %s", g.choice, PasswordSRP, Password)
			case g.choice != "":
			case slices.Contains(c.Available, Password) && !slices.Contains(c.Available, PasswordSRP):
				g.choice = Password
			default:
				g.choice = PasswordSRP
			}
			return choice(c, g)
		},
	},
}
