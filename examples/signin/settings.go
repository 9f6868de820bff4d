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

// settings are what the flags and the environment say.
type settings struct {
	userPoolID, clientID, region, endpoint string
	issuer                                 string

	flow, username, preferred string
	admin                     bool
	deviceDir, deviceKey      string
	json                      bool

	before     string   // flagSignUp, flagConfirm, flagReset, or "" for the sign-in alone
	attributes []string // that the user gives with -sign-up

	clientSecret, password, refreshToken secret.String
}

// authFlow is a way to sign in that -flow can name.
type authFlow struct {
	make     func(settings) flow.AuthFlow
	password bool // it begins with a password
	admin    bool // it needs -admin
	noUser   bool // it does without -username
}

// authFlows has every auth flow of the service.
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
		if !s.password.IsZero() { // without one the sign-in begins with the pool's questions
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

// beginsWithPassword reports whether the very first request takes the password.
// Other sign-ins ask for it when the pool does, or not at all.
func (s settings) beginsWithPassword() bool {
	return authFlows[s.flow].password ||
		s.preferred == string(challenge.Password) || s.preferred == string(challenge.PasswordSRP)
}

// parse reads the command line and the environment. Usage, if asked for, goes
// to w; mistakes are errors of one line.
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
	flags.StringVar(&s.region, "region", "", "AWS `region`; without it, the one in the ID of the pool")
	flags.StringVar(&s.endpoint, "endpoint", "", "base `URL` of the service; without it, that of AWS in the region")
	flags.StringVar(&s.issuer, "issuer", "", "`URL` of the issuer of the tokens; without it, that of the pool's ID, or the endpoint's")
	flags.StringVar(&s.username, "username", "", "user `name` or alias; REFRESH_TOKEN_AUTH needs it with a client secret or -device-dir")
	flags.StringVar(&s.flow, "flow", "USER_SRP_AUTH", "auth `flow`: "+names)
	flags.StringVar(&s.preferred, "preferred", "", "first `factor` to begin with in USER_AUTH: PASSWORD, PASSWORD_SRP, EMAIL_OTP or SMS_OTP; without it, the pool asks")
	flags.BoolVar(&s.admin, "admin", false, "sign in through the Admin operations, with AWS credentials from where the AWS CLI finds them")
	flags.StringVar(&s.deviceDir, "device-dir", "", "`directory` in which this machine is remembered: where the pool allows it, later sign-ins need no code")
	flags.StringVar(&s.deviceKey, "device-key", "", "`key` of the device that signed in, for REFRESH_TOKEN_AUTH without its -device-dir")
	before := map[string]*bool{
		flagSignUp:  flags.Bool("sign-up", false, "sign up first: create the user"),
		flagConfirm: flags.Bool("confirm", false, "confirm a sign-up first, with a new code"),
		flagReset:   flags.Bool("reset", false, "reset the password first, with a code"),
	}
	attributes := flags.String("attributes", "", "`names` of the attributes to give with -sign-up, such as email,name; their values are asked for")
	flags.BoolVar(&s.json, "json", false, "print the tokens, as one JSON object, in place of steps and claims")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(w, "usage of signin; without flags it signs in to a pool of its own:")
		flags.SetOutput(w)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w; see signin -help", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q; see signin -help", flags.Arg(0))
	case len(args) == 0:
		return s, nil
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if !*before[name] {
			continue
		}
		if s.before != "" {
			return s, fmt.Errorf("%s and %s do not go together; give one of them", s.before, name)
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

// validate finds the mistakes that can be told in the words of the command
// line; package flow finds the others.
func (s settings) validate(names string) error {
	f, known := authFlows[s.flow]
	switch {
	case s.userPoolID == "":
		return errors.New("-user-pool-id is missing; see signin -help")
	case s.clientID == "":
		return errors.New("-client-id is missing; see signin -help")
	case !known:
		return fmt.Errorf("-flow %q is none of %s", s.flow, names)
	case f.admin && !s.admin:
		return fmt.Errorf("-flow %s needs -admin", s.flow)
	case f.noUser && s.refreshToken.IsZero():
		return fmt.Errorf("-flow %s needs the refresh token in the environment variable COGNITO_REFRESH_TOKEN", s.flow)
	case !f.noUser && s.username == "":
		return fmt.Errorf("-username is missing; -flow %s needs it", s.flow)
	case s.preferred != "" && s.flow != "USER_AUTH":
		return fmt.Errorf("-preferred goes with -flow USER_AUTH, not with %s", s.flow)
	case s.deviceKey != "" && !f.noUser:
		return fmt.Errorf("-device-key goes with -flow REFRESH_TOKEN_AUTH, not with %s", s.flow)
	case s.before != "" && f.noUser:
		return fmt.Errorf("%s does not go with -flow %s, which has no user", s.before, s.flow)
	case s.before != "" && s.admin:
		return fmt.Errorf("%s is for users; leave out -admin", s.before)
	case len(s.attributes) > 0 && s.before != flagSignUp:
		return fmt.Errorf("-attributes goes with %s", flagSignUp)
	case s.preferred == string(challenge.WebAuthn):
		return errNoPasskeys
	}
	return nil
}

// app is the app client. An endpoint that is not AWS's is the issuer of its tokens.
func (s settings) app() flow.App {
	app := flow.App{UserPoolID: s.userPoolID, ClientID: s.clientID, ClientSecret: s.clientSecret, Issuer: s.issuer}
	if app.Issuer == "" && s.endpoint != "" {
		app.Issuer = strings.TrimSuffix(s.endpoint, "/") + "/" + s.userPoolID
	}
	return app
}
