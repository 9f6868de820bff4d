package flow

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Prompt is a challenge for a person, with a copy of the state of the sign-in. A driver for the
// same App can go on with the sign-in, in another process or on another machine. [Driver.Respond]
// does not change a prompt.
//
// Keep a prompt like a password: it holds the service's session, after the password was proved.
// The session replaces the password until it expires. A prompt holds no password and no device
// record. In a log, a prompt shows only the name of the challenge.
type Prompt struct {
	state secret.Box[promptState]
}

// promptState is the state of the sign-in, and the app client and pair of operations to
// which the prompt is bound.
type promptState struct {
	state
	userPoolID string
	clientID   string
	admin      bool

	// attended says that the prompt comes from an error of SignIn, whose user sits at
	// this machine. The binary form of a prompt does not have it.
	attended bool
}

// Challenge returns a copy of the challenge. The zero Prompt has the zero Challenge.
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

// Issued returns the time of the challenge by the service's clock. Compare it with
// [Driver.Now]. The AuthSessionValidity of the app client says how long the service takes an
// answer. The default of the service is three minutes.
func (p *Prompt) Issued() time.Time {
	if state := p.state.Open(); state != nil {
		return state.issued
	}
	return time.Time{}
}

// prompt makes a prompt of the present state.
func (e *engine) prompt() *Prompt {
	st := e.st
	st.began = e.now().Add(-e.sinceStart()).UnixMilli()
	return &Prompt{secret.NewBox(promptState{
		state: st, userPoolID: e.app.UserPoolID, clientID: e.app.ClientID, admin: e.service.admin(), attended: e.attended,
	})}
}

// sinceStart returns the time since the start of the sign-in. Within the first call, both
// times are by this machine's clock, because a reply may correct the service's clock.
func (e *engine) sinceStart() time.Duration {
	if e.st.began == 0 {
		return e.options.Now().Sub(e.began)
	}
	return e.now().Sub(time.UnixMilli(e.st.began))
}

// open returns the state for d to go on with. A prompt of another app or of the other pair of
// operations is an error. The service's error would not name the cause.
func (p *Prompt) open(d *Driver) (*promptState, error) {
	state := p.state.Open()
	switch {
	case state == nil:
		return nil, errors.New("flow: the prompt is empty: use one of Start, Respond or UnmarshalBinary")
	case state.userPoolID != d.app.UserPoolID || state.clientID != d.app.ClientID:
		return nil, fmt.Errorf("flow: the prompt is of app client %q of %q, and the driver is of app client %q of %q",
			state.clientID, state.userPoolID, d.app.ClientID, d.app.UserPoolID)
	case state.admin != d.service.admin():
		return nil, errors.New("flow: one of New and NewAdmin made the driver of the prompt, and the other one this driver")
	}
	return state, nil
}

// String returns the name of the challenge.
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
