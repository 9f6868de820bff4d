package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Call is one call of an operation of the service. See [Driver.Call].
type Call struct {
	API     any     // the argument of New or NewAdmin
	App     App     // of the driver
	Options Options // of the driver and of this call

	sent  []secret.String
	means map[string]Code
	token *Tokens // they authorize the call
}

// Call calls an operation for which this package has no method. As in other methods, Options
// such as RequestTimeout apply, and errors are of type *[Error] with a code. The errors and
// the [Observer] show the name of the operation.
//
// The function do calls the operation. Pass on the context that do gets, and the options that
// [Call.Repeatable] or [Call.Once] returns. Give each secret that you send to [Call.Hide],
// because an error of the service may repeat the secret.
//
// Package account has the operations on accounts.
func (d *Driver) Call(ctx context.Context, operation string, do func(context.Context, *Call) error, optFns ...func(*Options)) (err error) {
	c := &Call{API: d.api, App: d.app, Options: d.options.with(optFns)}
	ctx, b := c.Options.begin(ctx, Operation{Kind: ServiceOperation, Name: operation})
	err = errNotReturned
	defer func() { b.end(Outcome{Err: err}) }()
	limited, cancel := c.Options.withDeadline(ctx)
	defer cancel()
	called := do(limited, c)
	d.clock.observe(nil, called, c.Options.Now())
	return c.failed(ctx, operation, called, d.clock.adjust(c.Options.Now()))
}

// failed makes the error of the call, and returns nil for nil. The time now is by the
// service's clock.
func (c *Call) failed(ctx context.Context, operation string, err error, now time.Time) error {
	if _, own := err.(*Error); own || err == nil { // of Refuse
		return err
	}
	refused := newOperationError(operation, err, c.sent)
	switch name := errorCode(err); {
	case ctx.Err() != nil && (refused.code == NetworkFault || refused.code == SecretUnavailable):
		refused.code = Canceled
	case name == "NotAuthorizedException" && c.token.accessExpired(now, c.Options.Now()):
		refused.code = TokenRefused
	case c.means[name] != "":
		refused.code = c.means[name]
	}
	return refused
}

// APIOf returns the API of the driver as an interface with the operations that a call
// needs. APIOf fails if the API does not have these operations.
func APIOf[T any](c *Call) (T, error) {
	api, ok := c.API.(T)
	if !ok {
		return api, &localError{fmt.Sprintf("%T does not have this operation", c.API)}
	}
	return api, nil
}

// Refuse returns the error of an input that is not sent. The function do returns that error.
// The text names the parameter and its flaw, and does not have the input itself. The message is
// for the user, as in [Error.Message]: "" if the input is not the user's. The code is mostly one
// with the remedy [CorrectInput].
func (c *Call) Refuse(code Code, message, text string) error {
	return &Error{Err: errors.New(text), code: code, message: message, sent: c.sent}
}

// Means sets the code of an exception of the service, such as NotAuthorizedException, in
// reply to this operation. The other exceptions keep their usual codes.
func (c *Call) Means(exception string, code Code) {
	if c.means == nil {
		c.means = map[string]Code{}
	}
	c.means[exception] = code
}

// AccessToken returns the access token of t for an operation that needs one, and hides the
// token. If the token has expired, NotAuthorizedException has the code [TokenRefused] and not
// the code of Means. If the user does not exist any more, the code is TokenRefused too.
// AccessToken fails if t has no access token.
func (c *Call) AccessToken(t *Tokens) (*string, error) {
	if t == nil || t.AccessToken.IsZero() {
		return nil, c.Refuse(TokenRefused, "", "there is no access token: sign in")
	}
	c.Hide(t.AccessToken)
	c.Means("UserNotFoundException", TokenRefused)
	c.token = t
	return aws.String(t.AccessToken.Reveal()), nil
}

// Hide keeps secrets out of the text of the error of the call.
func (c *Call) Hide(secrets ...secret.String) { c.sent = append(c.sent, secrets...) }

// ClientSecret returns the client secret, and hides it. The secret is empty for an app client
// without a secret. ClientSecret fails if Options.ClientSecret fails.
func (c *Call) ClientSecret(ctx context.Context) (secret.String, error) {
	s, err := c.Options.clientSecret(ctx, c.App)
	c.Hide(s)
	return s, err
}

// SecretHash returns the SECRET_HASH of a user of the app client, in base64. The hash is nil
// for an app client without a secret. SecretHash fails if Options.ClientSecret fails.
func (c *Call) SecretHash(ctx context.Context, username string) (*string, error) {
	s, err := c.ClientSecret(ctx)
	if err != nil {
		return nil, err
	}
	hash := c.App.secretHash(username, s)
	c.Hide(secret.New(hash))
	return optional(hash), nil
}

// Repeatable returns the options of the SDK client for an operation that can be
// repeated. After a lost reply the SDK client sends the request again.
func (c *Call) Repeatable() []func(*cip.Options) { return c.Options.operationOptions() }

// Once returns the options of the SDK client for an operation that must not be repeated. Such
// an operation sends a message, uses up a code or a session, or changes a password. The SDK
// client sends the request again only if the service has not acted on the request.
func (c *Call) Once() []func(*cip.Options) { return c.Options.onceOptions() }
