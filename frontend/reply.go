package frontend

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cognitoflow/cognitoflow/flow"
)

// Reply is the body of a response during a sign-in: a challenge with its prompt, an
// error, or both. Both come after an answer that was refused. A backend embeds Reply in
// a struct with more members, such as one for a user who is signed in.
type Reply struct {
	Prompt    string     `json:"prompt,omitempty"` // sealed; comes back with the answer
	Challenge *Challenge `json:"challenge,omitempty"`
	Error     *Error     `json:"error,omitempty"`
}

// NewReply returns the reply for what Driver.Start, Driver.Respond or ReadAnswer has
// returned. After an error of ReadAnswer give the step that has the prompt as before.
// The function seal makes the text of a prompt, as seal.Sealer.Prompt does. The issuer
// is that of [FromChallenge].
//
// The error is for the log: err, or why the challenge cannot be put to anybody. In the
// second case the reply has the code [Internal].
func NewReply(step flow.Step, err error, issuer string, seal func(*flow.Prompt) (string, error)) (Reply, error) {
	var r Reply
	var refused *flow.Error
	if errors.As(err, &refused) {
		step.Prompt = refused.Prompt // where the sign-in stands now
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

// LogValue is the name of the challenge and the error: a slog.JSONHandler would write the
// reply whole, with the key of an authenticator app.
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

// Status returns the HTTP status of the reply: 200, or that of the error.
func (r Reply) Status() int {
	if r.Error == nil {
		return http.StatusOK
	}
	return r.Error.Status()
}
