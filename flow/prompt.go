package flow

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/challenge"
)

// Prompt is a challenge that a person has to answer, with all that is needed
// to go on with the sign-in later, in another process or on another machine.
// It is a value: nothing changes it, and copies are equal to it.
//
// A prompt holds the service's session, which is as good as the password that
// was already proved: keep it like one. It prints as the challenge's name only.
// It never holds a password.
type Prompt struct {
	_ [0]func()
	*prompt
}

// prompt is apart so that it is behind a pointer: see package secret.
type prompt struct {
	challenge       challenge.Challenge
	userPoolID      string
	clientID        string
	admin           bool
	typed, resolved string
	session         string
}

// Challenge returns what is asked.
func (p *Prompt) Challenge() challenge.Challenge {
	if p.prompt == nil {
		return challenge.Challenge{}
	}
	c := p.prompt.challenge
	c.Parameters = maps.Clone(c.Parameters)
	c.Available = slices.Clone(c.Available)
	return c
}

// prompt makes the prompt for c out of where the sign-in stands.
func (s *signIn) prompt(c challenge.Challenge) *Prompt {
	return &Prompt{prompt: &prompt{
		challenge:  c,
		userPoolID: s.app.UserPoolID, clientID: s.app.ClientID, admin: s.service.admin(),
		typed: s.typed, resolved: s.resolved, session: s.session,
	}}
}

// refused returns the prompt to answer after an answer was refused.
func (p *Prompt) refused(reason error) *Prompt {
	next := *p.prompt
	next.challenge.Attempt++
	next.challenge.Reason = reason
	return &Prompt{prompt: &next}
}

// belongsTo refuses a prompt of another app, or of the other pair of
// operations, which the service would answer with an unspecific error.
func (p *Prompt) belongsTo(d *Driver) error {
	switch {
	case p.prompt == nil:
		return fmt.Errorf("flow: the prompt is empty; use one that Start, Respond or UnmarshalBinary gave")
	case p.userPoolID != d.app.UserPoolID || p.clientID != d.app.ClientID:
		return fmt.Errorf("flow: the prompt is of app client %q of %q, the driver of app client %q of %q",
			p.clientID, p.userPoolID, d.app.ClientID, d.app.UserPoolID)
	case p.admin != d.service.admin():
		return fmt.Errorf("flow: a prompt of a driver made by New needs one made by New, one of NewAdmin needs NewAdmin")
	}
	return nil
}

// String names the challenge.
func (p Prompt) String() string {
	if p.prompt == nil {
		return "no prompt"
	}
	return fmt.Sprintf("prompt %s", p.prompt.challenge.Name)
}

// GoString is String, for %#v.
func (p Prompt) GoString() string { return p.String() }

// LogValue is String, for slog.
func (p Prompt) LogValue() slog.Value { return slog.StringValue(p.String()) }
