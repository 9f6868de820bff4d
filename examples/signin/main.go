// Command signin signs a user in to an Amazon Cognito user pool.
//
// Without flags the program runs a user pool in its own process, signs in to that pool and
// answers the prompt. No AWS account is needed.
//
//	signin
//
// With flags the program signs in to any pool:
//
//	signin -user-pool-id ID -client-id ID -username NAME [-flow FLOW] [-json] ...
//
// Three flags add a step before the sign-in. -sign-up creates the user, and confirms the
// user with the code that the pool sends. -confirm confirms an earlier sign-up with a new
// code. -reset sets a new password with a code.
//
//	signin -user-pool-id ID -client-id ID -username NAME -sign-up [-attributes email,name]
//	signin -user-pool-id ID -client-id ID -username NAME -confirm
//	signin -user-pool-id ID -client-id ID -username NAME -reset
//
// The sign-in then uses the new password. After a sign-up with -flow USER_AUTH, the pool may
// sign the user in without another question.
//
// # Secrets
//
// The program reads secrets from the environment, because other users of the machine can
// see command lines:
//
//	COGNITO_PASSWORD       the password, or the new password with -sign-up and -reset
//	COGNITO_CLIENT_SECRET  the client secret, if the app client has one
//	COGNITO_REFRESH_TOKEN  the refresh token for -flow REFRESH_TOKEN_AUTH
//
// Without COGNITO_PASSWORD the program asks for the password, and the terminal does not show
// the text.
//
// # Input and output
//
// The program asks the user for each answer that the pool wants, on standard error. If
// standard input is no terminal, the program prints no question, and reads one line for each
// answer. If the pool refuses an answer, the program asks again.
//
// Standard output shows each step of the sign-in, and then the verified claims of the
// tokens. With -json standard output is one JSON object with the tokens. Keep the object
// secret: until the tokens expire, they replace the password.
//
// The exit code is 0 after a sign-in, 2 if the input ends before the last answer, and 1
// after every other error.
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

// run runs the program and returns the exit code.
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

// newClient returns an SDK client. AWS credentials sign the Admin operations only, so a
// sign-in without -admin works without credentials.
func newClient(ctx context.Context, s settings) (*cip.Client, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRegion(s.region),
		config.WithLogger(logging.Nop{}), // scripts read the errors on standard error
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

func newDriver(api *cip.Client, s settings, observe flow.Observer) (*flow.Driver, error) {
	options := func(o *flow.Options) {
		o.Observe = observe
		if s.deviceDir != "" {
			flow.ThisMachine(device.Dir(s.deviceDir))(o)
			o.DeviceName, _ = os.Hostname()
			o.RememberDevice = func(context.Context, *flow.Tokens) (flow.Decision, error) {
				return flow.Remember, nil // the user agrees by giving -device-dir
			}
		}
	}
	if s.admin {
		return flow.NewAdmin(api, s.app(), options)
	}
	return flow.New(api, s.app(), options)
}

// printSteps returns an observer that prints a line for each step of a sign-in: the
// challenge, and the driver or the person that answered. person is the name for answers that
// the driver did not give.
func printSteps(w io.Writer, person string) flow.Observer {
	return flow.OnEnd(func(_ context.Context, op flow.Operation, out flow.Outcome) {
		if op.Kind != flow.ServiceOperation || op.By == "" {
			return // the operation is no step of a sign-in
		}
		step, by := fmt.Sprintf("%-24s answered by", op.Challenge), person
		switch {
		case op.Challenge == "":
			step = fmt.Sprintf("%-24s started by", op.Flow)
		case strings.HasSuffix(op.Name, "SoftwareToken"): // comes before the answer to MFA_SETUP
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
