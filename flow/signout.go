package flow

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// SignOut revokes the refresh token of t, and with it all access tokens that
// came of it (RevokeToken). The service refuses them from then on; a server
// that verifies tokens by itself takes them until they expire.
//
// What is kept of the tokens is the caller's to delete, whatever SignOut
// returns; [TokenSource.SignOut] does both. App clients without token
// revocation have nothing to revoke, and SignOut does nothing. The device stays
// remembered: see [DeviceList.Forget].
func (d *Driver) SignOut(ctx context.Context, t *Tokens, optFns ...func(*Options)) error {
	if t == nil || t.RefreshToken.IsZero() {
		return nil
	}
	if c := readClaims(t.AccessToken); c.text("sub") != "" && c.text("origin_jti") == "" {
		return nil // such tokens are of an app client without revocation
	}
	err := d.Call(ctx, "RevokeToken", func(ctx context.Context, c *Call) error {
		api, err := APIOf[TokenAPI](c)
		if err != nil {
			return err
		}
		c.Hide(t.RefreshToken)
		clientSecret, err := c.ClientSecret(ctx)
		if err != nil {
			return err
		}
		_, err = api.RevokeToken(ctx, &cip.RevokeTokenInput{
			Token:        aws.String(t.RefreshToken.Reveal()),
			ClientId:     aws.String(d.app.ClientID),
			ClientSecret: optional(clientSecret.Reveal()),
		}, c.Repeatable()...)
		return err
	}, optFns...)
	var without *types.UnsupportedOperationException
	if errors.As(err, &without) {
		return nil
	}
	return err
}

// GlobalSignOut signs the user out everywhere: all of the user's access and
// refresh tokens, of every app client, are revoked. The access token in t must
// not have expired. Tokens that are revoked already are no error: a token of
// this pool that has not expired and may sign out is refused for nothing else, or
// because the user is disabled. A [TokenSource]
// does not notice: end it with its SignOut.
func (d *Driver) GlobalSignOut(ctx context.Context, t *Tokens, optFns ...func(*Options)) error {
	err := d.Call(ctx, "GlobalSignOut", func(ctx context.Context, c *Call) error {
		api, err := APIOf[TokenAPI](c)
		if err != nil {
			return err
		}
		access, err := c.AccessToken(t)
		if err != nil {
			return err
		}
		_, err = api.GlobalSignOut(ctx, &cip.GlobalSignOutInput{AccessToken: access}, c.Repeatable()...)
		return err
	}, optFns...)
	if t == nil || !errors.Is(err, TokenRefused) {
		return err
	}
	if c := readClaims(t.AccessToken); c.seconds("exp") > float64(d.Now().Unix()) &&
		slices.Contains(strings.Fields(c.text("scope")), "aws.cognito.signin.user.admin") && strings.HasSuffix(c.text("iss"), "/"+d.app.UserPoolID) {
		return nil // nothing else is wrong with the token than that it was revoked before
	}
	return err
}

// AdminGlobalSignOut is [Driver.GlobalSignOut] for any user, by name, with AWS
// credentials (AdminUserGlobalSignOut). The driver's API must have that
// operation, as the SDK client does.
func (d *Driver) AdminGlobalSignOut(ctx context.Context, username string, optFns ...func(*Options)) error {
	return d.Call(ctx, "AdminUserGlobalSignOut", func(ctx context.Context, c *Call) error {
		api, err := APIOf[interface {
			AdminUserGlobalSignOut(context.Context, *cip.AdminUserGlobalSignOutInput, ...func(*cip.Options)) (*cip.AdminUserGlobalSignOutOutput, error)
		}](c)
		if err != nil {
			return err
		}
		_, err = api.AdminUserGlobalSignOut(ctx, &cip.AdminUserGlobalSignOutInput{
			UserPoolId: aws.String(d.app.UserPoolID), Username: aws.String(username),
		}, c.Repeatable()...)
		return err
	}, optFns...)
}
