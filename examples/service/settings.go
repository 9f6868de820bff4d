package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// settings are the flags and the environment variables.
type settings struct {
	userPoolID, clientID, endpoint string
	issuer                         string
	clientSecret                   secret.String

	listen string // for the server

	username, dir, get string // for the client
	every              time.Duration
	signOut            bool

	now func() time.Time // nil means the real time
}

// app returns the app client. With -endpoint and without -issuer, the issuer is the endpoint
// and the ID of the pool, as in package cognitotest.
func (s settings) app() flow.App {
	app := flow.App{UserPoolID: s.userPoolID, ClientID: s.clientID, ClientSecret: s.clientSecret, Issuer: s.issuer}
	if app.Issuer == "" && s.endpoint != "" {
		app.Issuer = strings.TrimSuffix(s.endpoint, "/") + "/" + s.userPoolID
	}
	return app
}

func (s settings) region() string {
	region, _, _ := strings.Cut(s.userPoolID, "_")
	return region
}

const usage = `Usage: service [flags]

With -listen, the program is a server that verifies access tokens. With -get or -sign-out,
the program is a client that keeps its tokens in files. Without flags, the program shows both
with a user pool in its own process.

Environment:
  COGNITO_CLIENT_SECRET  the client secret, if the app client has one

Flags:
`

// parse reads the command line and the environment. With -help, parse writes the usage to w
// and returns flag.ErrHelp. An error for a wrong command line has one line.
func parse(args []string, w io.Writer) (settings, error) {
	s := settings{clientSecret: secret.New(os.Getenv("COGNITO_CLIENT_SECRET"))}
	if config, err := os.UserConfigDir(); err == nil {
		s.dir = filepath.Join(config, "cognitoflow-service")
	}
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.userPoolID, "user-pool-id", "", "`ID` of the user pool, such as eu-central-1_Ab12Cd34E")
	flags.StringVar(&s.clientID, "client-id", "", "`ID` of the app client")
	flags.StringVar(&s.endpoint, "endpoint", "", "base `URL` of the service (default: the endpoint of AWS in the region of the pool)")
	flags.StringVar(&s.issuer, "issuer", "", "`URL` of the issuer of the tokens (default: the issuer of AWS for the pool, or a URL below -endpoint)")
	flags.StringVar(&s.listen, "listen", "", "run the server on this `address`")
	flags.StringVar(&s.username, "username", "", "user `name` or alias to sign in with")
	flags.StringVar(&s.dir, "dir", s.dir, "`directory` for the tokens")
	flags.StringVar(&s.get, "get", "", "`URL` to get with the access token: https, or http on this machine")
	flags.DurationVar(&s.every, "every", 0, "repeat the -get after this `time` until an interrupt")
	flags.BoolVar(&s.signOut, "sign-out", false, "revoke and delete the tokens")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(w, usage)
		flags.SetOutput(w)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w (see service -help)", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q (see service -help)", flags.Arg(0))
	case len(args) == 0:
		return s, nil
	}
	return s, s.validate()
}

func (s settings) validate() error {
	jobs := 0
	for _, given := range []bool{s.listen != "", s.get != "", s.signOut} {
		if given {
			jobs++
		}
	}
	switch {
	case s.userPoolID == "":
		return errors.New("-user-pool-id is missing (see service -help)")
	case s.clientID == "":
		return errors.New("-client-id is missing (see service -help)")
	case jobs != 1:
		return errors.New("give one of -listen, -get and -sign-out (see service -help)")
	case s.listen == "" && s.username == "":
		return errors.New("-username is missing (see service -help)")
	case s.listen == "" && s.dir == "":
		return errors.New("-dir is missing, and this user has no directory for configuration")
	case s.get != "":
		return sendable(s.get)
	}
	return nil
}

// sendable returns an error if others on the network could read the token in a request to
// the address.
func sendable(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("-get: %w", err)
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return fmt.Errorf("-get %q: the program sends a token to https addresses and to this machine only", address)
	}
	return nil
}
