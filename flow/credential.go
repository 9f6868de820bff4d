package flow

import (
	"errors"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/traits"
	"github.com/cognitoflow/cognitoflow/secret"
)

// credential is the user's password and the use for which the caller gave it.
type credential struct {
	password secret.String
	use      use
}

// use says whether a password may be sent.
type use int

const (
	// proveOnly: the password is proved by SRP and does not leave this machine.
	proveOnly use = iota
	// asChosen: the choice of PASSWORD or PASSWORD_SRP in answer to
	// SELECT_CHALLENGE decides.
	asChosen
	// maySend: the caller chose to send the password.
	maySend
)

// chosen returns the credential after the user chose how to prove it.
func (c credential) chosen(by challenge.Name) credential {
	if c.use == asChosen {
		c.use = useFor(by)
	}
	return c
}

// useFor is the use of a password that was given for a challenge.
func useFor(by challenge.Name) use {
	if traits.Of(by).SendsPassword {
		return maySend
	}
	return proveOnly
}

// errPasswordInClear is the reason why a request is not sent.
var errPasswordInClear = errors.New("the request would send a password that was given to be proved by SRP. " +
	"To send it, use UserPasswordAuth, UserAuth with Preferred Password, or CurrentPassword(challenge.Password)")

// check refuses a request that would send a password which was given to be proved. The
// origin of the question and of the answer does not matter.
func (c credential) check(r request) error {
	if c.use == maySend {
		return nil
	}
	text := c.password.Reveal()
	if r.params["PASSWORD"] != "" && (text != "" || r.by == ByDriver) {
		return errPasswordInClear
	}
	for name, value := range r.params {
		if text != "" && value == text && !(name == "NEW_PASSWORD" && traits.Of(r.challenge).SetsPassword) && !isPublic(r.challenge, name, value) {
			return errPasswordInClear
		}
	}
	return nil
}
