package kit

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
	"github.com/cognitoflow/cognitoflow/secret"
)

// levelQuestions are about levels of authentication under USER_AUTH.
func levelQuestions() []Probe {
	return []Probe{
		{
			Name: "level-claims", Title: "the claims acr and amr without and with TARGET_ACR_VALUES", Row: "the claims acr and amr", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				without, err := sc.reach(ctx, nil)
				if err != nil {
					return "", err
				}
				with, err := sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level1})
				return fmt.Sprintf("without: %s; with: %s", without, with), err
			},
		},
		{
			Name: "level-met", Title: "a step-up to the level that the token has", Row: "a level that the token has, or a higher one", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.signedIn(ctx, types.AuthFlowTypeUserAuth, sc.preferred(map[string]string{"TARGET_ACR_VALUES": flow.Level1}))
				if err != nil {
					return "the first sign-in: " + sc.describe(err), ctx.Err()
				}
				return sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level1, "ACCESS_TOKEN": aws.ToString(t.AccessToken)})
			},
		},
		{
			Name: "level-below", Title: "a step-up to level 1 with a token of level 4", Row: "a level that the token has, or a higher one", Users: 1,
			setting: withApp,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.signedIn(ctx, types.AuthFlowTypeUserAuth, sc.preferred(map[string]string{"TARGET_ACR_VALUES": flow.Level4}))
				if err != nil {
					return "the first sign-in: " + sc.describe(err), ctx.Err()
				}
				below, err := sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level1, "ACCESS_TOKEN": aws.ToString(t.AccessToken)})
				return joined("the first sign-in: "+levelIn(t), "level 1: "+below), err
			},
		},
		{
			Name: "level-only-higher", Title: "level 3 for a user who can reach only level 4", Row: "a level that cannot be reached", Users: 1,
			setting: withApp,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level3})
			},
		},
		{
			Name: "level-unreachable", Title: "a level that the user cannot reach", Row: "a level that cannot be reached", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level4})
			},
		},
		{
			Name: "level-unknown", Title: "a level that the pool does not know", Row: "a level that the pool does not know", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				alone, err := sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": "urn:cognito:loa:9"})
				if err != nil {
					return "", err
				}
				first, err := sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": "urn:cognito:loa:9 " + flow.Level1})
				return fmt.Sprintf("alone: %s; before level 1: %s", alone, first), err
			},
		},
		{
			Name: "level-no-amr", Title: "a step-up from a token of another flow", Row: "a token without amr", Users: 1, setting: withApp,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				return sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level4, "ACCESS_TOKEN": aws.ToString(t.AccessToken)})
			},
		},
		{
			Name: "level-token-alone", Title: "ACCESS_TOKEN without TARGET_ACR_VALUES", Row: "ACCESS_TOKEN without TARGET_ACR_VALUES", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				return sc.reach(ctx, map[string]string{"ACCESS_TOKEN": aws.ToString(t.AccessToken)})
			},
		},
		{
			Name: "level-token-of-another", Title: "ACCESS_TOKEN of another user", Row: "ACCESS_TOKEN of another user", Users: 2,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				sc.unrecordable("a replay has one user")
				other, err := sc.newPerson(ctx, sc.setting.Users[0])
				if err != nil {
					return "", err
				}
				token, err := sc.accessToken(ctx, other)
				if err != nil {
					return "", err
				}
				return sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level1, "ACCESS_TOKEN": aws.ToString(token)})
			},
		},
		{
			Name: "level-token-not-valid", Title: "ACCESS_TOKEN that is not valid", Row: "ACCESS_TOKEN that is not valid", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				if err := sc.signOut(ctx, t.AccessToken); err != nil {
					return "GlobalSignOut: " + sc.describe(err), ctx.Err()
				}
				return sc.reach(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level1, "ACCESS_TOKEN": aws.ToString(t.AccessToken)})
			},
		},
	}
}

func (sc *Scene) signOut(ctx context.Context, token *string) error {
	_, err := sc.api.GlobalSignOut(ctx, &cip.GlobalSignOutInput{AccessToken: token})
	return err
}

// preferred adds the password as the preferred first factor.
func (sc *Scene) preferred(parameters map[string]string) map[string]string {
	all := map[string]string{"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": sc.user.password}
	for name, value := range parameters {
		all[name] = value
	}
	return all
}

// reach signs in by USER_AUTH with the password. The text is an exception, another challenge, or the
// claims about the level.
func (sc *Scene) reach(ctx context.Context, parameters map[string]string) (string, error) {
	return sc.reached(sc.start(ctx, types.AuthFlowTypeUserAuth, sc.preferred(parameters))), ctx.Err()
}

// reached returns the outcome of a sign-in for a level.
func (sc *Scene) reached(out *cip.InitiateAuthOutput, err error) string {
	switch {
	case err != nil:
		return sc.describe(err)
	case out.AuthenticationResult == nil:
		return record.Word(string(out.ChallengeName))
	}
	return levelIn(out.AuthenticationResult)
}

// levelIn returns the claims about the level in tokens.
func levelIn(result *types.AuthenticationResultType) string {
	tokens := &flow.Tokens{AccessToken: secret.New(aws.ToString(result.AccessToken))}
	var told struct {
		ACR string   `json:"acr"`
		AMR []string `json:"amr"`
	}
	if err := tokens.AccessClaims(&told); err != nil {
		return "tokens that cannot be read"
	}
	tokens.ACR, tokens.AMR = told.ACR, told.AMR
	return "tokens, " + claims(tokens)
}
