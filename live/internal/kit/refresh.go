package kit

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// refreshQuestions are about refresh tokens under rotation.
func refreshQuestions() []Probe {
	return []Probe{
		{
			Name: "refresh-rotated-out", Title: "a refresh token that was rotated out", Row: "a refresh token that was rotated out", Users: 1,
			setting: withRotation, ask: rotatedOut,
		},
		{
			Name: "grace-rotated-out", Title: "a refresh token that was rotated out, within a grace period of 10 seconds and after the period",
			Row: "a refresh token that was rotated out", Users: 1, ask: rotatedOut,
			setting: func(c *cognitotest.PoolConfig) {
				withRotation(c)
				c.Clients[0].RetryGraceSeconds = 10
			},
		},
		{
			Name: "refresh-by-flow-under-rotation", Title: "REFRESH_TOKEN_AUTH under rotation", Row: "REFRESH_TOKEN_AUTH under rotation",
			Users: 1, setting: withRotation,
			ask: refreshUnderRotation,
		},
	}
}

// rotatedOut uses a refresh token again after its rotation. If the app client has a grace period,
// rotatedOut uses the token within the period and after the period.
func rotatedOut(ctx context.Context, sc *Scene) (string, error) {
	grace := time.Duration(sc.setting.Clients[0].RetryGraceSeconds) * time.Second
	if grace > 0 {
		sc.unrecordable("a replay knows the last two refresh tokens")
	}
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	renewed, told := sc.rotate(ctx, t.RefreshToken)
	if renewed == nil {
		return "the first refresh: " + told, ctx.Err()
	}
	_, old := sc.rotate(ctx, t.RefreshToken)
	answers := []string{"the old token: " + old}
	if grace > 0 {
		if err := sc.pause(ctx, grace+5*time.Second); err != nil { // the service may count whole seconds
			return "", err
		}
		_, late := sc.rotate(ctx, t.RefreshToken)
		answers = append(answers, "the old token after the grace period: "+late)
	}
	_, next := sc.rotate(ctx, renewed)
	return joined(append(answers, "the new token afterwards: "+next)...), ctx.Err()
}

// rotate calls GetTokensFromRefreshToken. The results are the new refresh token, if there is one,
// and a text about the reply.
func (sc *Scene) rotate(ctx context.Context, token *string) (*string, string) {
	out, err := sc.api.GetTokensFromRefreshToken(ctx, &cip.GetTokensFromRefreshTokenInput{ClientId: &sc.clientID, RefreshToken: token})
	switch {
	case err != nil:
		return nil, sc.describe(err)
	case out.AuthenticationResult == nil:
		return nil, "no tokens"
	case out.AuthenticationResult.RefreshToken == nil:
		return nil, "tokens without a refresh token"
	}
	return out.AuthenticationResult.RefreshToken, "tokens"
}

// refreshUnderRotation refreshes by REFRESH_TOKEN_AUTH with an app client that has rotation alone. Then
// refreshUnderRotation adds the flow to the app client, if the service allows that, and refreshes again.
func refreshUnderRotation(ctx context.Context, sc *Scene) (string, error) {
	// A replay starts with the last state of the app client.
	alone, err := sc.aside().refreshNew(ctx)
	if err != nil {
		return "", err
	}
	told := "with rotation alone: " + alone
	flows := append(slices.Clone(sc.setting.Clients[0].AuthFlows), "ALLOW_REFRESH_TOKEN_AUTH")
	in := &cip.UpdateUserPoolClientInput{
		UserPoolId: &sc.poolID, ClientId: &sc.clientID,
		RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled},
	}
	for _, f := range flows {
		in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsType(f))
	}
	if _, err := sc.stage.UpdateUserPoolClient(ctx, in); err != nil {
		return joined(told, "UpdateUserPoolClient allows no other way: "+sc.describe(err)), ctx.Err()
	}
	sc.setting.Clients[0].AuthFlows = flows
	both, err := sc.refreshNew(ctx)
	return joined(told, "with ALLOW_REFRESH_TOKEN_AUTH beside it: "+both), err
}

// refreshNew signs in by password and refreshes by REFRESH_TOKEN_AUTH. The text describes the reply.
func (sc *Scene) refreshNew(ctx context.Context) (string, error) {
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	return sc.tokensByFlow(ctx, t.RefreshToken), ctx.Err()
}

// tokensByFlow returns the outcome of a refresh by REFRESH_TOKEN_AUTH.
func (sc *Scene) tokensByFlow(ctx context.Context, token *string) string {
	out, err := sc.refreshByFlow(ctx, token)
	if err != nil {
		return sc.describe(err)
	}
	return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName)
}

func (sc *Scene) refreshByFlow(ctx context.Context, token *string) (*cip.InitiateAuthOutput, error) {
	return sc.api.InitiateAuth(ctx, &cip.InitiateAuthInput{
		ClientId: &sc.clientID, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": aws.ToString(token)},
	})
}
