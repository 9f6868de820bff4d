package site

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

// settings are the flags and the environment variables.
type settings struct {
	listen                                 string
	userPoolID, clientID, region, endpoint string
	clientSecret                           secret.String
	sealingKeys                            secret.String // has the form of WEB_SEALING_KEYS
	sessionsIn                             secret.String // has the form of -sessions. A URL may have a password
	openers                                map[string]Opener

	flows           list // auth flows of the app client that the sign-in page offers
	signUp          list // attributes on the sign-up page. An empty list means that there is no such page
	remember        bool // the pool tracks devices
	promptLifetime  time.Duration
	insecureCookies bool
	tlsProxy        bool // a proxy in front ends TLS
	threatProtected bool // the pool gets the address of the browser
	instances       int
	now             func() time.Time // the clock of this machine
}

// list is a flag with values between commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(text string) error {
	*l = nil
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			*l = append(*l, item)
		}
	}
	return nil
}

const (
	envClientSecret = "COGNITO_CLIENT_SECRET"
	envSealingKeys  = "WEB_SEALING_KEYS"
	envSessions     = "WEB_SESSIONS"
)

const usage = `Usage: web [flags]

Serves a web site that signs users in. Without flags, the program runs a user pool in its own
process.

Environment:
  COGNITO_CLIENT_SECRET  the client secret, if the app client has one
  WEB_SEALING_KEYS       keys of 32 bytes in base64, separated by commas. The first key seals.
                         Without the variable, the program makes a new key at each start
  WEB_SESSIONS           the same as -sessions, for a URL with a password

Flags:
`

// parse reads the command line and the environment. With -help, parse writes the usage to w
// and returns flag.ErrHelp. An error for a wrong command line has one line.
func parse(args []string, openers map[string]Opener, w io.Writer) (settings, error) {
	s := settings{
		clientSecret: secret.New(os.Getenv(envClientSecret)),
		sealingKeys:  secret.New(os.Getenv(envSealingKeys)),
		flows:        list{"USER_SRP_AUTH"},
		openers:      openers,
		now:          time.Now,
	}
	flags := flag.NewFlagSet("web", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&s.userPoolID, "user-pool-id", "", "`ID` of the user pool (default: a pool in this process)")
	flags.StringVar(&s.clientID, "client-id", "", "`ID` of the app client")
	flags.StringVar(&s.region, "region", "", "AWS `region` (default: the region in the ID of the pool)")
	flags.StringVar(&s.endpoint, "endpoint", "", "base `URL` of the service (default: the endpoint of AWS in the region)")
	flags.Var(&s.flows, "flows", "auth `flows` of the sign-in page: USER_SRP_AUTH, USER_AUTH and CUSTOM_AUTH, separated by commas")
	flags.Var(&s.signUp, "sign-up", "`attributes` on the sign-up page, such as email,name (default: no sign-up page)")
	flags.BoolVar(&s.remember, "remember", false, "offer to remember the browser. The pool must track devices")
	flags.DurationVar(&s.promptLifetime, "prompt-lifetime", 3*time.Minute, "AuthSessionValidity of the app client: the time for an answer")
	flags.BoolVar(&s.insecureCookies, "insecure-cookies", false, "set cookies that work without TLS on any host. For development only")
	flags.BoolVar(&s.tlsProxy, "tls-proxy", false, "trust a proxy in front, which ends TLS and appends the browser's address to X-Forwarded-For")
	flags.BoolVar(&s.threatProtected, "threat-protection", false, "send the browser's address to the pool. The app client must have a client secret and EnablePropagateAdditionalUserContextData")
	sessionsIn := flags.String("sessions", "", "`place` for the tokens of users: cookie, memory, or the URL of a store (default: WEB_SESSIONS, or cookie)")
	flags.IntVar(&s.instances, "instances", 1, "`number` of processes behind a proxy")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(w, usage)
		flags.SetOutput(w)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w (see web -help)", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q (see web -help)", flags.Arg(0))
	}
	s.sessionsIn = secret.New(cmp.Or(*sessionsIn, os.Getenv(envSessions), inCookies))
	poolRegion, _, _ := strings.Cut(s.userPoolID, "_")
	s.region = cmp.Or(s.region, poolRegion)
	if s.sealingKeys.IsZero() {
		if s.userPoolID != "" && strings.Contains(s.sessionsIn.Reveal(), "://") {
			return s, fmt.Errorf("%s is not set: after a restart, a new key could not open the records in the store", envSealingKeys)
		}
		key := make([]byte, seal.KeySize)
		rand.Read(key)
		s.sealingKeys = secret.New(base64.StdEncoding.EncodeToString(key))
	}
	return s, s.validate()
}

func (s settings) validate() error {
	if s.instances < 1 {
		return fmt.Errorf("-instances %d: give 1 or more", s.instances)
	}
	if s.threatProtected && s.clientSecret.IsZero() {
		return fmt.Errorf("-threat-protection: set %s, because the service accepts the address only from an app client with a client secret", envClientSecret)
	}
	if (s.userPoolID == "") != (s.clientID == "") {
		return errors.New("give both -user-pool-id and -client-id, or none of the two (see web -help)")
	}
	offered := func(flow string) bool {
		return slices.ContainsFunc(ways, func(w way) bool { return w.flow == flow })
	}
	for _, flow := range s.flows {
		if !offered(flow) {
			return fmt.Errorf("-flows: this program does not offer %q, give USER_SRP_AUTH, USER_AUTH or CUSTOM_AUTH", flow)
		}
	}
	if len(s.flows) == 0 {
		return errors.New("-flows is empty, give at least one of USER_SRP_AUTH, USER_AUTH and CUSTOM_AUTH")
	}
	if err := s.validateSessions(); err != nil {
		return err
	}
	_, err := s.keys()
	return err
}

// keys decodes WEB_SEALING_KEYS. Package seal checks the length of the keys.
func (s settings) keys() ([][]byte, error) {
	var keys [][]byte
	for i, text := range strings.Split(s.sealingKeys.Reveal(), ",") {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%s: key %d is not base64", envSealingKeys, i) // the text of err would show a part of the key
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (s settings) app() flow.App {
	return flow.App{UserPoolID: s.userPoolID, ClientID: s.clientID, ClientSecret: s.clientSecret}
}

// offers reports whether the sign-in page may use an auth flow.
func (s settings) offers(flow string) bool { return slices.Contains(s.flows, flow) }
