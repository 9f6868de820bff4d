// Command pool serves user pools of package cognitotest over HTTP, for clients
// in any language and for local development without an AWS account.
//
//	pool [-listen ADDR] [-config FILE.json]
//
// Without -config the program serves one pool with one user, and prints the password of the
// user.
//
// # Configuration
//
// The file lists pools. [cognitotest.PoolConfig] documents the fields, and
// testdata/everything.json uses most of the fields:
//
//	id                    user pool ID: region_name
//	mfa, mfaTypes         OFF, OPTIONAL or ON; SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA
//	aliasAttributes       to sign in with, besides the name: email, phone_number, preferred_username
//	usernameAttributes    to sign in with, instead of a name: email, phone_number
//	caseSensitive         whether "Ada" and "ada" are two users
//	allowedFirstFactors   of USER_AUTH: PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN
//	webauthn              relying party of passkeys: rpId, origins, userVerification
//	customQuestions       CUSTOM_AUTH: question and answer, asked in turn
//	deviceConfiguration   remembered devices: challengeRequiredOnNewDevice, deviceOnlyRememberedOnUserPrompt
//	passwordPolicy        minimumLength, require..., historySize, temporaryPasswordValidityDays
//	adminCreatesUsers     true: the pool refuses SignUp
//	requiredAttributes    that a user gives with a new password
//	tier, levelNames      feature plan: LITE, ESSENTIALS or PLUS; names of the levels 1 to 4 in the claim acr
//	issuer                of the tokens. Default: this server
//	dialect               behaviours that differ from the default, see cognitotest.Dialect
//	hostile               true: the dialect cognitotest.Hostile, which finds mistakes of clients
//	clients[].            id, secret (24 characters or more), authFlows (ALLOW_...), ...Seconds (lifetimes), refreshTokenRotation, retryGraceSeconds
//	groups[].             name, description, roleArn, precedence
//	users[].              name, password or temporaryPassword, attributes, groups, totpSecret, mfa, preferredMfa, disabled, ...
//
// The file can also list faults, for tests of clients. Each fault makes calls fail, in the
// order of the list. [cognitotest.Fault] documents the fields:
//
//	faults[].             pool (an ID; optional if there is one pool), operation, skip, times,
//	                      error (an exception) and status, or drop (the connection), delayMilliseconds, afterWork
//
// If a field does not exist, the program ends with an error that names the place of the
// field. A small file:
//
//	{"pools": [{
//		"id": "local-1_shop",
//		"clients": [{"id": "web"}],
//		"users": [{"name": "alice", "password": "Correct-horse-1"}]
//	}]}
//
// Clients can make more pools and app clients with operations such as CreateUserPool. A new
// pool has the dialect of the first pool of the file. The program prints the codes of new
// pools too.
//
// # Output
//
// Standard output has one JSON object per line. The first object has the endpoint and the
// pools. An object follows for each code that a real pool would send by SMS or e-mail:
//
//	{"event":"ready","endpoint":"http://127.0.0.1:41234","pools":[{"id":"local-1_demo",...,"users":[{"name":"demo","sub":"..."}]}]}
//	{"event":"code","pool":"local-1_demo","username":"demo","medium":"EMAIL",...,"code":"123456"}
//
// The first object names users as the configuration does. In a pool with
// usernameAttributes, the configured name is an address, and the user name is the sub. The
// objects of codes, and tokens, have the sub.
//
// Use these pools for tests only. The configuration has passwords and secrets in plain text,
// and the program prints codes.
//
// The exit code is 0 after an interrupt, 1 after an error, and 2 for a wrong command line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Usage: pool [flags]

Serves user pools of package cognitotest over HTTP, and prints JSON lines: the endpoint, and
each code that a pool would send. Without -config, the program serves a demo pool.

Flags:
`

// run serves until ctx ends, and returns the exit code. An error is one line on stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pool", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	listen := flags.String("listen", "127.0.0.1:0", "`address` to listen on. An address without a host is on loopback")
	config := flags.String("config", "", "JSON `file` with the pools, such as testdata/everything.json (default: a demo pool with one user)")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stderr, usage)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "pool: %v (see pool -help)\n", err)
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "pool: unexpected argument %q (see pool -help)\n", flags.Arg(0))
		return 2
	}
	if err := serve(ctx, *listen, *config, stdout); err != nil {
		fmt.Fprintf(stderr, "pool: %v\n", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, listen, configFile string, stdout io.Writer) error {
	config, err := load(configFile)
	if err != nil {
		return err
	}
	out := newEvents(stdout)
	pools := make([]cognitotest.PoolConfig, len(config.Pools))
	for i, pool := range config.Pools {
		pools[i] = pool.PoolConfig
		pools[i].OnCode = out.code
	}
	server, err := cognitotest.NewServer(pools...)
	if err != nil {
		return inFile(configFile, err)
	}
	if err := inject(server, config); err != nil {
		return inFile(configFile, err)
	}
	listener, err := net.Listen("tcp", loopbackByDefault(listen))
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	// The listener queues connections until Serve runs, so clients may connect now.
	isDemo := configFile == ""
	out.ready("http://"+listener.Addr().String(), show(server, pools, isDemo))

	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if web.Shutdown(grace) != nil {
			web.Close()
		}
		stopped <- nil
	})
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// loopbackByDefault adds the loopback address to an address without a host. Test users with
// known passwords must not be on the network by accident.
func loopbackByDefault(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
