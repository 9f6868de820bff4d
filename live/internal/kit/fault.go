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

// noAnswer has the beginnings of exceptions about rights, credentials and load. Such an exception is no
// answer to a question.
var noAnswer = []string{
	"AccessDenied", "ExpiredToken", "IncompleteSignature", "InternalError", "InternalFailure", "InternalServer", "InvalidClientToken",
	"InvalidSignature", "MissingAuthentication", "OptInRequired", "RequestExpired", "ServiceUnavailable", "SignatureDoesNotMatch",
	"Throttling", "TooManyRequests", "UnrecognizedClient",
}

// isFault reports whether an error is no answer to a question. The cause is the network, rights,
// credentials or load, or the pool does not exist any more.
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
	case errors.As(err, &driver): // the driver can refuse a reply
		return driver.Code() != flow.UnexpectedReply
	}
	return true
}

// isLost reports whether the network lost a request or its reply.
func isLost(err error) bool { return errors.As(err, new(*smithyhttp.RequestSendError)) }

// finding is an error that is an answer, with a text of the kit.
type finding string

func (f finding) Error() string { return string(f) }

// describe returns the name of an exception without secrets. An error that is no answer makes the
// probe fail.
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

// Tell returns a text about an error that the user may publish. Texts of AWS can have account IDs,
// names of roles and IDs of pools. The function message returns a text without them, or refuses the
// text. A nil message allows plain sentences.
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
		return there.Pool + " still exists: " + Tell(there.Err, message)
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
		return where + "the SDK sent no request, or cannot read the reply (have the credentials expired?)"
	case errors.As(err, &driver):
		return "an error of the driver, " + string(driver.Code())
	}
	return err.Error() // an error of the kit
}
