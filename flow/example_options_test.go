package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Options of New are for each call, and options of a call are for that call only. A backend
// passes on the address of the browser, for threat protection.
func ExampleOptions() {
	client, _, pool, stop := exampleClients()
	defer stop()

	driver, err := flow.New(client, exampleApp, func(o *flow.Options) {
		o.ClientMetadata = map[string]string{"site": "shop"}
	})
	if err != nil {
		log.Fatal(err)
	}
	auth := flow.UserPasswordAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}
	_, err = driver.SignIn(context.Background(), auth, nil, func(o *flow.Options) {
		o.UserContextData = &types.UserContextDataType{IpAddress: aws.String("192.0.2.1")}
	})
	if err != nil {
		log.Fatal(err)
	}
	sent := pool.Requests()[0].Body
	fmt.Println(sent["ClientMetadata"], sent["UserContextData"])
	// Output: map[site:shop] map[IpAddress:192.0.2.1]
}

// The program answers the challenges of the pool's triggers, and nobody is asked.
func ExampleOptions_handlers() {
	client, _, _, stop := exampleClients(func(c *cognitotest.PoolConfig) {
		c.CustomQuestions = []cognitotest.CustomQuestion{{Question: "2 + 2", Answer: "4"}}
	})
	defer stop()

	captcha := challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Parameters["question"] != "2 + 2" {
			return challenge.Answer{}, challenge.ErrNoAnswer // the next handler is asked
		}
		return challenge.Custom("4"), nil
	})
	driver, err := flow.New(client, exampleApp, func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.CustomChallenge: captcha}
	})
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(context.Background(), flow.CustomAuth{Username: "ada"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output: signed in as ada
}

// The client secret is rotated while the program runs. Both secrets are good for some time.
func ExampleOptions_clientSecret() {
	const firstSecret, secondSecret = "0123456789abcdefghijklmnop", "qrstuvwxyz0123456789abcdef"
	client, _, _, stop := exampleClients(func(c *cognitotest.PoolConfig) {
		c.Clients[0].Secret, c.Clients[0].SecondSecret = firstSecret, secondSecret
	})
	defer stop()

	present := secret.New(firstSecret) // a real program: from its store of secrets, kept in memory
	driver, err := flow.New(client, exampleApp, func(o *flow.Options) {
		o.ClientSecret = func(context.Context) (secret.String, error) { return present, nil }
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range []string{firstSecret, secondSecret} {
		present = secret.New(s)
		_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
		switch {
		case errors.Is(err, flow.SecretUnavailable):
			fmt.Println("the store of secrets has failed")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("signed in")
		}
	}
	// Output:
	// signed in
	// signed in
}

// An operation that gets no reply ends after RequestTimeout, if ctx has no deadline. The driver
// starts the sign-in over once, so the service has to fail twice.
func ExampleOptions_requestTimeout() {
	driver, pool, stop := exampleDriver()
	defer stop()
	pool.Fail(cognitotest.Fault{Operation: "InitiateAuth", Times: 2, DelayMilliseconds: 60_000})

	auth := flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}
	_, err := driver.Start(context.Background(), auth, func(o *flow.Options) { o.RequestTimeout = 50 * time.Millisecond })
	fmt.Println("try again later:", errors.Is(err, flow.NetworkFault))
	// Output: try again later: true
}

// After a maintenance many users sign in at once. The driver has four SRP exchanges under way, so
// that no challenge of the service waits for long.
func ExampleOptions_handshakes() {
	client, _, _, stop := exampleClients()
	defer stop()
	driver, err := flow.New(client, exampleApp, func(o *flow.Options) { o.Handshakes = 4 })
	if err != nil {
		log.Fatal(err)
	}

	var signedIn atomic.Int32
	var users sync.WaitGroup
	for range 20 {
		users.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // bounds the wait for a turn
			defer cancel()
			_, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
			if err != nil {
				log.Print(err)
				return
			}
			signedIn.Add(1)
		})
	}
	users.Wait()
	fmt.Println(signedIn.Load(), "signed in")
	// Output: 20 signed in
}

