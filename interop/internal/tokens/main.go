// Command tokens refreshes the tokens that examples/signin -json prints, or signs their
// user out. The tests of interop run the command against the servers of other projects.
//
//	tokens -endpoint URL -region REGION -user-pool-id ID -client-id ID refresh|refresh-by-auth-flow|sign-out|global-sign-out
//
// The command reads the tokens from standard input, and prints new tokens on standard
// output. The client secret comes from the environment variable COGNITO_CLIENT_SECRET.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func main() {
	endpoint := flag.String("endpoint", "", "base `URL` of the service")
	region := flag.String("region", "", "AWS `region`")
	app := flow.App{ClientSecret: secret.New(os.Getenv("COGNITO_CLIENT_SECRET"))}
	flag.StringVar(&app.UserPoolID, "user-pool-id", "", "`ID` of the user pool")
	flag.StringVar(&app.ClientID, "client-id", "", "`ID` of the app client")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	api := cip.New(cip.Options{Region: *region, BaseEndpoint: endpoint, Credentials: aws.AnonymousCredentials{}})
	if err := run(ctx, api, app, flag.Arg(0), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "tokens: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, api *cip.Client, app flow.App, what string, stdin io.Reader, stdout io.Writer) error {
	driver, err := flow.New(api, app, func(o *flow.Options) { o.RefreshByAuthFlow = what == "refresh-by-auth-flow" })
	if err != nil {
		return err
	}
	tokens := new(flow.Tokens)
	if err := json.NewDecoder(stdin).Decode(tokens); err != nil {
		return err
	}
	switch what {
	case "refresh", "refresh-by-auth-flow":
		refreshed, err := driver.Refresh(ctx, tokens)
		if err != nil {
			return err
		}
		return json.NewEncoder(stdout).Encode(refreshed)
	case "sign-out":
		return driver.SignOut(ctx, tokens)
	case "global-sign-out":
		return driver.GlobalSignOut(ctx, tokens)
	}
	return fmt.Errorf("unknown command %q, want refresh, refresh-by-auth-flow, sign-out or global-sign-out", what)
}
