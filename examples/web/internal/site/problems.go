package site

import (
	"errors"
	"net/http"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/cognitoflow/cognitoflow/flow"
)

// problems has the texts for exceptions of the service. If a text is empty, the page shows the
// message of the service, which explains the rules for passwords, for example.
var problems = map[string]string{
	"CodeMismatchException":                   "That code is not right. Check it and enter it again.",
	"EnableSoftwareTokenMFAException":         "That code is not right. Enter the one that your app shows now.",
	"ExpiredCodeException":                    "That code has been used or is too old. Enter the next one.",
	"InvalidPasswordException":                "",
	"PasswordHistoryPolicyViolationException": "You have used this password before. Choose another one.",
	"InvalidParameterException":               "",
	"UsernameExistsException":                 "Another user has this user name or address. Choose another one.",
	"AliasExistsException":                    "Another user has this address.",
	"UserLambdaValidationException":           "",
	"LimitExceededException":                  "You have tried too often. Try again later.",
	"TooManyRequestsException":                "We are busy. Try again in a moment.",
}

// hinted has the texts for hints, which the library reads from the wording of the service's
// message. If the service changes the wording, the page shows the text for the remedy.
//
// The texts for LockedOut and UserDisabled tell strangers that a user exists. If your site must
// not tell, remove these texts.
var hinted = map[flow.Hint]string{
	flow.LockedOut:              "There were too many wrong passwords. Wait a while before you try again.",
	flow.UserDisabled:           "This account is switched off. Ask the people who run this service.",
	flow.TemporaryPasswordEnded: "Your first password has expired. Ask the people who run this service for a new one.",
}

// byCode has the texts for codes that say more than the exception of the service. After the
// first three codes the sign-in has ended, and the user must start again.
var byCode = map[flow.Code]string{
	flow.SessionEnded:  problemExpired,
	flow.LimitReached:  "There were too many wrong answers. Please start again.",
	flow.DeviceRefused: "This service does not know this browser any more. Please start again.",
	flow.CodeExpired:   "That code is too old, or was used. Ask for another code.",
	flow.CodeNotSent:   "We could not send you a code. Try again in a while.",
	flow.FactorMissing: "First set up an authenticator app, or verify an address. Or this service does not offer this way to sign in.",
}

const (
	problemCredentials = "The user name or the password is not right."
	problemExpired     = "The form is too old, or you have sent it already. Please start again."
	problemLater       = "We could not reach the sign-in service. Try again in a moment."
	problemEnded       = "Your session has ended. Please sign in again."
	problemConfirmed   = "Your account is confirmed already, or has no address. Sign in instead."
)

// explain returns the text for the user and the HTTP status of an error. If the user can do
// nothing about the error, the text is empty.
func explain(err error) (text string, status int) {
	var e *flow.Error
	if !errors.As(err, &e) {
		e = &flow.Error{Err: err} // an error of an SDK call of this site
	}
	refused := http.StatusUnprocessableEntity
	text, known := problems[e.ServiceCode()]
	switch {
	case hinted[e.Hint()] != "":
		return hinted[e.Hint()], refused
	case byCode[e.Code()] != "":
		return byCode[e.Code()], refused
	case known && text != "":
		return text, refused
	case known, e.Code() == flow.WrongAnswer, e.Code() == flow.AnswerNotUsable, e.Remedy() == flow.CorrectInput:
		return sentence(e.Message()), refused
	}
	switch e.Remedy() {
	case flow.CheckCredentials:
		return problemCredentials, refused
	case flow.TryLater:
		return problemLater, http.StatusServiceUnavailable
	}
	return "", http.StatusBadGateway
}

// blame says how a form shows an error. An empty field means the whole form. An empty text
// means the text of explain.
type blame struct{ field, text string }

type blames map[flow.Code]blame

// describe returns the text for the user and the HTTP status of an error. If the user can do
// nothing about the error, known is false.
func describe(err error, where blames) (problem string, status int, known bool) {
	problem, status = explain(err)
	if text := where.of(err).text; text != "" {
		problem, status = text, http.StatusUnprocessableEntity
	}
	return problem, status, problem != ""
}

func (b blames) of(err error) blame {
	var e *flow.Error
	if !errors.As(err, &e) {
		return blame{}
	}
	return b[e.Code()]
}

// showProblem shows a form again after the service has refused it.
func (s *site) showProblem(w http.ResponseWriter, p page, err error, where blames) {
	problem, status, known := describe(err, where)
	if !known {
		s.failed(w, err)
		return
	}
	p.blame(where.of(err).field, problem)
	s.show(w, status, p)
}

// sentence makes a sentence of a message of package flow, which begins with a small letter and
// ends without a full stop.
func sentence(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	if size == 0 {
		return "That answer was not accepted."
	}
	message = string(unicode.ToUpper(first)) + message[size:]
	if last, _ := utf8.DecodeLastRuneInString(message); !unicode.Is(unicode.Sentence_Terminal, last) {
		message += "."
	}
	return message
}

// remedy returns the remedy of an error of package flow or of package websession.
func remedy(err error) flow.Remedy {
	var e interface {
		error
		Remedy() flow.Remedy
	}
	if errors.As(err, &e) {
		return e.Remedy()
	}
	return ""
}

// mayPass reports whether the tokens of the user may work later, although err says that no
// valid tokens are there now. See [flow.Driver.Refresh]. The user then stays signed in.
func mayPass(err error) bool {
	switch remedy(err) {
	case flow.TryLater, flow.AnswerPrompt, "":
		return true
	}
	return false
}

// is reports whether an error has one of the codes.
func is(err error, codes ...flow.Code) bool {
	return slices.ContainsFunc(codes, func(c flow.Code) bool { return errors.Is(err, c) })
}
