package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"unicode"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Error is the error of a sign-in, or of another operation of this package. [Error.Code] is
// for programs, [Error.Remedy] says what the caller can do next, and [Error.Message] is for
// the user. errors.As reaches the SDK's own error, such as *types.NotAuthorizedException.
//
// The functions of this package return a pointer, *Error. A mistake in the program, such as a
// nil AuthFlow or the prompt of another app, is a plain error. SignIn returns the error of its
// handler unchanged.
//
// # Secrets
//
// The text of an Error is one line, with a placeholder for each secret that the call has sent.
// Secrets are parameters, SECRET_HASH, sessions and the client secret. A placeholder replaces
// a secret in escaped form too. The driver does not know the secrets of earlier calls.
//
// The service uses words such as password in its messages. A secret may be such a word, or have
// fewer than four characters. Such a secret is replaced only in quotes, in brackets, or directly
// after an equals sign or a colon. A secret of fewer than 12 characters, or with fewer than 8
// different ones, is not replaced inside a longer word or number.
type Error struct {
	Operation string         // the operation that failed, "" if nothing was sent
	Challenge challenge.Name // the challenge that was being answered, "" at the start

	// Prompt, if not nil, is the state of the sign-in. Answer this prompt with Respond, and
	// not an earlier one. After a refusal its challenge has Attempt and Reason.
	Prompt *Prompt

	Err error // the cause, such as an error of the SDK client

	code    Code
	message string          // for the user, if nothing was sent
	advice  string          // follows the cause in the text
	sent    []secret.String // the text must not repeat these, and the service may echo them
}

// Code returns the kind of the error. NotAuthorizedException stands for a wrong password, a
// spent session and other causes. The code tells these apart by the request that was refused,
// and not by the message.
func (e Error) Code() Code {
	if e.code == "" {
		return Other
	}
	return e.code
}

// Remedy says what the caller can do next. The remedy follows from the code. If the error has
// no Prompt, the remedy is not AnswerPrompt but "".
func (e Error) Remedy() Remedy {
	remedy := remedies[e.code]
	if remedy == AnswerPrompt && e.Prompt == nil {
		return ""
	}
	return remedy
}

// Is makes errors.Is(err, flow.WrongCredentials) ask for the code. An Error that
// wraps another one has both codes.
func (e Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code()
}

// As makes errors.As take a variable of type Error as well as *Error.
func (e Error) As(target any) bool {
	value, ok := target.(*Error)
	if ok {
		*value = e
	}
	return ok
}

// ServiceCode returns the service's name for the error, such as NotAuthorizedException, for
// logs. The name is "" if the service did not answer.
func (e Error) ServiceCode() string { return e.clean(errorCode(e.Err)) }

// RequestID returns the service's ID of the request, for AWS support. The ID is "" if the
// service did not answer.
func (e Error) RequestID() string {
	var response interface{ ServiceRequestID() string }
	if !errors.As(e.Err, &response) {
		return ""
	}
	return e.clean(response.ServiceRequestID())
}

// Message returns a text for the user. If the service has answered, the text is the
// service's, such as the rule that a new password breaks. If a user name, a password or an answer
// was not sent, the text names the flaw. Message is "" for any other error.
//
// Show the message to a user if the remedy is [AnswerPrompt] or [CorrectInput], or if the code
// is [TriggerRefused]. In other cases the service writes for programmers. The message is one
// line in English, of about 600 bytes at most, without names of Go. The service's wording
// changes.
func (e Error) Message() string {
	var api smithy.APIError
	if errors.As(e.Err, &api) && e.ServiceCode() != "" {
		return e.clean(api.ErrorMessage())
	}
	return e.clean(e.message)
}

