package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The password is proved and not sent. A user can sign in with an alias, and the tokens have
// the pool's name for the user.
func ExampleUserSRPAuth() {
	driver, _, stop := exampleDriver(func(c *cognitotest.PoolConfig) { c.AliasAttributes = []string{"email"} })
	defer stop()

	auth := flow.UserSRPAuth{Username: "ada@example.com", Password: secret.New("Correct-Horse-7!")}
	tokens, err := driver.SignIn(context.Background(), auth, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output: signed in as ada
}

// The password is sent. A pool needs it to migrate a user from another directory.
func ExampleUserPasswordAuth() {
	driver, _, stop := exampleDriver()
	defer stop()

	auth := flow.UserPasswordAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}
	tokens, err := driver.SignIn(context.Background(), auth, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output: signed in as ada
}

// A trusted server sends the password with AWS credentials.
func ExampleAdminUserPasswordAuth() {
	_, admin, _, stop := exampleClients()
	defer stop()

	driver, err := flow.NewAdmin(admin, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"})
	if err != nil {
		log.Fatal(err)
	}
	auth := flow.AdminUserPasswordAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}
	tokens, err := driver.SignIn(context.Background(), auth, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output: signed in as ada
}

// The pool's triggers ask a question.
func ExampleCustomAuth() {
	driver, _, stop := exampleDriver(func(c *cognitotest.PoolConfig) {
		c.CustomQuestions = []cognitotest.CustomQuestion{{Question: "The first programmer?", Answer: "Lovelace"}}
	})
	defer stop()

	tokens, err := driver.SignIn(context.Background(), flow.CustomAuth{Username: "ada"},
		challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
			if c.Name != challenge.CustomChallenge {
				return challenge.Answer{}, challenge.ErrNoAnswer
			}
			fmt.Println(c.Parameters["question"])
			return challenge.Custom("Lovelace"), nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output:
	// The first programmer?
	// signed in as ada
}

// The user signs in without a password, with a code by e-mail.
func ExampleUserAuth() {
	driver, pool, stop := exampleDriver(func(c *cognitotest.PoolConfig) { c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"} })
	defer stop()
	ctx := context.Background()

	step, err := driver.Start(ctx, flow.UserAuth{Username: "ada", Preferred: challenge.EmailOTP})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("asked for", step.Prompt.Challenge().Name)
	step, err = driver.Respond(ctx, step.Prompt, challenge.Code(pool.LastCode("ada").Code))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", step.Tokens.Username)
	// Output:
	// asked for EMAIL_OTP
	// signed in as ada
}

// A program has kept a refresh token of another library, and nothing else.
func ExampleRefreshTokenAuth() {
	driver, old, _, stop := exampleSignIn()
	defer stop()

	tokens, err := driver.SignIn(context.Background(), flow.RefreshTokenAuth{RefreshToken: old.RefreshToken}, nil)
	switch {
	case errors.Is(err, flow.TokenRefused):
		fmt.Println("sign in again")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println("tokens of", tokens.Username)
	}
	// Output: tokens of ada
}

// A page with a payment needs an authenticator app, and the sign-in had a password and a code by
// e-mail.
func ExampleStepUp() {
	clock := cognitotest.NewClock(time.Now())
	driver, pool, stop := exampleDriver(withApp, func(c *cognitotest.PoolConfig) {
		c.Now, c.Users[0].MFA = clock.Now, []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
	})
	defer stop()
	ctx := context.Background()
	answer := challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		fmt.Println("asked for", c.Name)
		switch c.Name {
		case challenge.EmailOTP:
			return challenge.Code(pool.LastCode("ada").Code), nil
		case challenge.SoftwareTokenMFA:
			return challenge.Code(pool.TOTP("ada")), nil
		}
		return challenge.Answer{}, challenge.ErrNoAnswer
	})
	useClock := func(o *flow.Options) { o.Now = clock.Now }

	tokens, err := driver.SignIn(ctx, flow.UserAuth{
		Username: "ada", Preferred: challenge.PasswordSRP, Password: secret.New("Correct-Horse-7!"),
		StepUp: &flow.StepUp{Levels: []string{flow.Level3}},
	}, answer, useClock)
	if err != nil {
		log.Fatal(err)
	}
	payment := flow.StepUp{Levels: []string{flow.Level4}, MaxAge: 5 * time.Minute, From: tokens}
	fmt.Println("good for a payment:", payment.MetBy(tokens, driver.Now()))

	tokens, err = driver.SignIn(ctx, flow.UserAuth{StepUp: &payment}, answer, useClock)
	switch {
	case errors.Is(err, flow.LevelUnreachable):
		fmt.Println("set up an authenticator app first")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println("good for a payment:", payment.MetBy(tokens, driver.Now()))
	}
	// Output:
	// asked for EMAIL_OTP
	// good for a payment: false
	// asked for SOFTWARE_TOKEN_MFA
	// good for a payment: true
}

// A sign-in that is too old does not meet the level.
func ExampleStepUp_MetBy() {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) // a program gives driver.Now()
	tokens := &flow.Tokens{ACR: flow.Level4, AuthTime: now.Add(-10 * time.Minute)}

	fmt.Println(flow.StepUp{Levels: []string{flow.Level3}}.MetBy(tokens, now))
	fmt.Println(flow.StepUp{Levels: []string{flow.Level3}, MaxAge: 5 * time.Minute}.MetBy(tokens, now))
	// Output:
	// true
	// false
}
