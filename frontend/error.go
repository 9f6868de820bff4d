package frontend

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
)

// The codes that errors have besides those of package flow.
const (
	// Malformed: the schema has no such answer. The front end has to be mended.
	Malformed flow.Code = "malformed"
	// TooLarge: the answer has more than [MaxAnswer] bytes.
	TooLarge flow.Code = "too_large"
	// SealRefused: the prompt, or what else was sealed, is not one that this backend
	// has sealed for this browser.
	SealRefused flow.Code = "seal_refused"
	// Internal: a fault of the program, of a setting or of the service, about which
	// nobody at the front end can do anything.
	Internal flow.Code = "internal"
)

// Error is an error as a front end needs it. encoding/json adds the member version.
type Error struct {
	Code   flow.Code   `json:"code"`             // does not change; new ones may come
	Remedy flow.Remedy `json:"remedy,omitempty"` // "": nobody at the front end can do anything

	// Message is in English, and may be "". If the code is malformed, too_large or
	// answer_not_usable, Message is for programmers and says what is wrong with Field.
	// Otherwise Message is for the user: the service's text, such as the rule that a new
	// password breaks.
	Message string `json:"message,omitempty"`

	// Field is the member of an answer that is at fault, such as "code" or
	// "attributes.given_name". "": the whole answer, or no member.
	Field string `json:"field,omitempty"`

	// Answerable says that a prompt waits for an answer: the one that the backend sends
	// along, or else the one before.
	Answerable bool `json:"answerable"`
}

// Error returns the field, the message and the code.
func (e *Error) Error() string {
	text := "frontend: "
	for _, part := range []string{e.Field, e.Message} {
		if part != "" {
			text += part + ": "
		}
	}
	return text + string(e.Code)
}

// MarshalJSON adds the member version.
func (e Error) MarshalJSON() ([]byte, error) {
	type members Error
	return json.Marshal(struct {
		Version int `json:"version"`
		members
	}{Version, members(e)})
}

// Status returns the HTTP status of the error (RFC 9110, section 15):
//
//	400  malformed
//	401  the user is not signed in any more: signed_out, token_refused, token_reused
//	403  the user has to do something first, such as start the sign-in again
//	413  too_large
//	422  another answer or input is needed, or a trigger or the address of another user is in the way
//	500  internal
//	503  try later
func (e Error) Status() int {
	switch e.Code {
	case Malformed:
		return http.StatusBadRequest
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case flow.TriggerRefused, flow.AliasTaken:
		return http.StatusUnprocessableEntity
	case flow.Forbidden, flow.NotAllowed:
		return http.StatusForbidden
	case flow.SignedOut, flow.TokenRefused, flow.TokenReused:
		return http.StatusUnauthorized
	}
	switch e.Remedy {
	case "":
		return http.StatusInternalServerError
	case flow.AnswerPrompt, flow.CorrectInput:
		return http.StatusUnprocessableEntity
	case flow.TryLater:
		return http.StatusServiceUnavailable
	}
	return http.StatusForbidden
}

// FromError returns err as a front end needs it: an error of package flow, of package
// seal, of package websession, or of ReadAnswer. Any other error is [Internal]. The
// result does not repeat err: log err.
//
// The code sign_up_unconfirmed tells that a user exists, as the service does. If your
// site must not tell, put wrong_credentials in its place. So do unknown_user,
// username_taken and not_allowed outside of a sign-in.
func FromError(err error) Error {
	var own *Error
	var e codeError
	switch {
	case errors.As(err, &own):
		return *own
	case errors.As(err, &e):
		return fromCoded(e)
	case errors.Is(err, flow.SessionEnded): // seal.ErrExpired
		return Error{Code: flow.SessionEnded, Remedy: flow.StartAgain}
	case isAny(err, seal.ErrForeign, seal.ErrForm, seal.ErrKey, seal.ErrVersion, flow.ErrPromptVersion, account.ErrSignUpVersion):
		return Error{Code: SealRefused, Remedy: flow.StartAgain}
	case errors.Is(err, context.DeadlineExceeded): // of the request, while it waited for a refresh or a store
		return Error{Code: flow.Canceled, Remedy: flow.TryLater}
	}
	return Error{Code: Internal}
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// withoutRemedy are the codes that concern the user although nothing can be done.
var withoutRemedy = map[flow.Code]bool{flow.TriggerRefused: true, flow.AliasTaken: true, flow.Forbidden: true, flow.NotAllowed: true}

// codeError is an error with a code and a remedy: a *flow.Error, or one of package
// websession.
type codeError interface {
	error
	Code() flow.Code
	Remedy() flow.Remedy
}

func fromCoded(e codeError) Error {
	f := Error{Code: e.Code(), Remedy: e.Remedy()}
	refused, ok := e.(*flow.Error)
	f.Answerable = ok && refused.Prompt != nil
	switch {
	case ok && (f.Remedy == flow.AnswerPrompt || f.Remedy == flow.CorrectInput || f.Code == flow.TriggerRefused):
		f.Message = refused.Message()
	case f.Remedy == "" && !withoutRemedy[f.Code]:
		f.Code = Internal
	}
	return f
}

// malformed is the error of what the schema does not allow.
func malformed(field, what string) *Error {
	return &Error{Code: Malformed, Remedy: flow.AnswerPrompt, Field: short(field), Message: what, Answerable: true}
}

// unusable is the error of an answer that does not fit the challenge.
func unusable(field Member, what string) *Error {
	return &Error{Code: flow.AnswerNotUsable, Remedy: flow.AnswerPrompt, Field: string(field), Message: what, Answerable: true}
}

// short makes the name of a member, which may be any text, fit for an error.
func short(field string) string {
	const most = 60
	if runes := []rune(field); len(runes) > most {
		field = string(runes[:most]) + "..."
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, field)
}
