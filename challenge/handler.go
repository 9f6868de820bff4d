package challenge

import (
	"context"
	"errors"
)

// Handler answers a challenge. Machine handlers compute the answer, others ask
// a person.
type Handler interface {
	// Answer returns the answer to c. If the error is [ErrNoAnswer], the next
	// handler is asked. If there is none, the challenge becomes a prompt for the
	// caller, or an error if c is for machines. Any other error ends the sign-in.
	//
	// If an answer was refused and the service keeps the session, the driver calls
	// Answer again, with c.Attempt and c.Reason set. The driver may also call
	// Answer again for a sign-in that it started over. If c does not take the kind of
	// the answer, the driver does not call Answer again: the call of package flow ends
	// with an error that names c.
	Answer(ctx context.Context, c Challenge) (Answer, error)
}

// ErrNoAnswer is what a Handler returns for a challenge it cannot answer.
var ErrNoAnswer = errors.New("challenge: no handler has an answer")

// ErrAskedAgain is the [Challenge].Reason of a CUSTOM_CHALLENGE that follows
// another one: the last answer was wrong, or the pool has a next question. The
// service does not tell which.
var ErrAskedAgain = errors.New("challenge: the pool asks again")

// HandlerFunc is a function as a Handler.
type HandlerFunc func(ctx context.Context, c Challenge) (Answer, error)

// Answer calls f.
func (f HandlerFunc) Answer(ctx context.Context, c Challenge) (Answer, error) { return f(ctx, c) }

// Mux is a Handler that asks the one registered for the challenge's name, and
// returns ErrNoAnswer where there is none.
type Mux map[Name]Handler

// Answer asks the handler for c.Name.
func (m Mux) Answer(ctx context.Context, c Challenge) (Answer, error) {
	if h := m[c.Name]; h != nil {
		return h.Answer(ctx, c)
	}
	return Answer{}, ErrNoAnswer
}
