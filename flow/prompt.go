package flow

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Prompt is a challenge that a person has to answer, with all that is needed
// to go on with the sign-in later, in another process or on another machine.
// It is a value: nothing changes it, and copies are equal to it.
//
// A prompt holds the service's session, which is as good as the password that
// was already proved: keep it like one. It prints as the challenge's name only.
// It never holds a password.
type Prompt struct {
	state secret.Box[promptState]
}

type promptState struct {
	challenge              challenge.Challenge
	userPoolID             string
	clientID               string
	admin                  bool
	typed, resolved, srpID string
	session                string
	issued                 time.Time
}

// Challenge returns what is asked. The zero Prompt asks nothing.
func (p *Prompt) Challenge() challenge.Challenge {
	state := p.state.Open()
	if state == nil {
		return challenge.Challenge{}
	}
	c := state.challenge
	c.Parameters = maps.Clone(c.Parameters)
	c.Available = slices.Clone(c.Available)
	return c
}

// Issued returns when the service asked. It takes an answer for as long as the
// app client's AuthSessionValidity says, three minutes unless set otherwise.
func (p *Prompt) Issued() time.Time {
	if state := p.state.Open(); state != nil {
		return state.issued
	}
	return time.Time{}
}

// prompt makes the prompt for c out of where the sign-in stands.
func (s *signIn) prompt(c challenge.Challenge) *Prompt {
	return &Prompt{secret.NewBox(promptState{
		challenge:  c,
		userPoolID: s.app.UserPoolID, clientID: s.app.ClientID, admin: s.service.admin(),
		typed: s.typed, resolved: s.resolved, srpID: s.srpID, session: s.session, issued: s.options.Now(),
	})}
}

// refused returns the prompt to answer after an answer was refused.
func (p *Prompt) refused(reason error) *Prompt {
	next := *p.state.Open()
	next.challenge.Attempt++
	next.challenge.Reason = reason
	return &Prompt{secret.NewBox(next)}
}

// open returns what d needs to go on. It refuses a prompt of another app, or
// of the other pair of operations, which the service would answer with an
// unspecific error.
func (p *Prompt) open(d *Driver) (*promptState, error) {
	state := p.state.Open()
	switch {
	case state == nil:
		return nil, errors.New("flow: the prompt is empty; use one that Start, Respond or UnmarshalBinary gave")
	case state.userPoolID != d.app.UserPoolID || state.clientID != d.app.ClientID:
		return nil, fmt.Errorf("flow: the prompt is of app client %q of %q, the driver of app client %q of %q",
			state.clientID, state.userPoolID, d.app.ClientID, d.app.UserPoolID)
	case state.admin != d.service.admin():
		return nil, errors.New("flow: a prompt of a driver made by New needs one made by New, one of NewAdmin needs NewAdmin")
	}
	return state, nil
}

// String names the challenge.
func (p Prompt) String() string {
	if state := p.state.Open(); state != nil {
		return "prompt " + string(state.challenge.Name)
	}
	return "no prompt"
}

// GoString is String, for %#v.
func (p Prompt) GoString() string { return p.String() }

// LogValue is String, for slog.
func (p Prompt) LogValue() slog.Value { return slog.StringValue(p.String()) }
