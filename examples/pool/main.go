// Command pool serves user pools of package cognitotest over HTTP, for clients
// in any language and for local development without an AWS account.
//
//	pool [-listen ADDR] [-config FILE.json]
//
// Without -config there is one pool with one user, whose password is printed.
//
// # Configuration
//
// The file lists pools. What each field means is said at
// [cognitotest.PoolConfig]; testdata/everything.json has most of them at work:
//
//	id                    user pool ID: region_name
//	mfa, mfaTypes         OFF, OPTIONAL or ON; SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA
//	aliasAttributes       to sign in with beside the name: email, phone_number, preferred_username
//	usernameAttributes    to sign in with in place of a name: email, phone_number
//	caseSensitive         whether "Ada" is another user than "ada"
//	allowedFirstFactors   of USER_AUTH: PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN
//	webauthn              relying party of passkeys: rpId, origins, userVerification
//	customQuestions       CUSTOM_AUTH: question and answer, asked in turn
//	deviceConfiguration   remembered devices: challengeRequiredOnNewDevice, deviceOnlyRememberedOnUserPrompt
//	passwordPolicy        minimumLength, require..., historySize, temporaryPasswordValidityDays
//	adminCreatesUsers     whether SignUp is refused
//	requiredAttributes    to be given with a new password
//	tier, levelNames      feature plan: LITE, ESSENTIALS or PLUS; names of the levels 1 to 4 in the claim acr
//	issuer                of the tokens; without it, this server
//	dialect               behaviours that differ from the default, see cognitotest.Dialect
//	hostile               in place of a dialect: true is cognitotest.Hostile, which traps careless clients
//	clients[].            id, secret (24 characters or more), authFlows (ALLOW_...), ...Seconds (lifetimes), refreshTokenRotation, retryGraceSeconds
//	groups[].             name, description, roleArn, precedence
//	users[].              name, password or temporaryPassword, attributes, groups, totpSecret, mfa, preferredMfa, disabled, ...
//
// Beside pools the file can list faults, for tests of clients: calls that fail,
// in order. What each field means is said at [cognitotest.Fault]:
//
//	faults[].             pool (its ID; not needed if there is one pool), operation, skip, times,
//	                      error (an exception) and status, or drop (the connection), delayMilliseconds, afterWork
//
// A field that does not exist is an error that says where it is. The smallest
// file that is of use:
//
//	{"pools": [{
//		"id": "local-1_shop",
//		"clients": [{"id": "web"}],
//		"users": [{"name": "alice", "password": "Correct-horse-1"}]
//	}]}
//
// Operations make more pools and app clients, such as CreateUserPool. A new pool has
// the dialect of the first pool of the file, and its codes are printed too.
//
// # Output
//
// Standard output is one JSON object per line. The first says where the server
// is and what is in it; after that comes one for each code that a real pool
// would have sent by SMS or e-mail:
//
//	{"event":"ready","endpoint":"http://127.0.0.1:41234","pools":[{"id":"local-1_demo",...,"users":[{"name":"demo","sub":"..."}]}]}
//	{"event":"code","pool":"local-1_demo","username":"demo","medium":"EMAIL",...,"code":"123456"}
//
// The name of a user in the ready event is the name of the configuration. In a
// pool with usernameAttributes the name is an address, and the pool's own name
// of the user is the sub: codes and tokens have the sub as the user name.
//
// Passwords, secrets and codes of these pools are for tests only: they are in
// the clear in the configuration, and codes are on the screen.
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

// run serves until ctx ends and returns the exit code: 0, 1 after an error
// (one line on stderr), 2 for a command line that it does not understand.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pool", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:0", "`address` to listen on; without a host, loopback")
	config := flags.String("config", "", "JSON `file` with the pools, such as testdata/everything.json; without it, a demo pool with one user")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "pool: unexpected argument %q\n", flags.Arg(0))
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
	// Connections wait in the listener's queue, so the server is ready now.
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

// loopbackByDefault keeps ":8080" off the network: test users with known
// passwords are for others only when the address says so.
func loopbackByDefault(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
