package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The remedy of an error is the next page of a site. The error itself goes to the log.
func ExampleError() {
	driver, _, stop := exampleDriver(func(c *cognitotest.PoolConfig) {
		c.Users = append(c.Users,
			cognitotest.UserConfig{Name: "bob", Password: "Correct-Horse-7!", ResetRequired: true},
			cognitotest.UserConfig{Name: "cleo", Password: "Correct-Horse-7!", Unconfirmed: true})
	})
	defer stop()
	next := func(err error) string {
		var e *flow.Error
		if !errors.As(err, &e) {
			return "a mistake in the program"
		}
		switch e.Remedy() {
		case flow.AnswerPrompt:
			return "the form of e.Prompt again, with e.Message()"
		case flow.CheckCredentials:
			return "the form for user name and password again"
		case flow.StartAgain:
			return "the start of the sign-in"
		case flow.ConfirmSignUp:
			return "the form for the code of the sign-up"
		case flow.ResetPassword:
			return "the form for a forgotten password"
		case flow.TryLater:
			return "status 503"
		}
		return "status 500"
	}

	for _, auth := range []flow.UserSRPAuth{
		{Username: "ada", Password: secret.New("wrong")},
		{Username: "bob", Password: secret.New("Correct-Horse-7!")},
		{Username: "cleo", Password: secret.New("Correct-Horse-7!")},
	} {
		if _, err := driver.Start(context.Background(), auth); err != nil {
			fmt.Println(next(err))
		}
	}
	// Output:
	// the form for user name and password again
	// the form for a forgotten password
	// the form for the code of the sign-up
}

// errors.Is asks for a code.
func ExampleCode() {
	driver, _, stop := exampleDriver()
	defer stop()

	_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong")}, nil)
	fmt.Println(errors.Is(err, flow.WrongCredentials), errors.Is(err, flow.Throttled))
	// Output: true false
}

// Codes are stable, so a metric can have them as an attribute.
func ExampleError_Code() {
	driver, _, stop := exampleDriver()
	defer stop()

	_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong")}, nil)
	var e *flow.Error
	if errors.As(err, &e) {
		fmt.Println("failures by code:", e.Code())
	}
	// Output: failures by code: wrong_credentials
}

// The message of a password that breaks a rule of the pool is for the user.
func ExampleError_Message() {
	driver, _, stop := exampleDriver(func(c *cognitotest.PoolConfig) {
		c.Users[0].Password, c.Users[0].TemporaryPassword = "", "Temporary-Horse-7!"
	})
	defer stop()
	ctx := context.Background()

	step, err := driver.Start(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Temporary-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	_, err = driver.Respond(ctx, step.Prompt, challenge.NewPassword("short", nil))
	var e *flow.Error
	if errors.As(err, &e) && e.Remedy() == flow.AnswerPrompt {
		fmt.Println("the form again, with a message:", e.Message() != "")
	}
	// Output: the form again, with a message: true
}

// A hint makes a better sentence. The wording of the service may change, so the other sentence
// is needed too.
func ExampleError_Hint() {
	driver, _, stop := exampleDriver(func(c *cognitotest.PoolConfig) { c.Users[0].Disabled = true })
	defer stop()

	_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	var e *flow.Error
	if errors.As(err, &e) && e.Remedy() == flow.CheckCredentials {
		switch e.Hint() {
		case flow.UserDisabled:
			fmt.Println("ask an administrator")
		case flow.LockedOut:
			fmt.Println("wait for some minutes")
		default:
			fmt.Println("the user name or the password is wrong")
		}
	}
	// Output: ask an administrator
}

// AWS support asks for the exception and the ID of the request.
func ExampleError_RequestID() {
	driver, _, stop := exampleDriver()
	defer stop()

	_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong")}, nil)
	var e *flow.Error
	if errors.As(err, &e) {
		fmt.Println(e.Operation, e.ServiceCode(), e.RequestID() != "")
	}
	// Output: RespondToAuthChallenge NotAuthorizedException true
}

// errors.As also finds the SDK's own error.
func ExampleError_Unwrap() {
	driver, _, stop := exampleDriver()
	defer stop()

	_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong")}, nil)
	var refused *types.NotAuthorizedException
	fmt.Println(errors.As(err, &refused))
	// Output: true
}

// An attribute of log/slog has the parts of an error, and no secret.
func ExampleError_LogValue() {
	driver, _, stop := exampleDriver()
	defer stop()
	var buffer bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&buffer, nil))

	_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong")}, nil)
	logger.Error("no sign-in", "error", err)

	var line struct{ Error map[string]string }
	if err := json.Unmarshal(buffer.Bytes(), &line); err != nil {
		log.Fatal(err)
	}
	fmt.Println(line.Error["code"], line.Error["operation"])
	// Output: wrong_credentials RespondToAuthChallenge
}

// A function of a token source panics. The program goes on with its tokens, and the log gets the
// stack.
func ExamplePanicError() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()

	source := driver.TokenSource(tokens, func(o *flow.SourceOptions) {
		o.Save = func(context.Context, *flow.Tokens) error { panic("the disk is gone") }
		o.OnError = func(err error) {
			var p *flow.PanicError
			if errors.As(err, &p) {
				fmt.Println(p, len(p.Stack) > 0)
			}
		}
	})
	fresh, err := source.Refresh(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("tokens of", fresh.Username)
	// Output:
	// panic: the disk is gone true
	// tokens of ada
}
