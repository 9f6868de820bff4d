package kit

import (
	"context"
	"fmt"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// passwordQuestions are about ChangePassword, and about sign-ins of a deleted user.
func passwordQuestions() []Probe {
	return []Probe{
		{
			Name: "previous-password", Title: "ChangePassword with a wrong previous password", Row: "a wrong previous password", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				wrong := newPassword()
				sc.recorder.Replace(wrong, "Made-Up-Passw0rd-3")
				return sc.changePassword(ctx, t.AccessToken, wrong)
			},
		},
		{
			Name: "tokens-after-password", Title: "the access token and the refresh token after ChangePassword", Row: "tokens after ChangePassword", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				changed, err := sc.changePassword(ctx, t.AccessToken, sc.user.password)
				if err != nil || changed != "done" {
					return changed, err
				}
				_, err = sc.stage.GetUser(ctx, &cip.GetUserInput{AccessToken: t.AccessToken}) // not recorded
				used := sc.exceptionOr(err, "done")
				return joined("the refresh: "+sc.tokensByFlow(ctx, t.RefreshToken), "GetUser: "+used), ctx.Err()
			},
		},
		{
			Name: "deleted-user", Title: "a refresh of a deleted user, and an answer of a deleted user",
			Row: "sessions and refresh tokens of a deleted user", Users: 2, ask: deletedUser,
		},
	}
}

func (sc *Scene) changePassword(ctx context.Context, token *string, previous string) (string, error) {
	_, err := sc.api.ChangePassword(ctx, &cip.ChangePasswordInput{AccessToken: token, PreviousPassword: &previous, ProposedPassword: &sc.next})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return "done", nil
}

// deletedUser deletes a user with a refresh token, and a user during NEW_PASSWORD_REQUIRED.
func deletedUser(ctx context.Context, sc *Scene) (string, error) {
	sc.unrecordable("the pool of a replay deletes no user")
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	other, err := sc.newPerson(ctx, cognitotest.UserConfig{TemporaryPassword: madeUpPassword})
	if err != nil {
		return "", err
	}
	asked, err := sc.start(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"USERNAME": other.name, "PASSWORD": other.password})
	if err != nil {
		return "the sign-in of the other user: " + sc.describe(err), ctx.Err()
	}
	for _, name := range []string{sc.user.name, other.name} {
		if _, err := sc.stage.AdminDeleteUser(ctx, &cip.AdminDeleteUserInput{UserPoolId: &sc.poolID, Username: &name}); err != nil {
			return "", err
		}
	}
	refreshed := sc.tokensByFlow(ctx, t.RefreshToken)
	out, err := sc.respond(ctx, asked.ChallengeName, asked.Session, map[string]string{"USERNAME": other.name, "NEW_PASSWORD": sc.next})
	if out == nil {
		out = &cip.RespondToAuthChallengeOutput{}
	}
	return joined(refreshed, fmt.Sprintf("%s: %s", sc.outcome(nil, asked.AuthenticationResult, asked.ChallengeName),
		sc.outcome(err, out.AuthenticationResult, out.ChallengeName))), ctx.Err()
}