// Error returns the operation, the challenge, the cause, the code and the
// request ID.
func (e Error) Error() string {
	text := "flow: "
	if where := strings.TrimSpace(e.Operation + " " + e.clean(string(e.Challenge))); where != "" {
		text += where + ": "
	}
	text += e.cause()
	if e.advice != "" {
		text += "; " + e.advice
	}
	text += " [" + string(e.Code())
	if id := e.RequestID(); id != "" {
		text += ", request " + id
	}
	return text + "]"
}

// cause is the text of Err without the parts that Error has written already.
func (e Error) cause() string {
	var api smithy.APIError
	var sending *smithyhttp.RequestSendError
	var ended *smithy.CanceledError
	var operation *smithy.OperationError
	var limit *limitError
	switch {
	case e.Err == nil:
		return "failed"
	case errors.As(e.Err, &limit):
		return limit.Error() // Err may hold the last refusal too: see failed
	case e.code == NoAnswer && errors.Is(e.Err, challenge.ErrNoAnswer):
		// Err may hold the last refusal here too.
	case errors.As(e.Err, &api) && e.ServiceCode() != "":
		return fmt.Sprintf("%s: %q", e.ServiceCode(), e.Message())
	case errors.Is(e.Err, errReplyTooLong):
		return errReplyTooLong.Error()
	case status(e.Err) != 0:
		return fmt.Sprintf("a response with HTTP status %d that is not the service's; is there a proxy?", status(e.Err))
	case errors.As(e.Err, &ended) && e.code == NetworkFault: // by the driver's own deadline
		return "no reply within Options.RequestTimeout"
	case errors.As(e.Err, &ended):
		return e.clean(ended.Err.Error())
	case errors.As(e.Err, &sending): // before this text, the SDK writes of a response that did not come
		return e.clean(sending.Err.Error())
	case errors.As(e.Err, &operation):
		return e.clean(operation.Err.Error())
	}
	text := strings.TrimPrefix(e.clean(e.Err.Error()), "challenge: ")
	return strings.TrimPrefix(text, string(e.Challenge)+": ")
}

// clean makes text of a peer fit for a line of a log. Secrets are replaced before the text
// is cut or changed, because half a secret would not be found.
func (e Error) clean(text string) string {
	const most = 64 << 10
	return bound(e.redact(text[:min(len(text), most)]))
}

