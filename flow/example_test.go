package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A sign-in needs no AWS credentials. New sends nothing, and finds mistakes such as a client for
// another region.
func ExampleNew() {
	config := aws.Config{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}} // or config.LoadDefaultConfig
	app := flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}
	if _, err := flow.New(cip.NewFromConfig(config), app); err != nil {
		fmt.Println("wrong region")
	}

	config.Region = "eu-central-1"
	driver, err := flow.New(cip.NewFromConfig(config), app, func(o *flow.Options) {
		o.RequestTimeout = 10 * time.Second
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("app client", driver.App().ClientID)
	// Output:
	// wrong region
	// app client 1example23456789
}

// A trusted server with AWS credentials calls the operations of administrators. The password is
// proved by SRP all the same.
func ExampleNewAdmin() {
	_, admin, _, stop := exampleClients()
	defer stop()

	driver, err := flow.NewAdmin(admin, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"})
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output: signed in as ada
}

// A verifier of tokens needs the issuer, and finds the keys below the issuer.
func ExampleApp_IssuerURL() {
	app := flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}
	issuer, err := app.IssuerURL()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(issuer)
	// Output: https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E
}

// A program gives the app to package seal, so that sealed prompts are for this app client only.
func ExampleDriver_App() {
	driver, _, stop := exampleDriver()
	defer stop()

	app := driver.App()
	fmt.Println(app.UserPoolID, app.ClientID)
	// Output: eu-central-1_Ab12Cd34E 1example23456789
}

// The whole sign-in in one call. The handler asks the user for a code.
func ExampleDriver_SignIn() {
	driver, pool, stop := exampleDriver(withApp)
	defer stop()

	tokens, err := driver.SignIn(context.Background(),
		flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")},
		challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
			if c.Attempt > 0 {
				fmt.Println("the code was wrong")
			}
			switch {
			case c.Name != challenge.SoftwareTokenMFA:
				return challenge.Answer{}, challenge.ErrNoAnswer
			case c.Attempt == 0:
				return challenge.Code("000000"), nil
			}
			return challenge.Code(pool.TOTP("ada")), nil
		}))
	var e *flow.Error
	switch {
	case errors.As(err, &e) && e.Remedy() == flow.CheckCredentials:
		fmt.Println("the user name or the password is wrong")
	case errors.As(err, &e) && e.Remedy() == flow.TryLater:
		fmt.Println("try again later")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println("signed in as", tokens.Username)
	}
	// Output:
	// the code was wrong
	// signed in as ada
}

// The first half of a sign-in in a web backend: the form with user name and password has come.
func ExampleDriver_Start() {
	driver, _, stop := exampleDriver(withApp)
	defer stop()

	for _, password := range []string{"", "wrong", "Correct-Horse-7!"} {
		step, err := driver.Start(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New(password)})
		var e *flow.Error
		switch {
		case errors.As(err, &e) && e.Remedy() == flow.CheckCredentials:
			fmt.Println("show the form again")
		case errors.As(err, &e) && e.Remedy() == flow.TryLater:
			fmt.Println("answer with status 503")
		case err != nil:
			log.Fatal(err)
		case step.Tokens != nil:
			fmt.Println("signed in as", step.Tokens.Username)
		default:
			fmt.Println("show a form for", step.Prompt.Challenge().Name)
		}
	}
	// Output:
	// show the form again
	// show the form again
	// show a form for SOFTWARE_TOKEN_MFA
}

// The second half of a sign-in in a web backend: a code has come. After a wrong code, the error
// has the prompt to answer next.
func ExampleDriver_Respond() {
	driver, pool, stop := exampleDriver(withApp)
	defer stop()
	ctx := context.Background()

	step, err := driver.Start(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	prompt := step.Prompt // package seal carries it to the next request
	for _, code := range []string{"000000", pool.TOTP("ada")} {
		step, err := driver.Respond(ctx, prompt, challenge.Code(code))
		var e *flow.Error
		switch {
		case errors.As(err, &e) && e.Prompt != nil:
			prompt = e.Prompt
			fmt.Println("show the form again:", e.Code())
		case errors.As(err, &e):
			fmt.Println("start again:", e.Code())
		case err != nil:
			log.Fatal(err)
		case step.Tokens != nil:
			fmt.Println("signed in as", step.Tokens.Username)
		default:
			prompt = step.Prompt
		}
	}
	// Output:
	// show the form again: wrong_answer
	// signed in as ada
}

// The service takes an answer for three minutes, unless the app client has another
// AuthSessionValidity. Prompts are issued by the service's clock.
func ExampleDriver_Now() {
	driver, _, stop := exampleDriver(withApp)
	defer stop()

	step, err := driver.Start(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	age := driver.Now().Sub(step.Prompt.Issued())
	fmt.Println("time is left:", age < 3*time.Minute)
	// Output: time is left: true
}

// The expiry of tokens is by this machine's clock.
func ExampleDriver_LocalNow() {
	driver, _, stop := exampleDriver()
	defer stop()

	tokens, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	left := tokens.Expiry.Sub(driver.LocalNow())
	fmt.Println("more than half an hour is left:", left > 30*time.Minute)
	// Output: more than half an hour is left: true
}

// A form says which code the user has to type.
func ExamplePrompt_Challenge() {
	driver, _, stop := exampleDriver(func(c *cognitotest.PoolConfig) {
		c.MFA = "OPTIONAL"
		c.Users[0].MFA = []string{"EMAIL_OTP"}
	})
	defer stop()

	step, err := driver.Start(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	switch c := step.Prompt.Challenge(); c.Name {
	case challenge.EmailOTP, challenge.SMSMFA:
		fmt.Println("the code was sent by", c.Delivery().Medium)
	case challenge.SoftwareTokenMFA:
		fmt.Println("the code is in the authenticator app")
	}
	// Output: the code was sent by EMAIL
}

// The bytes of a prompt are as secret as a password. Package seal encrypts them.
func ExamplePrompt_MarshalBinary() {
	driver, pool, stop := exampleDriver(withApp)
	defer stop()
	ctx := context.Background()

	step, err := driver.Start(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	stored, err := step.Prompt.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}

	// In another process:
	var prompt flow.Prompt
	if err := prompt.UnmarshalBinary(stored); err != nil {
		log.Fatal(err)
	}
	step, err = driver.Respond(ctx, &prompt, challenge.Code(pool.TOTP("ada")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", step.Tokens.Username)
	// Output: signed in as ada
}

// A backend rolls out a new release, and an old instance gets a prompt of a new one.
func ExamplePrompt_UnmarshalBinary() {
	stored := []byte{200, 1, 2, 3}
	var prompt flow.Prompt
	err := prompt.UnmarshalBinary(stored)
	switch {
	case errors.Is(err, flow.ErrPromptVersion):
		fmt.Println("try again: another instance may know this version")
	case err != nil:
		fmt.Println("start again")
	}
	// Output: try again: another instance may know this version
}
