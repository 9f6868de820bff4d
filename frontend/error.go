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

// The codes of errors, in addition to the codes of package flow.
const (
	// Malformed: the schema does not allow such an answer. Correct the front end.
	Malformed flow.Code = "malformed"
	// TooLarge: the answer has more than [MaxAnswer] bytes.
	TooLarge flow.Code = "too_large"
	// SealRefused: this backend has not sealed the prompt, or other sealed data, for
	// this browser.
	SealRefused flow.Code = "seal_refused"
	// Internal: a fault of the program, of a setting or of the service. The user cannot
	// help.
	Internal flow.Code = "internal"
)

// Error is an error for a front end. encoding/json adds the member version.
type Error struct {
	Code   flow.Code   `json:"code"`             // later releases may add codes
	Remedy flow.Remedy `json:"remedy,omitempty"` // "": the user cannot help

	// Message is in English, and may be "". If the code is malformed, too_large or
	// answer_not_usable, Message tells programmers the fault of Field. Otherwise Message
	// tells the user the text of the service, such as a rule for passwords.
	Message string `json:"message,omitempty"`

	// Field is the member of an answer at fault, such as "code" or
	// "attributes.given_name". "": the whole answer, or no answer.
	Field string `json:"field,omitempty"`

	// Answerable says that the user can answer a prompt: the prompt in the same reply,
	// or else the former prompt.
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
//	403  another step must come first, such as a new sign-in after wrong_credentials or
//	     session_ended, or the user may not do this
//	413  too_large
//	422  another answer or input is needed, or a trigger refuses, or another user has the address
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

// FromError returns err for a front end. err is an error of package flow, seal or
// websession, or of ReadAnswer. For any other error the code is [Internal]. The result does
// not have the text of err: log err.
//
// The code sign_up_unconfirmed reveals that a user exists. Outside of a sign-in, the codes
// unknown_user, username_taken and not_allowed reveal it too. If your site must not reveal
// this, send wrong_credentials in place of these codes.
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
	case errors.Is(err, context.DeadlineExceeded): // the request waited too long for a refresh or a store
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

// withoutRemedy are codes without a remedy that a front end should show to the user.
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

// malformed returns the error of an answer that the schema does not allow.
func malformed(field, what string) *Error {
	return &Error{Code: Malformed, Remedy: flow.AnswerPrompt, Field: short(field), Message: what, Answerable: true}
}

// unusable returns the error of an answer that does not fit the challenge.
func unusable(field Member, what string) *Error {
	return &Error{Code: flow.AnswerNotUsable, Remedy: flow.AnswerPrompt, Field: string(field), Message: what, Answerable: true}
}

// short prepares the name of a member for an error: the name may be any text.
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
