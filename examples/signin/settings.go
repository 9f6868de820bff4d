package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// settings are the flags and the environment variables.
type settings struct {
	userPoolID, clientID, region, endpoint string
	issuer                                 string

	flow, username, preferred string
	admin                     bool
	deviceDir, deviceKey      string
	json                      bool

	before     string   // flagSignUp, flagConfirm, flagReset, or "" for the sign-in alone
	attributes []string // names, with -sign-up

	clientSecret, password, refreshToken secret.String
}

// authFlow is a value of -flow.
type authFlow struct {
	make     func(settings) flow.AuthFlow
	password bool // the first request needs a password
	admin    bool // needs -admin
	noUser   bool // works without -username
}

// authFlows has all auth flows of the service.
var authFlows = map[string]authFlow{
	"USER_SRP_AUTH": {password: true, make: func(s settings) flow.AuthFlow {
		return flow.UserSRPAuth{Username: s.username, Password: s.password}
	}},
	"USER_PASSWORD_AUTH": {password: true, make: func(s settings) flow.AuthFlow {
		return flow.UserPasswordAuth{Username: s.username, Password: s.password}
	}},
	"USER_AUTH": {make: func(s settings) flow.AuthFlow {
		return flow.UserAuth{Username: s.username, Password: s.password, Preferred: challenge.Name(s.preferred)}
	}},
	"CUSTOM_AUTH": {make: func(s settings) flow.AuthFlow {
		f := flow.CustomAuth{Username: s.username}
		if !s.password.IsZero() { // without a password, the pool asks its questions first
			f.Password = s.password
		}
		return f
	}},
	"ADMIN_USER_PASSWORD_AUTH": {password: true, admin: true, make: func(s settings) flow.AuthFlow {
		return flow.AdminUserPasswordAuth{Username: s.username, Password: s.password}
	}},
	"ADMIN_NO_SRP_AUTH": {password: true, admin: true, make: func(s settings) flow.AuthFlow {
		return flow.AdminUserPasswordAuth{Username: s.username, Password: s.password, LegacyName: true}
	}},
	"REFRESH_TOKEN_AUTH": refresh,
	"REFRESH_TOKEN":      refresh,
}

var refresh = authFlow{noUser: true, make: func(s settings) flow.AuthFlow {
	return flow.RefreshTokenAuth{Username: s.username, RefreshToken: s.refreshToken, DeviceKey: s.deviceKey}
}}

func (s settings) authFlow() flow.AuthFlow { return authFlows[s.flow].make(s) }

// beginsWithPassword reports whether the first request needs the password. In other sign-ins
// the pool may ask for a password later.
func (s settings) beginsWithPassword() bool {
	return authFlows[s.flow].password ||
		s.preferred == string(challenge.Password) || s.preferred == string(challenge.PasswordSRP)
}

const usage = `Usage: signin [flags]

Signs a user in to a user pool. Without flags, the program runs a user pool in its own
process and signs a demo user in.

Environment:
  COGNITO_PASSWORD       the password, or the new password with -sign-up and -reset
  COGNITO_CLIENT_SECRET  the client secret, if the app client has one
  COGNITO_REFRESH_TOKEN  the refresh token for -flow REFRESH_TOKEN_AUTH

Flags:
`

