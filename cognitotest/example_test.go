package cognitotest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

func ExampleNewServer() {
	pools, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-west-1_Example",
		MFA:     "ON",
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users: []cognitotest.UserConfig{{
			Name: "alice", Password: "Correct-Horse-7!", MFA: []string{"EMAIL_OTP"},
			Attributes: map[string]string{"email": "alice@example.com"},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(pools)
	defer server.Close()
	client := cip.New(cip.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: aws.AnonymousCredentials{},
	})

	ctx := context.Background()
	asked, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(asked.ChallengeName, "to", asked.ChallengeParameters["CODE_DELIVERY_DESTINATION"])

	done, err := client.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName: asked.ChallengeName, ClientId: aws.String("app"), Session: asked.Session,
		ChallengeResponses: map[string]string{
			"USERNAME":       "alice",
			"EMAIL_OTP_CODE": pools.Pool("eu-west-1_Example").LastCode("alice").Code,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(aws.ToString(done.AuthenticationResult.TokenType))
	// Output:
	// EMAIL_OTP to a***@e***
	// Bearer
}

// A test moves the clock until an access token expires.
func ExampleClock() {
	clock := cognitotest.NewClock(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	pools, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-west-1_Example",
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users:   []cognitotest.UserConfig{{Name: "alice", Password: "Correct-Horse-7!"}},
		Now:     clock.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(pools)
	defer server.Close()
	client := cip.New(cip.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: aws.AnonymousCredentials{},
	})

	ctx := context.Background()
	signedIn, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		_, err = client.GetUser(ctx, &cip.GetUserInput{AccessToken: signedIn.AuthenticationResult.AccessToken})
		var refused *types.NotAuthorizedException
		fmt.Println(clock.Now().Format(time.TimeOnly), errors.As(err, &refused))
		clock.Advance(time.Hour)
	}
	// Output:
	// 12:00:00 false
	// 13:00:00 true
}
