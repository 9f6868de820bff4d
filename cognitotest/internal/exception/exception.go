// Package exception has the exceptions of the service: their names, texts and
// HTTP status.
package exception

import (
	"fmt"
	"net/http"
	"strings"
)

// Error is an exception of the service.
type Error struct {
	Name    string
	Message string
	Status  int // of a fault, 0 for the usual status
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// New makes an exception. The name ends in "Exception".
func New(name, format string, args ...any) error {
	return &Error{Name: name, Message: fmt.Sprintf(format, args...)}
}

// NotAuthorized makes a NotAuthorizedException.
func NotAuthorized(format string, args ...any) error {
	return New("NotAuthorizedException", format, args...)
}

// InvalidParameter makes an InvalidParameterException.
func InvalidParameter(format string, args ...any) error {
	return New("InvalidParameterException", format, args...)
}

// MissingParameter is the InvalidParameterException for a missing parameter.
func MissingParameter(name string) error {
	return InvalidParameter("Missing required parameter %s", name)
}

// WrongCredentials is the same for several causes, so that a client cannot tell the cause.
func WrongCredentials() error { return NotAuthorized("Incorrect username or password.") }

// InvalidSession is the same for several causes, so that a client cannot tell the cause.
func InvalidSession() error { return NotAuthorized("Invalid session for the user.") }

// serverStatus has the exceptions that are no client errors.
var serverStatus = map[string]int{
	"InternalErrorException":      http.StatusInternalServerError,
	"InternalServerException":     http.StatusInternalServerError,
	"ServiceUnavailableException": http.StatusServiceUnavailable,
}

// IsName reports whether a name can be the name of an exception.
func IsName(name string) bool { return strings.HasSuffix(name, "Exception") }

// HTTPStatus is 400 for all client errors, also if the API model has another status.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	if status, ok := serverStatus[e.Name]; ok {
		return status
	}
	return http.StatusBadRequest
}
