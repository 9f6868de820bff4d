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
	API     any     // what New or NewAdmin was given
	App     App     // of the driver
	Options Options // of the driver and of this call

	sent  []secret.String
	means map[string]Code
	token *Tokens // that authorize the call
}

// Call calls an operation that this package has no method for, and adds what the
// methods of a Driver have in common: Options with RequestTimeout, the SECRET_HASH, and
// errors of type *[Error] with a code. The name of the operation is for errors.
//
// The function do calls the operation, with the context that it is given, and with the
// options that [Call.Repeatable] or [Call.Once] returns. It gives [Call.Hide] the
// secrets that it sends, because an error of the service may repeat them.
//
//	var out *cognitoidentityprovider.GetUserOutput
//	err := driver.Call(ctx, "GetUser", func(ctx context.Context, c *flow.Call) error {
//		token, err := c.AccessToken(tokens)
//		if err == nil {
//			out, err = api.GetUser(ctx, &cognitoidentityprovider.GetUserInput{AccessToken: token}, c.Repeatable()...)
//		}
//		return err
//	})
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

// failed makes the error of the call; nil stays nil. The time now is by the service's
// clock.
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
// needs. The error says that the API does not have them.
func APIOf[T any](c *Call) (T, error) {
	api, ok := c.API.(T)
	if !ok {
		return api, &localError{fmt.Sprintf("%T does not have this operation", c.API)}
	}
	return api, nil
}

// Refuse returns the error of an input that is not sent, for do to return. The text
// names the parameter and says what is wrong with it, without the input itself. The
// message is that of [Error.Message], in the words of the user: "" if the input is not
// the user's. The code is mostly one whose remedy is [CorrectInput].
func (c *Call) Refuse(code Code, message, text string) error {
	return &Error{Err: errors.New(text), code: code, message: message, sent: c.sent}
}

// Means sets the code that an exception of the service, such as NotAuthorizedException, has
// in reply to this operation. The other exceptions keep the codes that they have elsewhere.
func (c *Call) Means(exception string, code Code) {
	if c.means == nil {
		c.means = map[string]Code{}
	}
	c.means[exception] = code
}

// AccessToken returns the access token of t for an operation that needs one, and hides
// the token. If the token has expired, then NotAuthorizedException has the code
// [TokenRefused], whatever Means says. If the user does not exist any more, the code is the
// same. The error of AccessToken is that of tokens without an access token.
func (c *Call) AccessToken(t *Tokens) (*string, error) {
	if t == nil || t.AccessToken.IsZero() {
		return nil, c.Refuse(TokenRefused, "", "there is no access token; sign in")
	}
	c.Hide(t.AccessToken)
	c.Means("UserNotFoundException", TokenRefused)
	c.token = t
	return aws.String(t.AccessToken.Reveal()), nil
}

// Hide keeps secrets out of the text of the error of the call.
func (c *Call) Hide(secrets ...secret.String) { c.sent = append(c.sent, secrets...) }

// ClientSecret returns the secret of the app client, which is empty for an app client
// without one. The error is that of Options.ClientSecret.
func (c *Call) ClientSecret(ctx context.Context) (secret.String, error) {
	s, err := c.Options.clientSecret(ctx, c.App)
	c.Hide(s)
	return s, err
}

// SecretHash returns the SECRET_HASH of a user of the app client, in base64. It is nil
// for an app client without a secret. The error is that of Options.ClientSecret.
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

// Once returns the options of the SDK client for an operation that sends a message, or that
// the service would refuse the second time: it uses up a code or a session, or it changes
// a password. The SDK client sends the request again only if the service has not acted on
// the request.
func (c *Call) Once() []func(*cip.Options) { return c.Options.onceOptions() }
