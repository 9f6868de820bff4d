package seal_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A prompt goes to the browser in one response and comes back in the next request.
func ExampleSealer_Prompt() {
	app := flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}
	driver, err := flow.New(asks{name: "EMAIL_OTP", session: "of the service"}, app) // a real program: the SDK client
	if err != nil {
		log.Fatal(err)
	}
	key := make([]byte, seal.KeySize) // a real key is the same on every instance
	rand.Read(key)
	sealer, err := seal.New(app, [][]byte{key})
	if err != nil {
		log.Fatal(err)
	}

	step, err := driver.Start(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	cookie, err := sealer.Prompt(step.Prompt, []byte("session of this browser"))
	if err != nil {
		log.Fatal(err)
	}

	_, err = sealer.OpenPrompt(cookie, []byte("session of another browser"))
	fmt.Println(errors.Is(err, seal.ErrForeign))

	prompt, err := sealer.OpenPrompt(cookie, []byte("session of this browser"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(prompt.Challenge().Name == challenge.EmailOTP)
	// Output:
	// true
	// true
}
