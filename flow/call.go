package flow

import (
	"context"
	"fmt"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// Call is one call of an operation of the service. See [Driver.Call].
type Call struct {
	API     any     // what New or NewAdmin was given
	App     App     // of the driver
	Options Options // of the driver and of this call

	sent []secret.String
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
//	err := driver.Call(ctx, "GetUser", func(ctx context.Context, c *flow.Call) (err error) {
//		c.Hide(tokens.AccessToken)
//		out, err = api.GetUser(ctx, &cognitoidentityprovider.GetUserInput{
//			AccessToken: aws.String(tokens.AccessToken.Reveal()),
//		}, c.Repeatable()...)
//		return err
//	})
//
// Package account has the operations on accounts.
func (d *Driver) Call(ctx context.Context, operation string, do func(context.Context, *Call) error, optFns ...func(*Options)) error {
	c := &Call{API: d.api, App: d.app, Options: d.options.with(optFns)}
	ctx, cancel := c.Options.withDeadline(ctx)
	defer cancel()
	return operationError(operation, do(ctx, c), c.sent...)
}

// Operations returns the API of the driver as an interface with the operations that a
// call needs. The error says that the API does not have them.
func Operations[T any](c *Call) (T, error) {
	api, ok := c.API.(T)
	if !ok {
		return api, &localError{fmt.Sprintf("%T does not have this operation", c.API)}
	}
	return api, nil
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
	if err != nil || s.IsZero() {
		return nil, err
	}
	hash := secrethash.Compute(username, c.App.ClientID, s.Reveal())
	c.Hide(secret.New(hash))
	return &hash, nil
}

// Repeatable returns the options of the SDK client for an operation that can be
// repeated. After a lost reply the SDK client sends the request again.
func (c *Call) Repeatable() []func(*cip.Options) { return c.Options.operationOptions() }

// Once returns the options of the SDK client for an operation that uses up a code or a
// session, or that sends a message. The SDK client sends the request again only if the
// service has not acted on the request.
func (c *Call) Once() []func(*cip.Options) {
	return append(c.Options.operationOptions(), retryUnprocessed)
}
