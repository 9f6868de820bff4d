package account_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

var exampleApp = flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}

// examplePool replaces a real pool. The client of a real pool is cip.NewFromConfig(cfg),
// with cfg of config.LoadDefaultConfig of the SDK.
func examplePool() (driver *flow.Driver, pool *cognitotest.Pool, stop func()) {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      exampleApp.UserPoolID,
		Clients: []cognitotest.ClientConfig{{ID: exampleApp.ClientID, AuthFlows: []string{"ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH"}}},
		Users: []cognitotest.UserConfig{{
			Name: "bob", Password: "Correct-Horse-7!", Attributes: map[string]string{"email": "bob@example.com", "email_verified": "true"},
		}},
		MFA:                 "OPTIONAL",
		AllowedFirstFactors: []string{"PASSWORD", "WEB_AUTHN"},
		WebAuthn:            &cognitotest.WebAuthnConfig{RPID: party.ID, Origins: []string{party.Origin}},
	})
	if err != nil {
		log.Fatal(err)
	}
	running := httptest.NewServer(server)
	client := cip.New(cip.Options{Region: "eu-central-1", BaseEndpoint: &running.URL, Credentials: aws.AnonymousCredentials{}})
	if driver, err = flow.New(client, exampleApp); err != nil {
		log.Fatal(err)
	}
	return driver, server.Pool(exampleApp.UserPoolID), running.Close
}

// exampleUser signs the user bob in.
func exampleUser() (user *account.User, stop func()) {
	driver, _, stop := examplePool()
	tokens, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "bob", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return account.For(driver).User(tokens), stop
}

// A web backend sends the sealed sign-up to the browser. The browser sends it back with the
// code.
func ExampleClient_Confirm() {
	driver, pool, stop := examplePool()
	defer stop()
	ctx, accounts, browser := context.Background(), account.For(driver), []byte("the ID of the browser's session")
	key := make([]byte, seal.KeySize) // the same on every instance
	rand.Read(key)
	sealer, err := seal.New(exampleApp, [][]byte{key}, func(o *seal.Options) { o.Now = driver.Now })
	if err != nil {
		log.Fatal(err)
	}

	signUp, err := accounts.SignUp(ctx, account.NewUser{
		Username: "ada", Password: secret.New("Correct-Horse-7!"), Attributes: map[string]string{"email": "ada@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a code was sent to", signUp.Delivery().Destination)
	field, err := sealer.SignUp(signUp, browser)
	if err != nil {
		log.Fatal(err)
	}

	// The next request, perhaps on another machine.
	if signUp, err = sealer.OpenSignUp(field, browser); err != nil {
		log.Fatal(err)
	}
	_, err = accounts.Confirm(ctx, signUp, "no code")
	fmt.Println(errors.Is(err, flow.WrongCode)) // ask again, with the same field
	if signUp, err = accounts.Confirm(ctx, signUp, pool.LastCode("ada").Code); err != nil {
		log.Fatal(err)
	}
	step, err := driver.Start(ctx, signUp.SignIn())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", step.Tokens.Username)
	// Output:
	// a code was sent to a***@e***
	// true
	// signed in as ada
}
