package account

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/typed"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Client has the operations of users on their accounts. A Client is safe for concurrent
// use.
type Client struct{ driver *flow.Driver }

// For returns a Client with the API, the App, the Options and the clock of a driver. The
// SDK client has all operations. If another API does not have an operation, the method
// fails with code [flow.Misconfigured].
//
// The methods of Client send ClientMetadata, UserContextData and AnalyticsMetadata of the
// Options. The service does not accept these in the operations of [User].
func For(d *flow.Driver) *Client { return &Client{d} }

// errNoDriver is the error of a Client that For did not make, and of a User that Client.User
// did not make.
var errNoDriver = errors.New("account: there is no driver: give account.For a driver of flow.New")

// call calls an operation of the driver's API.
func (c *Client) call(ctx context.Context, operation string, do func(context.Context, *flow.Call) error, optFns []func(*flow.Options)) error {
	if c == nil || c.driver == nil {
		return errNoDriver
	}
	return c.driver.Call(ctx, operation, do, optFns...)
}

// byName is a call of an operation for a user who is not signed in, with the parameters of
// all such operations.
type byName struct {
	*flow.Call
	clientID, username, hash *string
}

// byName calls an operation for a user who is not signed in. parameter is the name of the
// user name in errors.
func (c *Client) byName(ctx context.Context, operation, parameter, username string, do func(context.Context, byName) error, optFns []func(*flow.Options)) error {
	return c.call(ctx, operation, func(ctx context.Context, call *flow.Call) error {
		if username == "" {
			return call.Refuse(flow.InputRefused, "the user name is empty", parameter+" is empty")
		}
		if flaw := typed.NameFlaw(username); flaw != "" {
			return call.Refuse(flow.InputRefused, "the user name "+flaw, parameter+" "+flaw)
		}
		hash, err := call.SecretHash(ctx, username)
		if err != nil {
			return err
		}
		call.Means(notAuthorized, flow.NotAllowed)
		return do(ctx, byName{call, aws.String(call.App.ClientID), &username, hash})
	}, optFns)
}

const (
	notAuthorized    = "NotAuthorizedException"
	invalidParameter = "InvalidParameterException"
	limitExceeded    = "LimitExceededException"
)

// isError tells an error of the service by its name.
func isError(err error, name string) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && refused.ErrorCode() == name
}

// maxCode is the most characters of a code, in the service model.
const maxCode = 2048

// codeOf returns the code that a user typed, without white space.
func codeOf(call *flow.Call, given string) (*string, error) {
	code, err := typed.Code(given)
	if err == nil && len(code) > maxCode {
		err = errors.New("the code is too long")
	}
	if err != nil {
		return nil, call.Refuse(flow.WrongCode, err.Error(), err.Error())
	}
	call.Hide(secret.New(code))
	return &code, nil
}

// newPassword returns the new password of a user. parameter is the name of the password in
// errors.
func newPassword(call *flow.Call, parameter string, given secret.String) (*string, error) {
	call.Hide(given)
	flaw := "is empty"
	if !given.IsZero() {
		flaw = typed.PasswordFlaw(given.Reveal())
	}
	if flaw != "" {
		return nil, call.Refuse(flow.PasswordRefused, "the password "+flaw, parameter+" "+flaw)
	}
	return aws.String(given.Reveal()), nil
}

// optional returns nil for an empty text: the service refuses empty members.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
