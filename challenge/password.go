package challenge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/srp"
)

// newPasswordRequired: a user with a temporary password sets a lasting one.
var newPasswordRequired = row{
	takes: map[kind]encoder{kindNewPassword: func(c Challenge, g given) (map[string]string, error) {
		if g.text == "" {
			return nil, errors.New("the new password is empty")
		}
		responses := map[string]string{"NEW_PASSWORD": g.text}
		for name, value := range g.values {
			responses[attributePrefix+strings.TrimPrefix(name, attributePrefix)] = value
		}
		// A list that cannot be read is left to the service to enforce.
		required, _ := c.RequiredAttributes()
		var missing []string
		for _, name := range required {
			if responses[attributePrefix+name] == "" {
				missing = append(missing, name)
			}
		}
		if missing != nil {
			return nil, fmt.Errorf("the attributes %q are required", missing)
		}
		return responses, nil
	}},
	again: []string{"InvalidPasswordException", "PasswordHistoryPolicyViolationException", "InvalidParameterException"},
}

// password and passwordSRP: a first factor as a challenge of its own. No client
// has been seen to get one; the API model has them.
var (
	password = row{takes: map[kind]encoder{kindCurrentPassword: func(_ Challenge, g given) (map[string]string, error) {
		switch {
		case g.text == "":
			return nil, errors.New("the password is empty")
		case g.choice == PasswordSRP:
			return nil, errors.New("it asks for the password itself, which CurrentPassword(PasswordSRP) does not send")
		}
		return map[string]string{"PASSWORD": g.text}, nil
	}}}
	// The driver adds SRP_A.
	passwordSRP = row{takes: map[kind]encoder{kindCurrentPassword: func(Challenge, given) (map[string]string, error) {
		return map[string]string{}, nil
	}}}
)

// PasswordHandlers returns the machine handlers for one sign-in with a
// password: PASSWORD, which sends it, and PASSWORD_SRP followed by
// PASSWORD_VERIFIER, which prove it without sending it. The handler for
// PASSWORD_SRP makes the SRP_A of any request that begins an exchange, the
// first of a sign-in included.
//
// The user pool ID is the whole one. The function now is asked when the proof
// is signed, because the service accepts a TIMESTAMP for a short time only; nil
// is time.Now.
func PasswordHandlers(userPoolID string, password secret.String, now func() time.Time) Mux {
	proof := proof{now: now, identity: func(c Challenge) (srp.Identity, error) {
		id := c.Parameters["USER_ID_FOR_SRP"]
		if id == "" {
			return srp.Identity{}, fmt.Errorf("challenge: %s came without USER_ID_FOR_SRP, the name the password is hashed with", c.Name)
		}
		return srp.User(userPoolID, id, password.Reveal())
	}}
	return Mux{
		Password: HandlerFunc(func(context.Context, Challenge) (Answer, error) {
			return Raw(map[string]string{"PASSWORD": password.Reveal()}), nil
		}),
		PasswordSRP:      HandlerFunc(proof.open),
		PasswordVerifier: HandlerFunc(proof.claim),
	}
}

// proof is an SRP exchange, of a user or a device: open sends A, claim proves
// the password against what came back.
type proof struct {
	identity func(Challenge) (srp.Identity, error)
	now      func() time.Time

	mu        sync.Mutex
	ephemeral *srp.Ephemeral
}

func (p *proof) open(context.Context, Challenge) (Answer, error) {
	e := srp.NewEphemeral()
	p.mu.Lock()
	p.ephemeral = e
	p.mu.Unlock()
	return Raw(map[string]string{"SRP_A": e.A()}), nil
}

func (p *proof) claim(_ context.Context, c Challenge) (Answer, error) {
	p.mu.Lock()
	e := p.ephemeral
	p.ephemeral = nil // a second proof with the same A would help a guesser
	p.mu.Unlock()
	if e == nil {
		return Answer{}, ErrNoAnswer
	}
	id, err := p.identity(c)
	if err != nil {
		return Answer{}, err
	}
	now := p.now
	if now == nil {
		now = time.Now
	}
	claim, err := e.Claim(id, srp.Challenge{
		Salt:        c.Parameters["SALT"],
		B:           c.Parameters["SRP_B"],
		SecretBlock: c.Parameters["SECRET_BLOCK"],
	}, now())
	if err != nil {
		return Answer{}, fmt.Errorf("challenge: %s: %w", c.Name, err)
	}
	return Raw(map[string]string{
		"PASSWORD_CLAIM_SIGNATURE":    claim.Signature,
		"PASSWORD_CLAIM_SECRET_BLOCK": claim.SecretBlock,
		"TIMESTAMP":                   claim.Timestamp,
	}), nil
}