// bound makes one short line of a text.
func bound(text string) string {
	const most = 600
	if len(text) > most {
		text = fmt.Sprintf("%s... (%d bytes)", strings.ToValidUTF8(text[:most], ""), len(text))
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

// LogValue gives log/slog the parts of the error: code, operation, challenge,
// service_code, request_id, hint and error, without those that are empty.
func (e Error) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, part := range e.parts() {
		attrs = append(attrs, slog.String(part.name, part.text))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON returns an object of strings, with the names of LogValue. Without MarshalJSON,
// encoding/json would write the fields of the SDK's error, and these may repeat a secret.
//
// The object is for logs. Do not send the object to a browser, because it tells the endpoint
// and perhaps who has an account. Package frontend has errors for browsers.
func (e Error) MarshalJSON() ([]byte, error) {
	object := map[string]string{}
	for _, part := range e.parts() {
		object[part.name] = part.text
	}
	return json.Marshal(object)
}

type errorPart struct{ name, text string }

func (e Error) parts() []errorPart {
	var parts []errorPart
	for _, part := range []errorPart{
		{"code", string(e.Code())}, {"operation", e.Operation}, {"challenge", e.clean(string(e.Challenge))},
		{"service_code", e.ServiceCode()}, {"request_id", e.RequestID()}, {"hint", string(e.Hint())}, {"error", e.Error()},
	} {
		if part.text != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// Unwrap returns Err.
func (e Error) Unwrap() error { return e.Err }

// failed is the error that a call returns for a fault. The prompt in the error is the present
// state of the sign-in, and not the prompt that was answered.
func (e *engine) failed(f *fault) error {
	if f.own {
		return f.err
	}
	err := e.newError(f)
	var refused *Error
	switch unmarked := e.in.device.unmarked; {
	case unmarked != nil:
		err.Err, err.advice = errors.Join(f.err, unmarked), err.clean(unmarked.Error())
	case err.code == DeviceRefused && e.st.without.Suspect:
		err.advice = "the next sign-in leaves the device out"
	case (err.code == SessionEnded || err.code == LimitReached || err.code == NoAnswer) && errors.As(e.st.ask.Reason, &refused):
		err.advice = "an earlier answer was refused: " + refused.cause()
	}
	switch {
	case err.code == NoAnswer && !f.request.provesDevice() && !e.asksMachine():
		err.Prompt = e.prompt()
		if refused != nil {
			err.Err = &unanswered{f.err, refused}
		}
	case f.isTransient() && !f.request.isStart() && !e.asksMachine():
		err.Prompt = e.prompt()
		if f.isLost() || f.canceled && !f.local {
			err.advice = "the service may have acted on the request: if the prompt is refused, start again"
		}
	}
	return err
}

// unanswered is the error of a challenge that nobody answers again after an answer was
// refused. The text is that of missing, because the advice has the text of refused.
type unanswered struct{ missing, refused error }

func (u *unanswered) Error() string   { return u.missing.Error() }
func (u *unanswered) Unwrap() []error { return []error{u.missing, u.refused} }

// asksMachine reports whether the sign-in stands at a challenge that no person
// can answer.
func (e *engine) asksMachine() bool {
	_, machine := e.st.ask.ForMachine()
	return machine || e.st.ask.Name == ""
}

// newError makes the error of a fault, without a prompt.
func (e *engine) newError(f *fault) *Error {
	err := &Error{
		Operation: operation(f.err, f.operation), Challenge: f.request.challenge, Err: f.err,
		code: e.codeOf(f), sent: e.secrets(f.request),
	}
	var flaw *challenge.AnswerError
	if f.badAnswer && errors.As(f.err, &flaw) {
		err.message = flaw.Message
	}
	switch {
	case !f.isMisfit():
	case f.request.by == ByHandler:
		err.advice = "the answer is of a handler in Options.Handlers"
	case e.person != nil:
		err.advice = "the answer is of the handler given to SignIn"
	}
	if _, ok := e.service.(refreshService); ok && isRefreshMissing(f.err) {
		err.code, err.advice = NotImplemented, "the other end has no such operation: set Options.RefreshByAuthFlow"
	}
	return err
}

func (e *engine) codeOf(f *fault) Code {
	var misconfigured *localError
	switch {
	case f.limit:
		return LimitReached
	case errors.Is(f.err, errPasswordInClear):
		return PasswordInClear
	case f.badAnswer:
		return AnswerNotUsable
	case errors.Is(f.err, challenge.ErrNoAnswer):
		return NoAnswer
	case errors.As(f.err, &misconfigured):
		return Misconfigured
	case isSecretUnavailable(f.err) && !f.canceled: // perhaps within Options.RequestTimeout
		return SecretUnavailable
	case f.canceled, f.local && (errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded)):
		return Canceled
	case f.local:
		return Other
	case f.answerAgain(e.st):
		return WrongAnswer
	case f.request.provesDevice() && !f.isTransient():
		return DeviceRefused
	}
	return cmp.Or(e.stepUpCode(f), serviceCodeOf(f.request, f.err))
}

// codes has the codes of exceptions in reply to any operation.
var codes = map[string]Code{
	"CodeMismatchException":          SessionEnded, // if the session does not take another answer
	"ExpiredCodeException":           SessionEnded,
	"RefreshTokenReuseException":     TokenReused,
	"TokenRevokedException":          TokenRefused,
	"UserNotConfirmedException":      SignUpUnconfirmed,
	"PasswordResetRequiredException": PasswordReset,
	"AliasExistsException":           AliasTaken,
	"UserLambdaValidationException":  TriggerRefused,
	"ForbiddenException":             Forbidden,

	"FeatureUnavailableInTierException": FeatureUnavailable,
	"OperationNotEnabledException":      OperationNotEnabled,
}

// operationCodes has the codes of exceptions that mean something else outside of a sign-in.
// [Call.Means] sets the codes for a single operation.
var operationCodes = map[string]Code{
	"CodeMismatchException":                   WrongCode,
	"EnableSoftwareTokenMFAException":         WrongCode, // of VerifySoftwareToken
	"ExpiredCodeException":                    CodeExpired,
	"InvalidPasswordException":                PasswordRefused,
	"PasswordHistoryPolicyViolationException": PasswordRefused,
	"UsernameExistsException":                 UsernameTaken,
	"CodeDeliveryFailureException":            CodeNotSent,
	"UserNotFoundException":                   UnknownUser,
	"TooManyFailedAttemptsException":          Throttled, // of codes
}

// serviceCodeOf returns the code of an error in reply to a request. The name of the exception
// and the request decide. The message does not.
func serviceCodeOf(r request, err error) Code {
	credentials := WrongCredentials
	if !r.isStart() && r.challenge == "" || refreshes(r.flow) || r.stepsUpFromTokens() && !r.provesPassword() {
		credentials = TokenRefused // the request has a token and no password
	}
	switch name := errorCode(err); {
	case errors.Is(err, context.Canceled):
		return Canceled
	case isNotMade(err):
		return Misconfigured
	case isUntrusted(err):
		return UntrustedHost
	case isUnknownHost(err):
		return UnknownHost
	case isNotImplemented(err):
		return NotImplemented
	case isThrottle(err):
		return Throttled
	case name == "NotAuthorizedException" && judgesCredentials(r), name == "UserNotFoundException":
		return credentials
	case name == "NotAuthorizedException":
		return SessionEnded
	case name == "InvalidPasswordException" && judgesCredentials(r) && r.challenge != "" || name == "InvalidPasswordException" && r.isStart() && !refreshes(r.flow):
		return WrongCredentials // the request has no new password that a policy could refuse
	case codes[name] != "":
		return codes[name]
	case isServerFault(err):
		return ServiceFault
	case isUnsent(err), isNetworkFault(err):
		return NetworkFault
	case isBrokenReply(err):
		return UnexpectedReply
	}
	return Other
}

// judgesCredentials reports whether NotAuthorized or InvalidPassword in reply to r is about
// the user name, the password or a token. In reply to other requests, and to a start that has
// a session, NotAuthorized means that the session is spent or expired.
func judgesCredentials(r request) bool {
	return r.provesPassword() || r.isStart() && r.session == "" || !r.isStart() && r.challenge == ""
}

// newOperationError makes the error of an operation that is not one of the pair of a sign-in.
// An API other than the SDK client may not tell the name of the operation. The text does not
// show the secrets in sent.
func newOperationError(name string, err error, sent []secret.String) *Error {
	e := &Error{Operation: operation(err, name), Err: err, code: serviceCodeOf(request{}, err), sent: sent}
	var misconfigured *localError
	switch code := operationCodes[errorCode(err)]; {
	case code != "":
		e.code = code
	case errors.As(err, &misconfigured):
		e.code = Misconfigured
	case isSecretUnavailable(err):
		e.code = SecretUnavailable
	}
	return e
}

// operation returns the name of the operation in an error of the SDK client. Errors of other
// implementations of the API do not have a name.
func operation(err error, otherwise string) string {
	var e *smithy.OperationError
	if errors.As(err, &e) {
		return e.OperationName
	}
	return otherwise
}

// isRefreshMissing reports whether the reply to GetTokensFromRefreshToken says
// that there is no such operation. The service answers no request with status
// 404, and an emulator may do so for a user or a device that does not exist.
func isRefreshMissing(err error) bool {
	absent := strings.HasSuffix(errorCode(err), "NotFoundException")
	return isNotImplemented(err) || status(err) == http.StatusNotFound && !absent
}
