package frontend

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cognitoflow/cognitoflow/flow"
)

// Reply is the body of a response during a sign-in: a challenge with its prompt, or an error.
// After a refused answer a Reply has both. A backend can embed Reply in a struct with more
// members, for example for a user who is signed in.
type Reply struct {
	Prompt    string     `json:"prompt,omitempty"` // sealed. The front end sends it back with the answer
	Challenge *Challenge `json:"challenge,omitempty"`
	Error     *Error     `json:"error,omitempty"`
}

// NewReply returns the reply for the result of Driver.Start, Driver.Respond or ReadAnswer.
// After an error of ReadAnswer give a step with the former prompt. The function seal seals
// a prompt, as seal.Sealer.Prompt does. For issuer see [FromChallenge].
//
// The returned error is for the log. Mostly the error is err. If [FromChallenge] or seal
// fails, the reply has the code [Internal], and the error has the reason too.
func NewReply(step flow.Step, err error, issuer string, seal func(*flow.Prompt) (string, error)) (Reply, error) {
	var r Reply
	var refused *flow.Error
	if errors.As(err, &refused) {
		step.Prompt = refused.Prompt // the present state of the sign-in
	}
	if err != nil {
		problem := FromError(err)
		r.Error = &problem
	}
	if step.Prompt == nil {
		return r, err
	}
	shown, problem := FromChallenge(step.Prompt.Challenge(), issuer)
	if problem == nil {
		r.Prompt, problem = seal(step.Prompt)
	}
	if problem != nil {
		return Reply{Error: &Error{Code: Internal}}, fmt.Errorf("frontend: no reply: %w", errors.Join(err, problem))
	}
	r.Challenge = &shown
	return r, err
}

// LogValue returns the name of the challenge and the error, because a slog.JSONHandler would
// write the whole reply, with the key of an authenticator app.
func (r Reply) LogValue() slog.Value {
	var attrs []slog.Attr
	if r.Challenge != nil {
		attrs = append(attrs, slog.Any("challenge", r.Challenge))
	}
	if r.Error != nil {
		attrs = append(attrs, slog.Any("error", r.Error))
	}
	return slog.GroupValue(attrs...)
}

// Status returns 200, or the status of the error: see [Error.Status].
func (r Reply) Status() int {
	if r.Error == nil {
		return http.StatusOK
	}
	return r.Error.Status()
}
