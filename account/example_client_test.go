package account_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// An error has a code for the program and a message for the user.
func ExampleClient_SignUp() {
	driver, _, stop := examplePool()
	defer stop()
	accounts := account.For(driver)

	_, err := accounts.SignUp(context.Background(), account.NewUser{Username: "ada", Password: secret.New("short")})
	var refused *flow.Error
	switch {
	case errors.As(err, &refused) && refused.Remedy() == flow.CorrectInput:
		fmt.Println(refused.Code())
		fmt.Println(refused.Message())
	case err != nil:
		log.Fatal(err)
	}

	signUp, err := accounts.SignUp(context.Background(), account.NewUser{
		Username: "ada", Password: secret.New("Correct-Horse-7!"), Attributes: map[string]string{"email": "ada@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signUp.Username(), signUp.Delivery().Medium, signUp.Confirmed())
	fmt.Println(len(signUp.Subject()), driver.Now().Sub(signUp.Issued()) < time.Minute) // the sub is a UUID
	// Output:
	// password_refused
	// Password did not conform with policy: Password not long enough
	// ada EMAIL false
	// 36 true
}

// The user has lost the first code, and has not confirmed the sign-up.
func ExampleClient_Resend() {
	driver, pool, stop := examplePool()
	defer stop()
	ctx, accounts := context.Background(), account.For(driver)
	if _, err := accounts.SignUp(ctx, account.NewUser{
		Username: "ada", Password: secret.New("Correct-Horse-7!"), Attributes: map[string]string{"email": "ada@example.com"},
	}); err != nil {
		log.Fatal(err)
	}

	_, err := driver.Start(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if !errors.Is(err, flow.SignUpUnconfirmed) {
		log.Fatal(err)
	}
	signUp, err := accounts.Resend(ctx, "ada")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("another code was sent to", signUp.Delivery().Destination)
	signUp, err = accounts.Confirm(ctx, signUp, pool.LastCode("ada").Code)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signUp)
	// Output:
	// another code was sent to a***@e***
	// sign-up, confirmed
}

// A program without package seal stores a sign-up between two requests.
func ExampleSignUp_MarshalBinary() {
	driver, pool, stop := examplePool()
	defer stop()
	ctx, accounts := context.Background(), account.For(driver)
	signUp, err := accounts.SignUp(ctx, account.NewUser{
		Username: "ada", Password: secret.New("Correct-Horse-7!"), Attributes: map[string]string{"email": "ada@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	data, err := signUp.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}

	var stored account.SignUp
	if err := stored.UnmarshalBinary(data); err != nil {
		log.Fatal(err) // after ErrSignUpVersion: call Resend
	}
	fmt.Println(stored.Username(), stored)
	if _, err := accounts.Confirm(ctx, &stored, pool.LastCode("ada").Code); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ada sign-up, waiting for a code
}

// After the confirmation the user is signed in without a password.
func ExampleSignUp_SignIn() {
	driver, pool, stop := examplePool()
	defer stop()
	ctx, accounts := context.Background(), account.For(driver)
	signUp, err := accounts.SignUp(ctx, account.NewUser{
		Username: "ada", Password: secret.New("Correct-Horse-7!"), Attributes: map[string]string{"email": "ada@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	if signUp, err = accounts.Confirm(ctx, signUp, pool.LastCode("ada").Code); err != nil {
		log.Fatal(err)
	}

	f := signUp.SignIn()
	step, err := driver.Start(ctx, f)
	if errors.Is(err, flow.SessionEnded) { // the user was away for some minutes
		f.Session = secret.String{}
		step, err = driver.Start(ctx, f)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", step.Tokens.Username)
	// Output: signed in as ada
}

// The page is the same if no user has the name, so that strangers do not learn the names
// of users.
func ExampleClient_ForgotPassword() {
	driver, pool, stop := examplePool()
	defer stop()
	ctx, accounts := context.Background(), account.For(driver)

	for _, username := range []string{"nobody", "bob"} {
		_, err := accounts.ForgotPassword(ctx, username)
		if err != nil && !errors.Is(err, flow.UnknownUser) {
			log.Fatal(err)
		}
		fmt.Println("If there is an account, we have sent a code.")
	}

	password := secret.New("Battery-Staple-8!")
	if err := accounts.ResetPassword(ctx, "bob", pool.LastCode("bob").Code, password); err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "bob", Password: password}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output:
	// If there is an account, we have sent a code.
	// If there is an account, we have sent a code.
	// signed in as bob
}

// After a wrong code the user types the code again.
func ExampleClient_ResetPassword() {
	driver, pool, stop := examplePool()
	defer stop()
	ctx, accounts := context.Background(), account.For(driver)
	if _, err := accounts.ForgotPassword(ctx, "bob"); err != nil {
		log.Fatal(err)
	}

	for _, code := range []string{"no code", pool.LastCode("bob").Code} {
		err := accounts.ResetPassword(ctx, "bob", code, secret.New("Battery-Staple-8!"))
		switch {
		case errors.Is(err, flow.WrongCode):
			fmt.Println("ask for the code again")
		case errors.Is(err, flow.CodeExpired):
			fmt.Println("send another code")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("sign in with the new password")
		}
	}
	// Output:
	// ask for the code again
	// sign in with the new password
}

// A Client has the app, the options and the clock of the driver.
func ExampleFor() {
	driver, _, stop := examplePool()
	defer stop()
	accounts := account.For(driver)

	signUp, err := accounts.SignUp(context.Background(), account.NewUser{
		Username: "ada", Password: secret.New("Correct-Horse-7!"), Attributes: map[string]string{"email": "ada@example.com"},
	}, func(o *flow.Options) { o.ClientMetadata = map[string]string{"language": "en"} }) // for triggers of the pool
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signUp)
	// Output: sign-up, waiting for a code
}
