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

// SignOut revokes the refresh token of t, and all access tokens that came from that refresh
// token (RevokeToken). The service then refuses these tokens. A server that verifies tokens
// itself accepts the access tokens until they expire.
//
// Delete the tokens that you have kept, also if SignOut fails. [TokenSource.SignOut] does
// both. If the app client has no token revocation, SignOut does nothing. The device stays
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

// GlobalSignOut revokes all access tokens and refresh tokens of the user, of each app client.
// The access token in t must not have expired. A [TokenSource] does not notice GlobalSignOut:
// call [TokenSource.SignOut] too.
//
// If the tokens are revoked already, GlobalSignOut returns nil. A disabled user looks the same,
// so the result is nil too.
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
		return nil // the token was revoked before, or the user is disabled
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
