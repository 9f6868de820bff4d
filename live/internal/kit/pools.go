package kit

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// poolQuestions are about the operations of pools and app clients. The kit does not record them,
// because a conversation is about a user.
func poolQuestions() []Probe {
	return []Probe{
		{
			Name: "pool-mfa-left-out", Title: "a member left out of SetUserPoolMfaConfig", Row: "a member left out of SetUserPoolMfaConfig", Users: 1,
			ask: mfaLeftOut,
		},
		{
			Name: "client-two-origins", Title: "CreateUserPoolClient with GenerateSecret and ClientSecret",
			Row: "GenerateSecret and ClientSecret together", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				_, err := sc.stage.CreateUserPoolClient(ctx, &cip.CreateUserPoolClientInput{
					UserPoolId: &sc.poolID, ClientName: aws.String(Prefix + sc.Run), GenerateSecret: true, ClientSecret: aws.String(lowercase(40)),
				})
				return sc.exceptionOr(err, "accepted"), ctx.Err()
			},
		},
		{
			Name: "client-third-secret", Title: "AddUserPoolClientSecret twice",
			Row: "a third client secret", Users: 1, setting: withSecret, ask: thirdSecret,
		},
		{
			Name: "client-secret-shown", Title: "ClientSecret of an app client with two secrets",
			Row: "ClientSecret of an app client with two", Users: 1, setting: withSecret, ask: secretShown,
		},
		{
			Name: "client-public-secret", Title: "AddUserPoolClientSecret of a public app client",
			Row: "a client secret of a public app client", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.exceptionOr(sc.addSecret(ctx), "accepted"), ctx.Err()
			},
		},
		{
			Name: "client-last-secret", Title: "DeleteUserPoolClientSecret of the last secret", Row: "the last client secret", Users: 1,
			setting: withSecret, ask: lastSecret,
		},
		{
			Name: "client-rotation-and-flow", Title: "an app client with rotation and ALLOW_REFRESH_TOKEN_AUTH", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				_, err := sc.stage.CreateUserPoolClient(ctx, &cip.CreateUserPoolClientInput{
					UserPoolId: &sc.poolID, ClientName: aws.String(Prefix + sc.Run),
					ExplicitAuthFlows:    []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
					RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled},
				})
				return sc.exceptionOr(err, "accepted"), ctx.Err()
			},
		},
	}
}

func mfaLeftOut(ctx context.Context, sc *Scene) (string, error) {
	in := &cip.SetUserPoolMfaConfigInput{
		UserPoolId: &sc.poolID, MfaConfiguration: types.UserPoolMfaTypeOptional,
		SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
	}
	if _, err := sc.stage.SetUserPoolMfaConfig(ctx, in); err != nil {
		return "", err
	}
	in.SoftwareTokenMfaConfiguration = nil
	if _, err := sc.stage.SetUserPoolMfaConfig(ctx, in); err != nil {
		return sc.describe(err), ctx.Err()
	}
	out, err := sc.stage.GetUserPoolMfaConfig(ctx, &cip.GetUserPoolMfaConfigInput{UserPoolId: &sc.poolID})
	if err != nil {
		return "", err
	}
	kept := out.SoftwareTokenMfaConfiguration != nil && out.SoftwareTokenMfaConfiguration.Enabled
	return fmt.Sprintf("%s; apps are still allowed: %s", out.MfaConfiguration, yes(kept)), nil
}

func (sc *Scene) addSecret(ctx context.Context) error {
	// LimitExceededException is an answer here, so the SDK must not repeat the request.
	_, err := sc.stage.AddUserPoolClientSecret(ctx, &cip.AddUserPoolClientSecretInput{UserPoolId: &sc.poolID, ClientId: &sc.clientID},
		func(o *cip.Options) { o.Retryer = aws.NopRetryer{} })
	return err
}

func thirdSecret(ctx context.Context, sc *Scene) (string, error) {
	second := sc.exceptionOr(sc.addSecret(ctx), "accepted")
	third := sc.exceptionOr(sc.addSecret(ctx), "accepted")
	return joined("the second: "+second, "the third: "+third), ctx.Err()
}

func secretShown(ctx context.Context, sc *Scene) (string, error) {
	if err := sc.addSecret(ctx); err != nil {
		return "AddUserPoolClientSecret: " + sc.describe(err), ctx.Err()
	}
	out, err := sc.stage.DescribeUserPoolClient(ctx, &cip.DescribeUserPoolClientInput{UserPoolId: &sc.poolID, ClientId: &sc.clientID})
	if err != nil {
		return "", err
	}
	switch aws.ToString(out.UserPoolClient.ClientSecret) {
	case "":
		return "none", nil
	case sc.clientSecret:
		return "the older one", nil
	}
	return "another one", nil
}

// secretID is the form of the ID of a client secret: the ID of the app client, two hyphens and a time.
var secretID = regexp.MustCompile(`^[\w+]+--\d+$`)

func lastSecret(ctx context.Context, sc *Scene) (string, error) {
	list, err := sc.stage.ListUserPoolClientSecrets(ctx, &cip.ListUserPoolClientSecretsInput{UserPoolId: &sc.poolID, ClientId: &sc.clientID})
	if err != nil {
		return "ListUserPoolClientSecrets: " + sc.describe(err), ctx.Err()
	}
	if len(list.ClientSecrets) != 1 {
		return fmt.Sprintf("%d secrets are listed", len(list.ClientSecrets)), nil
	}
	id := aws.ToString(list.ClientSecrets[0].ClientSecretId)
	_, err = sc.stage.DeleteUserPoolClientSecret(ctx, &cip.DeleteUserPoolClientSecretInput{
		UserPoolId: &sc.poolID, ClientId: &sc.clientID, ClientSecretId: &id,
	})
	return joined("the ID has the form of the guide: "+yes(secretID.MatchString(id)), sc.exceptionOr(err, "accepted")), ctx.Err()
}
