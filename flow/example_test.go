package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// examplePool stands in for a real pool, for which the client would be
// cip.NewFromConfig of the SDK's config.LoadDefaultConfig.
func examplePool() (client *cip.Client, pool *cognitotest.Pool, stop func()) {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-central-1_Ab12Cd34E",
		MFA:     "OPTIONAL",
		Clients: []cognitotest.ClientConfig{{ID: "1example23456789"}},
		Users:   []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!", TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	running := httptest.NewServer(server)
	client = cip.New(cip.Options{
		Region: "eu-central-1", BaseEndpoint: &running.URL, Credentials: aws.AnonymousCredentials{},
	})
	return client, server.Pool("eu-central-1_Ab12Cd34E"), running.Close
}

// The whole sign-in in one call. The handler asks the user for a code.
func ExampleDriver_SignIn() {
	client, pool, stop := examplePool()
	defer stop()

	driver, err := flow.New(client, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"})
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(context.Background(),
		flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")},
		challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
			switch c.Name {
			case challenge.SoftwareTokenMFA:
				fmt.Println("asked for the code of the authenticator app")
				return challenge.Code(pool.TOTP("ada")), nil
			}
			return challenge.Answer{}, challenge.ErrNoAnswer
		}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output:
	// asked for the code of the authenticator app
	// signed in as ada
}

// The same sign-in in two halves, as in two requests to a web backend.
func ExampleDriver_Respond() {
	client, pool, stop := examplePool()
	defer stop()
	ctx := context.Background()

	driver, err := flow.New(client, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"})
	if err != nil {
		log.Fatal(err)
	}
	step, err := driver.Start(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("show a form for", step.Prompt.Challenge().Name)
	stored, err := step.Prompt.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}

	var prompt flow.Prompt
	if err := prompt.UnmarshalBinary(stored); err != nil {
		log.Fatal(err)
	}
	_, err = driver.Respond(ctx, &prompt, challenge.Code("000000"))
	var refused *flow.Error
	if !errors.As(err, &refused) || refused.Prompt == nil {
		log.Fatal(err)
	}
	fmt.Println("to do:", refused.Remedy())
	step, err = driver.Respond(ctx, refused.Prompt, challenge.Code(pool.TOTP("ada"))) // and not the first prompt
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", step.Tokens.Username)
	// Output:
	// show a form for SOFTWARE_TOKEN_MFA
	// to do: answer_prompt
	// signed in as ada
}
