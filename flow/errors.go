package flow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Error is a sign-in that did not get further. Its text names the operation
// and the challenge and holds no secret (see Secrets in the package's
// documentation for the one exception); errors.As reaches the SDK's own error
// in it, such as *types.NotAuthorizedException.
type Error struct {
	Operation string         // the operation that failed, "" if none was called
	Challenge challenge.Name // the challenge that was being answered, "" at the start
	Remedy    Remedy         // what can be done about it

	// Prompt, if not nil, can still be answered with Respond. It knows of the
	// refusal: Challenge().Attempt and Reason.
	Prompt *Prompt

	Err error

	sent []secret.String // what must not be repeated, should the service echo it
	hint string          // which setting of the driver helps
}

// Remedy says what a caller can do about an [Error]. The zero Remedy is
// nothing but to report it: the configuration of the pool, the app or one of
// its triggers is at fault, or the request was blocked.
type Remedy string

const (
	// AnswerPrompt: Error.Prompt waits for an answer; the last one, if there
	// was one, was wrong, and Error.Prompt.Challenge().Reason says why.
	AnswerPrompt Remedy = "answer the prompt"

	// CheckCredentials: the user name or the password is wrong, or the user is
	// disabled or locked out; the service does not say which. A wrong
	// App.ClientSecret or App.UserPoolID looks the same: log the error, and
	// look at it if nobody can sign in. Some emulators of the service say
	// InvalidPassword where the service says NotAuthorized.
	CheckCredentials Remedy = "check the user name and password and start again"

	// StartAgain: the session is spent or expired, or the refresh token is
	// expired, revoked or rotated out: sign in again.
	StartAgain Remedy = "start the sign-in again"

	// ConfirmSignUp: the user has signed up and not confirmed it (ConfirmSignUp).
	ConfirmSignUp Remedy = "confirm the sign-up and start again"

	// ResetPassword: an administrator demands a new password (ForgotPassword,
	// ConfirmForgotPassword).
	ResetPassword Remedy = "reset the password and start again"

	// TryLater: throttled, a fault of the service or the network. Wait, and
	// answer Error.Prompt if there is one, or start again. An operation that the
	// other end does not have is no such fault: waiting does not help.
	TryLater Remedy = "try again later"
)

// remedies has what does not depend on the challenge.
var remedies = map[string]Remedy{
	"CodeMismatchException":          StartAgain,
	"ExpiredCodeException":           StartAgain,
	"UserNotFoundException":          CheckCredentials, // told by pools that do not hide who exists
	"RefreshTokenReuseException":     StartAgain,
	"TokenRevokedException":          StartAgain,
	"UserNotConfirmedException":      ConfirmSignUp,
	"PasswordResetRequiredException": ResetPassword,
	"TooManyRequestsException":       TryLater,
	"LimitExceededException":         TryLater,
	"InternalErrorException":         TryLater,
}

func (e Error) Error() string {
	text := "flow: "
	if where := strings.TrimSpace(e.Operation + " " + string(e.Challenge)); where != "" {
		text += where + ": "
	}
	text += e.cause()
	if e.hint != "" {
		text += "; " + e.hint
	}
	if e.Remedy != "" {
		text += "; " + string(e.Remedy)
	}
	return text
}

// Message is what the service wrote, for showing to a user who may be helped by
// it: which rule a new password breaks, say. It is "" where the service did not
// write anything. Its wording is the service's, and changes.
func (e Error) Message() string {
	var api smithy.APIError
	if !errors.As(e.Err, &api) {
		return ""
	}
	return e.redact(api.ErrorMessage())
}

// cause is the text of Err without what Error has said before it.
func (e Error) cause() string {
	var api smithy.APIError
	var operation *smithy.OperationError
	switch {
	case e.Err == nil:
		return "failed"
	case errors.As(e.Err, &api):
		return fmt.Sprintf("%s: %q", e.redact(api.ErrorCode()), e.Message())
	case errors.As(e.Err, &operation):
		return e.redact(operation.Err.Error())
	}
	text := strings.TrimPrefix(e.redact(e.Err.Error()), "challenge: ")
	return strings.TrimPrefix(text, string(e.Challenge)+": ")
}

