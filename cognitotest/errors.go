package cognitotest

import (
	"fmt"
	"net/http"
)

// apiError is an exception of the service.
type apiError struct {
	name    string
	message string
	status  int // overrides the table; set by faults only
}

func (e *apiError) Error() string { return e.name + ": " + e.message }

func exception(name, format string, args ...any) error {
	return &apiError{name: name, message: fmt.Sprintf(format, args...)}
}

func notAuthorized(format string, args ...any) error {
	return exception("NotAuthorizedException", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return exception("InvalidParameterException", format, args...)
}

func missingParameter(name string) error {
	return invalidParameter("Missing required parameter %s", name)
}

// These are answered from several places and must not tell them apart.
func wrongCredentials() error { return notAuthorized("Incorrect username or password.") }
func invalidSession() error   { return notAuthorized("Invalid session for the user.") }
func sessionExpired() error {
	return notAuthorized("Invalid session for the user, session is expired.")
}

// serverStatus holds the exceptions that are not client errors.
var serverStatus = map[string]int{
	"InternalErrorException":      http.StatusInternalServerError,
	"InternalFailure":             http.StatusInternalServerError,
	"ServiceUnavailableException": http.StatusServiceUnavailable,
}

// modelStatus holds the client errors to which the API model gives a status
// other than 400.
var modelStatus = map[string]int{
	"ForbiddenException":        http.StatusForbidden,
	"NotAuthorizedException":    http.StatusForbidden,
	"ResourceNotFoundException": http.StatusNotFound,
	"TooManyRequestsException":  http.StatusTooManyRequests,
	"UnauthorizedException":     http.StatusUnauthorized,
	"UserNotFoundException":     http.StatusNotFound,
}

func (e *apiError) httpStatus(useModel bool) int {
	if e.status != 0 {
		return e.status
	}
	if status, ok := serverStatus[e.name]; ok {
		return status
	}
	if status, ok := modelStatus[e.name]; ok && useModel {
		return status
	}
	return http.StatusBadRequest
}
