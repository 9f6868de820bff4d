package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
)

// noAnswer begins the names of exceptions that say nothing about the question: about rights,
// credentials, load.
var noAnswer = []string{
	"AccessDenied", "ExpiredToken", "IncompleteSignature", "InternalError", "InternalFailure", "InternalServer", "InvalidClientToken",
	"InvalidSignature", "MissingAuthentication", "OptInRequired", "RequestExpired", "ServiceUnavailable", "SignatureDoesNotMatch",
	"Throttling", "TooManyRequests", "UnrecognizedClient",
}

// isFault says whether an error is no answer of the service to a question: the network, rights,
// credentials or load are the cause, or the pool is gone.
func isFault(err error) bool {
	var api smithy.APIError
	var driver *flow.Error
	switch {
	case errors.As(err, &api):
		code := api.ErrorCode()
		gone := code == "ResourceNotFoundException" && strings.Contains(api.ErrorMessage(), "ser pool")
		return gone || slices.ContainsFunc(noAnswer, func(name string) bool { return strings.HasPrefix(code, name) })
	case errors.As(err, new(finding)):
		return false
	case errors.As(err, &driver): // the driver may say of a reply that it makes no sense
		return driver.Code() != flow.UnexpectedReply
	}
	return true
}

// isLost says whether a request did not reach the service, or its reply did not come.
func isLost(err error) bool { return errors.As(err, new(*smithyhttp.RequestSendError)) }

// finding is an error that is an answer, in words of the kit.
type finding string

func (f finding) Error() string { return string(f) }

// describe says which exception an error is, without a secret. An error that is no answer fails
// the probe.
func (sc *Scene) describe(err error) string {
	var f finding
	var api smithy.APIError
	switch {
	case isFault(err):
		if sc.fault == nil {
			sc.fault = err
		}
		return "no answer"
	case errors.As(err, &f):
		return string(f)
	case errors.As(err, &api):
		name := strings.TrimSuffix(record.Word(api.ErrorCode()), "Exception")
		sc.doubted = sc.doubted || name == "CodeMismatch" && sc.typed
		if text := sc.recorder.Message(api.ErrorMessage()); text != conversation.NotRecorded {
			return fmt.Sprintf("%s %q", name, text)
		}
		return name
	}
	return "a reply that the driver does not understand"
}

// Tell says what is wrong in words that may be published. The texts of AWS have account IDs, names
// of roles and IDs of pools in them. The function message lets through what is none of these; nil lets
// through plain sentences.
func Tell(err error, message func(string) string) string {
	if message == nil {
		message = record.New(nil, nil).Message
	}
	var several interface{ Unwrap() []error }
	if errors.As(err, &several) {
		var all []string
		for _, one := range several.Unwrap() {
			if text := Tell(one, message); !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
		return strings.Join(all, "; ")
	}
	var there *NotDeletedError
	if errors.As(err, &there) {
		return there.Pool + " is still there: " + Tell(there.Err, message)
	}
	var operation *smithy.OperationError
	var api smithy.APIError
	var driver *flow.Error
	where := ""
	if errors.As(err, &operation) {
		where = record.Word(operation.OperationName) + ": "
	}
	switch {
	case errors.As(err, &api):
		text := where + record.Word(api.ErrorCode())
		if told := message(api.ErrorMessage()); told != conversation.NotRecorded {
			text += fmt.Sprintf(" %q", told)
		}
		return text
	case errors.Is(err, context.DeadlineExceeded):
		return where + "no reply in time"
	case errors.Is(err, context.Canceled):
		return where + "interrupted"
	case isLost(err):
		return where + "the service cannot be reached, or its reply was lost"
	case operation != nil:
		return where + "the SDK sent no request, or cannot read the reply; have the credentials expired?"
	case errors.As(err, &driver):
		return "an error of the driver, " + string(driver.Code())
	}
	return err.Error() // of the kit
}
