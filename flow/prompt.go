package flow

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Prompt is a challenge that a person has to answer. It has all that a driver for
// the same App needs to go on with the sign-in, in another process or on another
// machine. Respond does not change a prompt.
//
// A prompt holds the service's session, which is as good as the password that
// was already proved: keep a prompt like a password. It prints as the challenge's
// name only. It holds no password and no device record.
type Prompt struct {
	state secret.Box[promptState]
}

// promptState is where the sign-in stands, and what it is bound to.
type promptState struct {
	state
	userPoolID string
	clientID   string
	admin      bool
}

// Challenge returns a copy of the challenge. That of the zero Prompt is the zero
// Challenge.
func (p *Prompt) Challenge() challenge.Challenge {
	kept := p.state.Open()
	if kept == nil {
		return challenge.Challenge{}
	}
	c := kept.ask.Clone()
	next, _ := kept.machineStep()
	c.NoAnswerNeeded = !next.isZero()
	return c
}

// Issued returns when the service asked, by the service's clock: compare it with
// [Driver.Now]. The service takes an answer for as long as the app client's
// AuthSessionValidity says, three minutes unless set otherwise.
func (p *Prompt) Issued() time.Time {
	if state := p.state.Open(); state != nil {
		return state.issued
	}
	return time.Time{}
}

// prompt makes a prompt of where the sign-in stands.
func (e *engine) prompt() *Prompt {
	st := e.st
	st.began = e.now().Add(-e.sinceStart()).UnixMilli()
	return &Prompt{secret.NewBox(promptState{
		state: st, userPoolID: e.app.UserPoolID, clientID: e.app.ClientID, admin: e.service.admin(),
	})}
}

// sinceStart returns how long ago the sign-in has begun. Within the call that began it
// the time is by one clock, because the first reply may correct the service's clock.
func (e *engine) sinceStart() time.Duration {
	if e.st.began == 0 {
		return e.options.Now().Sub(e.began)
	}
	return e.now().Sub(time.UnixMilli(e.st.began))
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
		return "prompt " + bound(string(state.ask.Name))
	}
	return "no prompt"
}

// GoString is String, for %#v.
func (p Prompt) GoString() string { return p.String() }

// LogValue is String, for slog.
func (p Prompt) LogValue() slog.Value { return slog.StringValue(p.String()) }
