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

// settings are what the flags and the environment say.
type settings struct {
	userPoolID, clientID, endpoint string
	issuer                         string
	clientSecret                   secret.String

	listen string // the server

	username, dir, get string // the client
	every              time.Duration
	signOut            bool

	now func() time.Time // nil: the real time
}

// app is the app client. An endpoint that is not AWS's is the issuer of its tokens.
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

// parse reads the command line and the environment. Usage, if asked for, goes
// to w; mistakes are errors of one line.
func parse(args []string, w io.Writer) (settings, error) {
	s := settings{clientSecret: secret.New(os.Getenv("COGNITO_CLIENT_SECRET"))}
	if config, err := os.UserConfigDir(); err == nil {
		s.dir = filepath.Join(config, "cognitoflow-service")
	}
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.userPoolID, "user-pool-id", "", "`ID` of the user pool, such as eu-central-1_Ab12Cd34E")
	flags.StringVar(&s.clientID, "client-id", "", "`ID` of the app client")
	flags.StringVar(&s.endpoint, "endpoint", "", "base `URL` of the service; without it, that of AWS in the region of the pool")
	flags.StringVar(&s.issuer, "issuer", "", "`URL` of the issuer of the tokens; without it, that of the pool's ID, or the endpoint's")
	flags.StringVar(&s.listen, "listen", "", "be the server, on this `address`")
	flags.StringVar(&s.username, "username", "", "user `name` or alias to sign in with")
	flags.StringVar(&s.dir, "dir", s.dir, "`directory` for the tokens")
	flags.StringVar(&s.get, "get", "", "`URL` to get with the access token")
	flags.DurationVar(&s.every, "every", 0, "get it again after this `time`, and so on")
	flags.BoolVar(&s.signOut, "sign-out", false, "revoke and delete the tokens")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(w, "usage of service; without flags it shows itself with a pool of its own:")
		flags.SetOutput(w)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w; see service -help", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q; see service -help", flags.Arg(0))
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
		return errors.New("-user-pool-id is missing; see service -help")
	case s.clientID == "":
		return errors.New("-client-id is missing; see service -help")
	case jobs != 1:
		return errors.New("give one of -listen, -get and -sign-out; see service -help")
	case s.listen == "" && s.username == "":
		return errors.New("-username is missing; see service -help")
	case s.listen == "" && s.dir == "":
		return errors.New("-dir is missing: this user has no directory for configuration")
	case s.get != "":
		return sendable(s.get)
	}
	return nil
}

// sendable refuses to send a token where others on the network can read it.
func sendable(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("-get: %w", err)
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return fmt.Errorf("-get %q: a token goes to https addresses only, or to this machine", address)
	}
	return nil
}
