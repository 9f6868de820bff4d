package main

import (
	"errors"
	"net/http"

	"github.com/aws/smithy-go"

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

const (
	problemCredentials = "The user name or the password is not right."
	problemExpired     = "That took too long, or it was answered already. Please sign in again."
	problemLater       = "We could not reach the sign-in service. Try again in a moment."
)

// explain says what the user is told of an error, and with which status.
func explain(err error) (text string, status int) {
	var api smithy.APIError
	errors.As(err, &api)
	switch text, known := problems[code(err)]; {
	case known && text == "":
		return api.ErrorMessage(), http.StatusUnprocessableEntity
	case known:
		return text, http.StatusUnprocessableEntity
	}
	switch remedy(err) {
	case flow.CheckCredentials:
		return problemCredentials, http.StatusUnprocessableEntity
	case flow.StartAgain:
		return problemExpired, http.StatusUnprocessableEntity
	case flow.TryLater:
		return problemLater, http.StatusServiceUnavailable
	case flow.AnswerPrompt: // refused before it was sent
		return "That answer is not complete.", http.StatusUnprocessableEntity
	}
	return "", http.StatusBadGateway
}

func remedy(err error) flow.Remedy {
	var e *flow.Error
	if errors.As(err, &e) {
		return e.Remedy()
	}
	return ""
}

// code is the name of the service's error, "" if err is none of its.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
