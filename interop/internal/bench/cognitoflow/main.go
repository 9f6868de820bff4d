//go:build unix

// Command cognitoflow is this module as a client in "npm run bench".
package main

import (
	"context"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/interop/internal/bench/rounds"
	"github.com/cognitoflow/cognitoflow/secret"
)

func main() {
	rounds.Main(func(job rounds.Job, api *cip.Client) (func(context.Context) error, error) {
		driver, err := flow.New(api, flow.App{UserPoolID: job.UserPoolID, ClientID: job.ClientID})
		how := flow.UserSRPAuth{Username: job.Username, Password: secret.New(job.Password)}
		return func(ctx context.Context) error {
			_, err := driver.SignIn(ctx, how, nil)
			return err
		}, err
	})
}
