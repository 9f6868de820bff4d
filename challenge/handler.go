package challenge

import (
	"context"
	"errors"
)

// Handler answers challenges. A machine handler computes the answer. Other handlers ask a
// person.
type Handler interface {
	// Answer returns the answer to c. If the error is [ErrNoAnswer], the driver asks
	// the next handler. After the last handler, c becomes a prompt for the caller. If c
	// is for machines, the call of package flow fails. Any other error ends the sign-in.
	//
	// If the service refuses the answer and keeps the session, the driver calls Answer
	// again, with c.Attempt and c.Reason set. The driver may also call Answer again
	// after it has started the sign-in again. If the error of the answer is a Misfit
	// (see [AnswerError]), the call of package flow fails.
	Answer(ctx context.Context, c Challenge) (Answer, error)
}

// ErrNoAnswer is the error of a Handler for a challenge that it cannot answer.
var ErrNoAnswer = errors.New("challenge: no handler has an answer")

// ErrAskedAgain is the [Challenge].Reason of a CUSTOM_CHALLENGE that follows another one. The
// last answer was wrong, or the pool has another question: the service does not tell.
var ErrAskedAgain = errors.New("challenge: the pool asks again")

// HandlerFunc is a function as a Handler.
type HandlerFunc func(ctx context.Context, c Challenge) (Answer, error)

// Answer calls f.
func (f HandlerFunc) Answer(ctx context.Context, c Challenge) (Answer, error) { return f(ctx, c) }

// Mux is a Handler with one Handler for each name of a challenge. For other challenges a Mux
// returns [ErrNoAnswer].
type Mux map[Name]Handler

// Answer calls the handler for c.Name.
func (m Mux) Answer(ctx context.Context, c Challenge) (Answer, error) {
	if h := m[c.Name]; h != nil {
		return h.Answer(ctx, c)
	}
	return Answer{}, ErrNoAnswer
}