// MarshalText returns the text of Error: encoding/json would write what the
// SDK's error holds, which may repeat what was sent.
func (e Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Unwrap returns Err.
func (e Error) Unwrap() error { return e.Err }

// refusal makes the error of a request that failed. The prompt is the one that
// the request answered, or nil.
func (s *signIn) refusal(r request, by string, p *Prompt, err error) *Error {
	e := &Error{Operation: operation(err, s.service.operation(r)), Challenge: r.challenge, Err: err, sent: s.secrets(r)}
	if p != nil && p.state.Open().challenge.CanAnswerAgain(err) {
		reason := *e
		e.Remedy, e.Prompt = AnswerPrompt, p.refused(&reason)
		return e
	}
	e.Remedy = remedy(r, err)
	if _, ok := s.service.(refreshService); ok && isRefreshMissing(err) {
		e.hint = "the other end has no such operation; set Options.RefreshByAuthFlow"
	}
	if e.Remedy == TryLater && by == ByCaller {
		e.Prompt = p
	}
	return e
}

// operationError makes the error of an operation outside of the pair that a
// sign-in goes through; nil stays nil. The name is for an API that does not
// tell it. What was sent does not get into the text.
func operationError(name string, err error, sent ...secret.String) error {
	if err == nil {
		return nil
	}
	e := &Error{Operation: operation(err, name), Err: err, Remedy: remedy(request{}, err), sent: sent}
	if e.Remedy == CheckCredentials {
		e.Remedy = "" // nobody gave any: the caller named a user that does not exist
	}
	return e
}

// operation reads the operation's name from an error of the SDK client. Other
// implementations of the API have errors of their own.
func operation(err error, otherwise string) string {
	var e *smithy.OperationError
	if errors.As(err, &e) {
		return e.OperationName
	}
	return otherwise
}

func remedy(r request, err error) Remedy {
	var api smithy.APIError
	credentials := CheckCredentials
	if r.flow == types.AuthFlowTypeRefreshTokenAuth {
		credentials = StartAgain // nobody has given any
	}
	switch {
	case hasCode(err, "NotAuthorizedException") && judgesCredentials(r):
		return credentials
	case hasCode(err, "NotAuthorizedException"):
		return StartAgain
	case hasCode(err, "InvalidPasswordException") && judgesCredentials(r) && r.flow != types.AuthFlowTypeRefreshTokenAuth:
		return CheckCredentials // the request has no new password that a policy could refuse
	case isNotImplemented(err):
		return ""
	case errors.As(err, &api) && remedies[api.ErrorCode()] == CheckCredentials:
		return credentials
	case provesDevice(r.challenge) && isNotFound(err):
		return StartAgain // with the record gone
	case api != nil && remedies[api.ErrorCode()] != "":
		return remedies[api.ErrorCode()]
	case isTransient(err):
		return TryLater
	}
	return ""
}

// judgesCredentials reports whether NotAuthorized or InvalidPassword in reply to
// r is about the user name or the password. In reply to others NotAuthorized
// means that the session is spent or expired; a start that has a session stands
// or falls with that.
func judgesCredentials(r request) bool {
	return r.params["PASSWORD"] != "" || r.challenge == challenge.PasswordVerifier || r.flow != "" && r.session == ""
}

// hasCode tells an error of the service by its name, whatever its type.
func hasCode(err error, name string) bool {
	var coded interface{ ErrorCode() string }
	return errors.As(err, &coded) && coded.ErrorCode() == name
}

// isNotImplemented reports whether the other end says that it does not have the
// operation. The service has all operations; some of its emulators do not.
func isNotImplemented(err error) bool {
	if status(err) == http.StatusNotImplemented {
		return true
	}
	var coded interface{ ErrorCode() string }
	return errors.As(err, &coded) && slices.Contains(notImplemented, strings.TrimSuffix(coded.ErrorCode(), "Exception"))
}

// notImplemented are codes for a missing operation: of AWS's own front ends, of
// MiniStack, of Floci, of cognito-local (with status 500), and of others.
var notImplemented = []string{"UnknownOperation", "InvalidAction", "UnsupportedOperation", "Unsupported", "NotImplemented"}

// status returns the HTTP status of a response that is an error, 0 if err has
// none.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		return response.HTTPStatusCode()
	}
	return 0
}

// isTransient reports whether err is of the network, of a service that cannot
// answer at present, or of something in front of it.
func isTransient(err error) bool {
	var api smithy.APIError
	var network net.Error
	return throttled.IsErrorThrottle(err) == aws.TrueTernary ||
		errors.As(err, &api) && api.ErrorFault() == smithy.FaultServer ||
		status(err) >= http.StatusInternalServerError || status(err) == http.StatusTooManyRequests ||
		errors.As(err, &network) || errors.Is(err, context.Canceled)
}

// refusedAnswer returns the prompt of a refusal after which the answer is asked
// for again.
func refusedAnswer(err error) *Prompt {
	var e *Error
	if errors.As(err, &e) && e.Remedy == AnswerPrompt && e.Prompt.Challenge().Attempt < maxRefusals {
		return e.Prompt
	}
	return nil
}
