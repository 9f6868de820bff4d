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

// settings are what the flags and the environment say.
type settings struct {
	listen                                 string
	userPoolID, clientID, region, endpoint string
	clientSecret                           secret.String
	sealingKeys                            secret.String // as in WEB_SEALING_KEYS
	sessionsIn                             secret.String // as in -sessions; a URL may have a password in it
	openers                                map[string]Opener

	flows           list // auth flows of the app client that the sign-in page offers
	signUp          list // attributes that the sign-up page asks for; none: no such page
	remember        bool // the pool tracks devices
	promptLifetime  time.Duration
	insecureCookies bool
	tlsProxy        bool // TLS ends in front of this program
	threatProtected bool // the pool gets the browser's address
	instances       int
	now             func() time.Time // this machine's clock
}

// list is a flag with commas in it.
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

// parse reads the command line and the environment. Usage, if asked for, goes
// to w; mistakes are errors of one line.
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
	flags.StringVar(&s.userPoolID, "user-pool-id", "", "`ID` of the user pool; without it, a pool embedded in this program")
	flags.StringVar(&s.clientID, "client-id", "", "`ID` of the app client")
	flags.StringVar(&s.region, "region", "", "AWS `region`; without it, the one in the ID of the pool")
	flags.StringVar(&s.endpoint, "endpoint", "", "base `URL` of the service; without it, that of AWS in the region")
	flags.Var(&s.flows, "flows", "auth `flows` that the app client allows, of USER_SRP_AUTH, USER_AUTH and CUSTOM_AUTH")
	flags.Var(&s.signUp, "sign-up", "`attributes` that users give to sign up, such as email,name; without it, no sign-up")
	flags.BoolVar(&s.remember, "remember", false, "offer to remember the browser; for pools that track devices")
	flags.DurationVar(&s.promptLifetime, "prompt-lifetime", 3*time.Minute, "the app client's AuthSessionValidity")
	flags.BoolVar(&s.insecureCookies, "insecure-cookies", false, "cookies that work without TLS on any host; for development only")
	flags.BoolVar(&s.tlsProxy, "tls-proxy", false, "a proxy in front ends TLS and appends the browser's address to X-Forwarded-For; without one, do not set it")
	flags.BoolVar(&s.threatProtected, "threat-protection", false, "tell the pool the browser's address; needs EnablePropagateAdditionalUserContextData of the app client, and its secret")
	sessionsIn := flags.String("sessions", "", "`place` to keep who is signed in: cookie, memory, or the URL of a store; without it, as WEB_SESSIONS says, or cookie")
	flags.IntVar(&s.instances, "instances", 1, "`number` of processes behind a proxy")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(w, "usage of web; without flags it serves a user pool of its own:")
		flags.SetOutput(w)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w; see web -help", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q; see web -help", flags.Arg(0))
	}
	s.sessionsIn = secret.New(cmp.Or(*sessionsIn, os.Getenv(envSessions), inCookies))
	poolRegion, _, _ := strings.Cut(s.userPoolID, "_")
	s.region = cmp.Or(s.region, poolRegion)
	if s.sealingKeys.IsZero() {
		if s.userPoolID != "" && strings.Contains(s.sessionsIn.Reveal(), "://") {
			return s, fmt.Errorf("%s is not set; a store outlives this process, and a new key could not open what is in the store", envSealingKeys)
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
		return fmt.Errorf("-threat-protection: set %s; the service takes the address only from an app client with a secret", envClientSecret)
	}
	if (s.userPoolID == "") != (s.clientID == "") {
		return errors.New("-user-pool-id and -client-id go together; give both, or none for the embedded pool")
	}
	offered := func(flow string) bool {
		return slices.ContainsFunc(ways, func(w way) bool { return w.flow == flow })
	}
	for _, flow := range s.flows {
		if !offered(flow) {
			return fmt.Errorf("-flows: %q is not one that this program offers; give USER_SRP_AUTH, USER_AUTH or CUSTOM_AUTH", flow)
		}
	}
	if len(s.flows) == 0 {
		return errors.New("-flows is empty; give at least one of USER_SRP_AUTH, USER_AUTH and CUSTOM_AUTH")
	}
	if err := s.validateSessions(); err != nil {
		return err
	}
	_, err := s.keys()
	return err
}

// keys decodes WEB_SEALING_KEYS. How long a key must be is for package seal to say.
func (s settings) keys() ([][]byte, error) {
	var keys [][]byte
	for i, text := range strings.Split(s.sealingKeys.Reveal(), ",") {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%s: key %d is not base64", envSealingKeys, i) // err would quote from it
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