// parse reads the command line and the environment. With -help, parse writes the usage to w
// and returns flag.ErrHelp. An error for a wrong command line has one line.
func parse(args []string, w io.Writer) (settings, error) {
	s := settings{
		clientSecret: secret.New(os.Getenv("COGNITO_CLIENT_SECRET")),
		password:     secret.New(os.Getenv("COGNITO_PASSWORD")),
		refreshToken: secret.New(os.Getenv("COGNITO_REFRESH_TOKEN")),
	}
	names := strings.Join(slices.Sorted(maps.Keys(authFlows)), ", ")
	flags := flag.NewFlagSet("signin", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.userPoolID, "user-pool-id", "", "`ID` of the user pool, such as eu-central-1_Ab12Cd34E")
	flags.StringVar(&s.clientID, "client-id", "", "`ID` of the app client")
	flags.StringVar(&s.region, "region", "", "AWS `region` (default: the region in the ID of the pool)")
	flags.StringVar(&s.endpoint, "endpoint", "", "base `URL` of the service (default: the endpoint of AWS in the region)")
	flags.StringVar(&s.issuer, "issuer", "", "`URL` of the issuer of the tokens (default: the issuer of AWS for the pool, or a URL below -endpoint)")
	flags.StringVar(&s.username, "username", "", "user `name` or alias. REFRESH_TOKEN_AUTH needs the name if there is a client secret or -device-dir")
	flags.StringVar(&s.flow, "flow", "USER_SRP_AUTH", "auth `flow`: "+names)
	flags.StringVar(&s.preferred, "preferred", "", "first `factor` in USER_AUTH: PASSWORD, PASSWORD_SRP, EMAIL_OTP or SMS_OTP (default: the pool asks)")
	flags.BoolVar(&s.admin, "admin", false, "use the Admin operations. The program finds AWS credentials as the AWS CLI does")
	flags.StringVar(&s.deviceDir, "device-dir", "", "`directory` for the device records of this machine. If the pool allows it, later sign-ins need no code")
	flags.StringVar(&s.deviceKey, "device-key", "", "`key` of the device that signed in, for REFRESH_TOKEN_AUTH without -device-dir")
	before := map[string]*bool{
		flagSignUp:  flags.Bool("sign-up", false, "before the sign-in, create the user"),
		flagConfirm: flags.Bool("confirm", false, "before the sign-in, confirm a sign-up with a new code"),
		flagReset:   flags.Bool("reset", false, "before the sign-in, set a new password with a code"),
	}
	attributes := flags.String("attributes", "", "`names` of attributes for -sign-up, such as email,name. The program asks for the values")
	flags.BoolVar(&s.json, "json", false, "print one JSON object with the tokens, and no steps and claims")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(w, usage)
		flags.SetOutput(w)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w (see signin -help)", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q (see signin -help)", flags.Arg(0))
	case len(args) == 0:
		return s, nil
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if !*before[name] {
			continue
		}
		if s.before != "" {
			return s, fmt.Errorf("give %s or %s, not both", s.before, name)
		}
		s.before = name
	}
	for name := range strings.SplitSeq(*attributes, ",") {
		if name = strings.TrimSpace(name); name != "" {
			s.attributes = append(s.attributes, name)
		}
	}
	poolRegion, _, _ := strings.Cut(s.userPoolID, "_")
	s.region = cmp.Or(s.region, poolRegion)
	return s, s.validate(names)
}

// validate finds mistakes in the flags, so that an error can name the flag. Package flow
// finds the other mistakes.
func (s settings) validate(names string) error {
	f, known := authFlows[s.flow]
	switch {
	case s.userPoolID == "":
		return errors.New("-user-pool-id is missing (see signin -help)")
	case s.clientID == "":
		return errors.New("-client-id is missing (see signin -help)")
	case !known:
		return fmt.Errorf("-flow %q is unknown: give one of %s", s.flow, names)
	case f.admin && !s.admin:
		return fmt.Errorf("-flow %s needs -admin", s.flow)
	case f.noUser && s.refreshToken.IsZero():
		return fmt.Errorf("-flow %s needs the refresh token in the environment variable COGNITO_REFRESH_TOKEN", s.flow)
	case !f.noUser && s.username == "":
		return fmt.Errorf("-username is missing: -flow %s needs a user name", s.flow)
	case s.preferred != "" && s.flow != "USER_AUTH":
		return fmt.Errorf("-preferred works with -flow USER_AUTH, not with %s", s.flow)
	case s.deviceKey != "" && !f.noUser:
		return fmt.Errorf("-device-key works with -flow REFRESH_TOKEN_AUTH, not with %s", s.flow)
	case s.before != "" && f.noUser:
		return fmt.Errorf("%s does not work with -flow %s, which needs no user name", s.before, s.flow)
	case s.before != "" && s.admin:
		return fmt.Errorf("%s does not work with -admin: leave out one of the two flags", s.before)
	case len(s.attributes) > 0 && s.before != flagSignUp:
		return fmt.Errorf("-attributes works with %s only", flagSignUp)
	case s.preferred == string(challenge.WebAuthn):
		return errNoPasskeys
	}
	return nil
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