// If the service throttles a request, the SDK client sends the request up to five times.
func ExampleOptions_apiOptions() {
	client, _, pool, stop := exampleClients()
	defer stop()
	pool.Fail(cognitotest.Fault{Operation: "InitiateAuth", Error: "TooManyRequestsException"})

	driver, err := flow.New(client, exampleApp, func(o *flow.Options) {
		o.APIOptions = append(o.APIOptions, func(c *cip.Options) { c.RetryMaxAttempts = 5 })
	})
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

// An emulator does not have GetTokensFromRefreshToken.
func ExampleOptions_refreshByAuthFlow() {
	driver, tokens, pool, stop := exampleSignIn()
	defer stop()
	ctx := context.Background()
	pool.Fail(cognitotest.Fault{Operation: "GetTokensFromRefreshToken", Error: "UnknownOperationException"})

	_, err := driver.Refresh(ctx, tokens)
	if !errors.Is(err, flow.NotImplemented) {
		log.Fatal(err)
	}
	tokens, err = driver.Refresh(ctx, tokens, func(o *flow.Options) { o.RefreshByAuthFlow = true })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("new tokens of", tokens.Username)
	// Output: new tokens of ada
}

// A sign-in ends after three wrong codes, over all requests of the browser.
func ExampleLimits() {
	client, _, _, stop := exampleClients(withApp)
	defer stop()
	ctx := context.Background()

	driver, err := flow.New(client, exampleApp, func(o *flow.Options) { o.Limits.Refusals = 3 })
	if err != nil {
		log.Fatal(err)
	}
	step, err := driver.Start(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	for prompt := step.Prompt; prompt != nil; {
		_, err = driver.Respond(ctx, prompt, challenge.Code("000000"))
		var e *flow.Error
		if !errors.As(err, &e) {
			log.Fatal(err)
		}
		fmt.Println(e.Code(), e.Remedy())
		prompt = e.Prompt
	}
	// Output:
	// wrong_answer answer_prompt
	// wrong_answer answer_prompt
	// limit_reached start_again
}

// A line of a log for each call and for each operation of the service. The call with an empty
// user name fails before it begins, so the Observer does not see that call.
func ExampleOnEnd() {
	client, _, _, stop := exampleClients()
	defer stop()

	driver, err := flow.New(client, exampleApp, func(o *flow.Options) {
		o.Observe = flow.OnEnd(func(ctx context.Context, op flow.Operation, out flow.Outcome) {
			fmt.Printf("%s %s: %q\n", op.Kind, op.Name, out.Code) // or slog.InfoContext(ctx, "cognito", "operation", op, "outcome", out)
		})
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"", "ada"} {
		_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: name, Password: secret.New("wrong")}, nil)
		fmt.Println(errors.Is(err, flow.WrongCredentials))
	}
	// Output:
	// true
	// service InitiateAuth: ""
	// service RespondToAuthChallenge: "wrong_credentials"
	// call SignIn: "wrong_credentials"
	// true
}

// An Observer can put a value, such as a span, into the context of the operation. Functions that
// run within the operation see the value.
func ExampleObserver() {
	type spanKey struct{}
	client, _, _, stop := exampleClients()
	defer stop()

	driver, err := flow.New(client, exampleApp, func(o *flow.Options) {
		o.Observe = func(ctx context.Context, op flow.Operation) (context.Context, func(flow.Outcome)) {
			parent, _ := ctx.Value(spanKey{}).(string)
			span := parent + "/" + op.Name
			fmt.Println("begin", span)
			return context.WithValue(ctx, spanKey{}, span), func(out flow.Outcome) {
				fmt.Println("end", span, out.Granted)
			}
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	auth := flow.UserPasswordAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}
	if _, err := driver.SignIn(context.Background(), auth, nil); err != nil {
		log.Fatal(err)
	}
	// Output:
	// begin /SignIn
	// begin /SignIn/InitiateAuth
	// end /SignIn/InitiateAuth true
	// end /SignIn true
}
