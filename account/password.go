package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/typed"
	"github.com/cognitoflow/cognitoflow/secret"
)

// ForgotPassword makes the service send a code for ResetPassword (operation
// ForgotPassword). The result tells the medium and the destination of the code. Call
// ForgotPassword again for another code.
//
// [flow.UnknownUser]: no user has the name. Show the same page as after a success, so that
// strangers do not learn the names of users. [flow.NotAllowed]: the user is disabled, has a
// temporary password to sign in with, or has no verified address.
func (c *Client) ForgotPassword(ctx context.Context, username string, optFns ...func(*flow.Options)) (challenge.Delivery, error) {
	var sent challenge.Delivery
	err := c.byName(ctx, "ForgotPassword", "username", username, func(ctx context.Context, call byName) error {
		api, err := flow.APIOf[interface {
			ForgotPassword(context.Context, *cip.ForgotPasswordInput, ...func(*cip.Options)) (*cip.ForgotPasswordOutput, error)
		}](call.Call)
		if err != nil {
			return err
		}
		call.Means(invalidParameter, flow.NotAllowed)
		out, err := api.ForgotPassword(ctx, &cip.ForgotPasswordInput{
			ClientId: call.clientID, Username: call.username, SecretHash: call.hash,
			ClientMetadata: call.Options.ClientMetadata, UserContextData: call.Options.UserContextData, AnalyticsMetadata: call.Options.AnalyticsMetadata,
		}, call.Once()...)
		if err == nil {
			sent = deliveryOf(out.CodeDeliveryDetails)
		}
		return err
	}, optFns)
	return sent, err
}

// ResetPassword sets a new password with the code of ForgotPassword, or with the code of a
// reset by an administrator (ConfirmForgotPassword). White space in the code does not
// matter. ResetPassword does not sign the user in: sign in with the new password.
//
// After [flow.NetworkFault] the new password may be set: let the user try to sign in.
func (c *Client) ResetPassword(ctx context.Context, username, code string, password secret.String, optFns ...func(*flow.Options)) error {
	return c.byName(ctx, "ConfirmForgotPassword", "username", username, func(ctx context.Context, call byName) error {
		api, err := flow.APIOf[interface {
			ConfirmForgotPassword(context.Context, *cip.ConfirmForgotPasswordInput, ...func(*cip.Options)) (*cip.ConfirmForgotPasswordOutput, error)
		}](call.Call)
		if err != nil {
			return err
		}
		given, err := codeOf(call.Call, code)
		if err != nil {
			return err
		}
		proposed, err := newPassword(call.Call, "password", password)
		if err != nil {
			return err
		}
		_, err = api.ConfirmForgotPassword(ctx, &cip.ConfirmForgotPasswordInput{
			ClientId: call.clientID, Username: call.username, SecretHash: call.hash,
			ConfirmationCode: given, Password: proposed,
			ClientMetadata: call.Options.ClientMetadata, UserContextData: call.Options.UserContextData, AnalyticsMetadata: call.Options.AnalyticsMetadata,
		}, call.Once()...)
		return err
	}, optFns)
}

// ChangePassword sets a new password for the user (operation ChangePassword). For a user
// without a password, previous must be the zero secret.String. If previous is the secret of
// an empty text, such as an empty form field, ChangePassword fails.
//
// [flow.WrongCredentials]: previous is not the password, or the access token is revoked. The
// service has one exception for both. So a user who is sure of the password must sign in
// again. [flow.TokenRefused]: the token has expired. [flow.Throttled]: too many wrong
// passwords.
//
// After [flow.NetworkFault] the new password may be set. Do not repeat the call, and let the
// user try to sign in. The tokens stay valid.
func (u *User) ChangePassword(ctx context.Context, previous, proposed secret.String) error {
	return u.call(ctx, "ChangePassword", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[interface {
			ChangePassword(context.Context, *cip.ChangePasswordInput, ...func(*cip.Options)) (*cip.ChangePasswordOutput, error)
		}](call)
		if err != nil {
			return err
		}
		call.Hide(previous)
		var present *string
		switch flaw := typed.PasswordFlaw(previous.Reveal()); {
		case !previous.IsGiven():
		case previous.IsZero():
			return call.Refuse(flow.WrongCredentials, "the password is empty", "previous is empty: for a user without a password give the zero secret.String")
		case flaw != "":
			return call.Refuse(flow.WrongCredentials, "the password "+flaw, "previous "+flaw)
		default:
			present = aws.String(previous.Reveal())
		}
		wanted, err := newPassword(call, "proposed", proposed)
		if err != nil {
			return err
		}
		call.Means(notAuthorized, flow.WrongCredentials)
		_, err = api.ChangePassword(ctx, &cip.ChangePasswordInput{
			AccessToken: token, PreviousPassword: present, ProposedPassword: wanted,
		}, call.Once()...)
		return err
	})
}
