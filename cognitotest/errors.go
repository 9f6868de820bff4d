package cognitotest

import (
	"fmt"
	"net/http"
	"strings"
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

// serverStatus holds the exceptions that are not client errors.
var serverStatus = map[string]int{
	"InternalErrorException":      http.StatusInternalServerError,
	"InternalServerException":     http.StatusInternalServerError,
	"ServiceUnavailableException": http.StatusServiceUnavailable,
}

// isException says whether a name can be that of an exception: a misspelt one
// would be an error that no client knows.
func isException(name string) bool { return strings.HasSuffix(name, "Exception") }

// httpStatus is 400 for all client errors, whatever the API model says.
func (e *apiError) httpStatus() int {
	if e.status != 0 {
		return e.status
	}
	if status, ok := serverStatus[e.name]; ok {
		return status
	}
	return http.StatusBadRequest
}
