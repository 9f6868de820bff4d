package site

import (
	"errors"
	"net/http"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/cognitoflow/cognitoflow/flow"
)

// problems is what users are told of the service's errors. An empty text is
// the service's own message, which says what a password lacks, for example.
var problems = map[string]string{
	"CodeMismatchException":                   "That code is not right. Check it and enter it again.",
	"EnableSoftwareTokenMFAException":         "That code is not right. Enter the one that your app shows now.",
	"ExpiredCodeException":                    "That code has been used or is too old. Enter the next one.",
	"InvalidPasswordException":                "",
	"PasswordHistoryPolicyViolationException": "You have used this password before. Choose another one.",
	"InvalidParameterException":               "",
	"UsernameExistsException":                 "Somebody has this user name or address already. Choose another one.",
	"AliasExistsException":                    "Somebody has this address already.",
	"UserLambdaValidationException":           "",
	"LimitExceededException":                  "That was too often. Try again in a while.",
	"TooManyRequestsException":                "We are busy. Try again in a moment.",
}

// hinted is what users are told of a cause that the wording of the service's
// message gives away. Without a hint the problem is told by remedy, so a new
// wording costs no more than the better sentence.
//
// These sentences tell whether a user exists. A site that must not tell leaves
// LockedOut and UserDisabled out.
var hinted = map[flow.Hint]string{
	flow.LockedOut:              "There were too many wrong passwords. Wait a while before you try again.",
	flow.UserDisabled:           "This account is switched off. Ask the people who run this service.",
	flow.TemporaryPasswordEnded: "Your first password has expired. Ask the people who run this service for a new one.",
}

// byCode is what users are told where the code says more than the service's
// error. After the first three the sign-in has ended, so its form cannot be filled in again.
var byCode = map[flow.Code]string{
	flow.SessionEnded:  problemExpired,
	flow.LimitReached:  "There were too many wrong answers. Please start again.",
	flow.DeviceRefused: "This browser is not known any more. Please start again.",
	flow.CodeExpired:   "That code is too old, or was used. Have another one sent.",
	flow.CodeNotSent:   "We could not send you a code. Try again in a while.",
	flow.FactorMissing: "That takes an authenticator app, or a verified address, which you have not set up. Or this service does not offer it.",
}

const (
	problemCredentials = "The user name or the password is not right."
	problemExpired     = "That took too long, or it was answered already. Please start again."
	problemLater       = "We could not reach the sign-in service. Try again in a moment."
	problemEnded       = "Your session has ended. Please sign in again."
	problemConfirmed   = "Your account is confirmed already, or has no address. Sign in instead."
)

// explain says what the user is told of an error, and with which status. The
// text is "" if the user can do nothing about the error.
func explain(err error) (text string, status int) {
	var e *flow.Error
	if !errors.As(err, &e) {
		e = &flow.Error{Err: err} // of an operation that package flow does not have
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

// blame is where a form shows a problem, the form as a whole unless there is a field, and a
// text in place of that of explain.
type blame struct{ field, text string }

type blames map[flow.Code]blame

// describe says what the user is told of an error of package flow or account, and with which
// status. It is not known if the user can do nothing about the error.
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

// sentence makes a sentence of a message: what package flow says of an answer
// begins like the end of an error's text.
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

// mayPass reports whether the tokens of the user are as good as before, although err says
// that there are none to be had now: see [flow.Driver.Refresh]. The user then stays signed
// in.
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
