package flow

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/pages"
)

// fault is the failure of a request, with the facts that decide how the sign-in goes on.
type fault struct {
	request   request // as it was sent, or would have been sent
	operation string  // "" if nothing was sent
	err       error

	local     bool // refused here, before anything was sent
	badAnswer bool // the answer cannot be sent
	limit     bool // a limit of the sign-in
	canceled  bool // the caller's context has ended
	own       bool // an error of the caller's own handler
}

// localFault is the fault of an answer that could not be made.
func localFault(r request, err error) *fault {
	return &fault{request: r, err: err, local: true, canceled: errors.As(err, new(*noRoomError))}
}

// errEmptyReply is the error of a reply with which a sign-in cannot go on.
var errEmptyReply = errors.New("the response has neither tokens nor a challenge")

var errNoAccessToken = errors.New("the authentication result has no access token")

// localError is a mistake in the configuration of the program.
type localError struct{ what string }

func (e *localError) Error() string { return e.what }

// check refuses a reply with which the sign-in cannot go on.
func (r *reply) check() error {
	size := len(r.challenge) + len(r.session)
	for name, value := range r.params {
		size += len(name) + len(value)
	}
	for _, name := range r.available {
		size += len(name)
	}
	switch {
	case size > maxReply, len(r.session) > maxSession:
		return errReplyTooLong
	case r.tokens != nil && aws.ToString(r.tokens.AccessToken) == "":
		return errNoAccessToken
	case r.tokens == nil && r.challenge == "" && r.totpSecret.IsZero() && !r.verified:
		return errEmptyReply
	}
	return nil
}

// unsent returns the request without what exchange added.
func (f *fault) unsent() request {
	r := f.request
	params := make(map[string]string, len(r.params))
	for name, value := range r.params {
		if name != "DEVICE_KEY" {
			params[name] = value
		}
	}
	r.params = params
	return r
}

// answerAgain reports whether the service keeps the session and waits for another answer, or
// the answer was not sent. The driver's own answer would be the same a second time.
func (f *fault) answerAgain(s state) bool {
	return !f.limit && !f.own && (f.badAnswer ||
		!f.local && f.request.by != ByDriver && f.request.challenge == s.ask.Name && s.ask.CanAnswerAgain(f.err))
}

// isMisfit reports whether the program has made the wrong kind of answer.
func (f *fault) isMisfit() bool {
	var flaw *challenge.AnswerError
	return f.badAnswer && errors.As(f.err, &flaw) && flaw.Misfit
}

// isLost reports whether the service may have acted on the request although no
// usable reply came.
func (f *fault) isLost() bool {
	return !f.local && !isThrottle(f.err) && !isUnsent(f.err) && !isNotMade(f.err) && !isUntrusted(f.err) && !isNotImplemented(f.err) &&
		(isServerFault(f.err) || isNetworkFault(f.err) || isBrokenReply(f.err))
}

// isTransient reports whether the same request may succeed later.
func (f *fault) isTransient() bool {
	return !f.limit && (f.canceled || isThrottle(f.err) || isUnsent(f.err) || isSecretUnavailable(f.err) || f.isLost())
}

// errorCode returns the code of an error of the service, "" for others.
func errorCode(err error) string {
	var coded interface{ ErrorCode() string }
	if !errors.As(err, &coded) || coded.ErrorCode() == noErrorCode {
		return ""
	}
	return coded.ErrorCode()
}

// noErrorCode is the SDK's name for an error response that has no name, such as
// that of a proxy.
const noErrorCode = "UnknownError"

// hasCode reports whether an error of the service has a name. The Go type does not matter.
func hasCode(err error, name string) bool { return errorCode(err) == name }

func isNotFound(err error) bool { return hasCode(err, "ResourceNotFoundException") }

var throttled = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

// isThrottle reports whether the service refused a request because it gets too many.
func isThrottle(err error) bool {
	return throttled.IsErrorThrottle(err) == aws.TrueTernary || hasCode(err, "LimitExceededException") || status(err) == http.StatusTooManyRequests
}

// isUnsent reports whether a request did not leave this machine.
func isUnsent(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && (dial.Op == "dial" || dial.Op == "proxyconnect") && !isNotMade(err)
}

// isServerFault reports whether the service, or something in front of it, could
// not answer.
func isServerFault(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorFault() == smithy.FaultServer || status(err) >= http.StatusInternalServerError ||
		hasCode(err, "InternalErrorException") || hasCode(err, "ConcurrentModificationException")
}

// isNetworkFault reports whether the connection failed.
func isNetworkFault(err error) bool {
	var network net.Error
	var transport *url.Error
	return errors.As(err, &network) || errors.As(err, &transport) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed)
}

// isBrokenReply reports whether a response came that cannot be read.
func isBrokenReply(err error) bool {
	var broken *smithy.DeserializationError
	return errors.As(err, &broken) || errors.As(err, new(pages.TooMany)) || errors.Is(err, errEmptyReply) || errors.Is(err, errNoAccessToken) || errors.Is(err, errReplyTooLong)
}

// isNotImplemented reports whether the other end says that it does not have the operation.
// The service has all operations. Some emulators do not.
func isNotImplemented(err error) bool {
	if status(err) == http.StatusNotImplemented {
		return true
	}
	switch strings.TrimSuffix(errorCode(err), "Exception") {
	// AWS's own front ends use the first name. The emulators MiniStack, Floci and
	// cognito-local use the others.
	case "UnknownOperation", "InvalidAction", "Unsupported", "NotImplemented":
		return true
	}
	return hasCode(err, "UnsupportedOperation")
}

// isUnknownHost reports whether a name has no address.
func isUnknownHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// isUntrusted reports whether the other end's certificate was refused.
func isUntrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host)
}

// isNotMade reports whether the SDK client could not make the request: AWS
// credentials, the region or the endpoint are missing or wrong.
func isNotMade(err error) bool {
	var operation *smithy.OperationError
	var sending *smithyhttp.RequestSendError
	ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	return errors.As(err, &operation) && !errors.As(err, &sending) && !ended && status(err) == 0 &&
		errorCode(err) == "" && !isBrokenReply(err)
}

// status returns the HTTP status of a response that is an error, 0 if err has
// none.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil && response.Response.Response != nil {
		return response.HTTPStatusCode()
	}
	return 0
}
