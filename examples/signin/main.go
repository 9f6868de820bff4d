// Command signin signs a user in to an Amazon Cognito user pool.
//
// Without flags it signs in to a pool of its own, embedded in the program, and
// answers that pool's prompt itself: a demonstration that needs no AWS account.
//
//	signin
//
// With flags it signs in to any pool:
//
//	signin -user-pool-id ID -client-id ID -username NAME [-flow FLOW] [-json] ...
//
// Three flags do something before the sign-in. With -sign-up the user is created, and
// confirmed with the code that the pool sends. With -confirm a sign-up is confirmed that has
// waited for its code. With -reset a forgotten password is set anew.
//
//	signin -user-pool-id ID -client-id ID -username NAME -sign-up [-attributes email,name]
//	signin -user-pool-id ID -client-id ID -username NAME -confirm
//	signin -user-pool-id ID -client-id ID -username NAME -reset
//
// The sign-in follows, with the password that is new. With -flow USER_AUTH the pool may ask
// for nothing more after a sign-up.
//
// Secrets come from the environment and never from the command line: the
// password, which is the new one with -sign-up and -reset, from COGNITO_PASSWORD, or from
// a prompt that does not show it; the
// secret of the app client from COGNITO_CLIENT_SECRET; for -flow
// REFRESH_TOKEN_AUTH the token from COGNITO_REFRESH_TOKEN.
//
// What the pool asks is put to the user. Answers are read from the terminal,
// or line by line from standard input where that is no terminal; nothing is
// asked aloud then. An answer that the pool refuses is asked for again.
//
// Standard output shows each step of the sign-in and then the verified claims
// of the tokens. With -json it is one object with the tokens instead, which
// are as good as the password while they last. Prompts go to standard error.
//
// The exit code is 0 after a sign-in, 2 when the input ended before the pool
// had its answers, and 1 after any other error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/logging"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := start(ctx, args, stdin, stdout, stderr)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "signin: %s\n", oneLine(err))
	if errors.Is(err, errNoInput) {
		return 2
	}
	return 1
}

func start(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case len(args) == 0:
		return demo(ctx, stdout)
	}
	api, err := newClient(ctx, s)
	if err != nil {
		return err
	}
	person, steps := newTerminal(stdin, stderr, s.password), stdout
	if s.json {
		steps = io.Discard
	}
	driver, err := newDriver(api, s, printSteps(steps, "you"))
	if err != nil {
		return err
	}
	begin, err := person.prepare(ctx, driver, s, steps)
	if err != nil {
		return err
	}
	tokens, err := driver.SignIn(ctx, begin, person.handlers())
	if err != nil {
		return advise("", err)
	}
	if tokens.Device.Err != nil {
		fmt.Fprintf(stderr, "signin: warning: %s\n", oneLine(tokens.Device.Err))
	}
	if s.json {
		return json.NewEncoder(stdout).Encode(tokens)
	}
	return printClaims(ctx, stdout, api, s, tokens)
}

// newClient returns an SDK client. Only the Admin operations are signed, so
// nothing else needs AWS credentials.
func newClient(ctx context.Context, s settings) (*cip.Client, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRegion(s.region),
		config.WithLogger(logging.Nop{}), // standard error is for errors
	}
	if !s.admin {
		options = append(options, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	return cip.NewFromConfig(c, func(o *cip.Options) {
		if s.endpoint != "" {
			o.BaseEndpoint = aws.String(s.endpoint)
		}
	}), nil
}

// newDriver returns what signs users in.
func newDriver(api *cip.Client, s settings, observe flow.Observer) (*flow.Driver, error) {
	options := func(o *flow.Options) {
		o.Observe = observe
		if s.deviceDir != "" {
			flow.ThisMachine(device.Dir(s.deviceDir))(o)
			o.DeviceName, _ = os.Hostname()
			o.RememberDevice = func(context.Context, *flow.Tokens) (flow.Decision, error) {
				return flow.Remember, nil // -device-dir is the user's consent
			}
		}
	}
	if s.admin {
		return flow.NewAdmin(api, s.app(), options)
	}
	return flow.New(api, s.app(), options)
}

// printSteps returns an observer that prints each step of a sign-in: the challenge, and
// who answers it. The name who is that of the user, or of the program in the user's place.
func printSteps(w io.Writer, who string) flow.Observer {
	return flow.OnEnd(func(_ context.Context, op flow.Operation, out flow.Outcome) {
		if op.Kind != flow.ServiceOperation || op.By == "" {
			return // no step of a sign-in
		}
		step, by := fmt.Sprintf("%-24s answered by", op.Challenge), who
		switch {
		case op.Challenge == "":
			step = fmt.Sprintf("%-24s started by", op.Flow)
		case strings.HasSuffix(op.Name, "SoftwareToken"): // on the way to the answer to MFA_SETUP
			step = fmt.Sprintf("%-24s sent by", op.Name)
		}
		if op.By == flow.ByDriver {
			by = "the driver"
		}
		outcome := ""
		if out.Err != nil {
			outcome = ", without success"
		}
		fmt.Fprintf(w, "%s %s%s\n", step, by, outcome)
	})
}

func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
