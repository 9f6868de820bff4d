//go:build unix

// Command cognitosrp is github.com/alexrudd/cognito-srp as a client in "npm run bench".
// The command is a separate module, because no other package needs cognito-srp.
package main

import (
	"context"
	"errors"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	srp "github.com/alexrudd/cognito-srp/v4"

	"github.com/cognitoflow/cognitoflow/interop/internal/bench/rounds"
)

func main() {
	rounds.Main(func(job rounds.Job, api *cip.Client) (func(context.Context) error, error) {
		return func(ctx context.Context) error { return signIn(ctx, job, api) }, nil
	})
}

func signIn(ctx context.Context, job rounds.Job, api *cip.Client) error {
	user, err := srp.NewCognitoSRP(job.Username, job.Password, job.UserPoolID, job.ClientID, nil)
	if err != nil {
		return err
	}
	started, err := api.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: &job.ClientID, AuthParameters: user.GetAuthParams(),
	})
	if err != nil {
		return err
	}
	responses, err := user.PasswordVerifierChallenge(started.ChallengeParameters, time.Now())
	if err != nil {
		return err
	}
	done, err := api.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName: started.ChallengeName, ClientId: &job.ClientID, Session: started.Session, ChallengeResponses: responses,
	})
	if err == nil && done.AuthenticationResult == nil {
		err = errors.New("the sign-in ended without tokens")
	}
	return err
}
