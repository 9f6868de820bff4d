package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/guard"
	"github.com/cognitoflow/cognitoflow/secret"
)

// App is the app client that users sign in to.
type App struct {
	UserPoolID   string        // such as "eu-central-1_Ab12Cd34E"
	ClientID     string        // the app client's ID
	ClientSecret secret.String // empty for an app client without a secret

	// Issuer is the claim iss of the tokens, with https://, for a pool that does not
	// have the one of its ID: a pool of the newer issuer (IssuerConfiguration), or an
	// emulator. Empty: that of the ID. See [App.IssuerURL].
	Issuer string

	// Replica allows an SDK client of another region than the one in UserPoolID:
	// that of a replica of the pool. Without Replica, New refuses such a client
	// unless the client has a BaseEndpoint.
	Replica bool
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// isUserPoolID and isClientID tell what the service's own patterns tell,
// [\w-]+_[0-9a-zA-Z]+ and [\w+]+. Every program that imports the package would
// wait while regular expressions are compiled.
func isUserPoolID(id string) bool {
	i := strings.LastIndexByte(id, '_')
	return i > 0 && i+1 < len(id) && strings.Trim(id[:i], alphanumeric+"_-") == "" && strings.Trim(id[i+1:], alphanumeric) == ""
}

func isClientID(id string) bool {
	return id != "" && strings.Trim(id, alphanumeric+"_+") == ""
}

func (a App) validate() error {
	if _, err := a.IssuerURL(); err != nil {
		return err
	}
	switch {
	case a.ClientID == "":
		return errors.New("flow: App.ClientID is empty; give the ID of an app client of the pool")
	case !isClientID(a.ClientID) || len(a.ClientID) > 128:
		return fmt.Errorf("flow: App.ClientID %.60q is not a client ID: it has other characters than letters, digits, _ and +, or more than 128", a.ClientID)
	}
	if err := checkClientSecret(a.ClientSecret); err != nil {
		return fmt.Errorf("flow: App.ClientSecret: %w", err)
	}
	return nil
}

// IssuerURL returns the claim iss of the pool's tokens: App.Issuer, or else the
// service's URL in the region of UserPoolID, and the ID. A verifier finds the keys
// below it, at /.well-known/jwks.json. The error is that of a UserPoolID or an Issuer
// that has another form.
func (a App) IssuerURL() (string, error) {
	if !isUserPoolID(a.UserPoolID) || len(a.UserPoolID) > 55 {
		return "", fmt.Errorf("flow: App.UserPoolID %.60q is not a user pool ID; one looks like eu-central-1_Ab12Cd34E", a.UserPoolID)
	}
	if a.Issuer != "" {
		u, err := url.Parse(a.Issuer)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return "", fmt.Errorf("flow: App.Issuer %.100q is no URL; one looks like https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E", a.Issuer)
		}
		return strings.TrimSuffix(a.Issuer, "/"), nil
	}
	region, _, _ := strings.Cut(a.UserPoolID, "_")
	endpoint, err := cip.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), cip.EndpointParameters{Region: &region})
	if err != nil {
		return "", fmt.Errorf("flow: no issuer for region %.60q; set App.Issuer: %w", region, err)
	}
	return endpoint.URI.Scheme + "://" + endpoint.URI.Host + "/" + a.UserPoolID, nil
}

// checkRegion refuses an SDK client that would send the requests of the pool to
// another region. A base endpoint says where they go; a replica of the pool is
// reached with the option that says so.
func (a App) checkRegion(api any) error {
	client, ok := api.(interface{ Options() cip.Options })
	if !ok {
		return nil
	}
	o := client.Options()
	region, _, _ := strings.Cut(a.UserPoolID, "_")
	if a.Replica || o.BaseEndpoint != nil || o.Region == region {
		return nil
	}
	return fmt.Errorf("flow: the SDK client is for region %q, and App.UserPoolID %q is of region %q; "+
		"set config.WithRegion(%q), a BaseEndpoint, or App.Replica", o.Region, a.UserPoolID, region, region)
}

// Driver signs users in to one app. It is safe for concurrent use.
type Driver struct {
	app     App
	service service
	api     any // what New or NewAdmin was given, for operations it may have
	options Options
	clock   *clock

	machineClock bool // Options.Now was left out, and is time.Now
	handshakes   *handshakes
}

// New returns a driver over InitiateAuth and RespondToAuthChallenge, the
// operations that need no AWS credentials. It sends nothing. It fails if api is
// nil, or if the SDK client is for another region (see App.Replica). It fails too
// if the pool ID or the client ID has a form that the service does not use, or if
// the secret begins or ends with white space.
func New(api API, app App, optFns ...func(*Options)) (*Driver, error) {
	if guard.IsNil(api) {
		return nil, errors.New("flow: New: api is nil; give a *cognitoidentityprovider.Client")
	}
	return newDriver(userService{api}, api, app, optFns)
}

// NewAdmin returns a driver over AdminInitiateAuth and
// AdminRespondToAuthChallenge, for a trusted server with AWS credentials. It
// fails as [New] does.
func NewAdmin(api AdminAPI, app App, optFns ...func(*Options)) (*Driver, error) {
	if guard.IsNil(api) {
		return nil, errors.New("flow: NewAdmin: api is nil; give a *cognitoidentityprovider.Client")
	}
	return newDriver(adminService{api}, api, app, optFns)
}

func newDriver(s service, api any, app App, optFns []func(*Options)) (*Driver, error) {
	if err := app.validate(); err != nil {
		return nil, err
	}
	if err := app.checkRegion(api); err != nil {
		return nil, err
	}
	d := &Driver{app: app, service: s, api: api, clock: new(clock)}
	d.options = Options{}.with(append(slices.Clone(optFns), func(o *Options) { d.machineClock = o.Now == nil }))
	d.handshakes = newHandshakes(d.options.Handshakes)
	if err := d.options.checkDriverHolder(); err != nil {
		return nil, err
	}
	return d, nil
}

// App returns the app client that users sign in to.
func (d *Driver) App() App { return d.app }

// Step is how far a sign-in got. One of its fields is set; with an error both are
// nil.
type Step struct {
	Tokens *Tokens // the user is signed in
	Prompt *Prompt // a person has to answer
}

// SignIn signs a user in and returns the tokens. It asks h whenever a person is
// needed. If the service refuses an answer and keeps the session, SignIn asks h
// again: see [Limits].
//
// The error is an *[Error] unless the arguments or h are at fault. If h has no
// answer, or is nil, then the error has the code [NoAnswer] and the prompt. If h
// gives a kind of answer that the challenge does not take, then the error has the
// code [AnswerNotUsable] and the prompt. Any error of h but challenge.ErrNoAnswer
// ends the sign-in and is returned as it is.
func (d *Driver) SignIn(ctx context.Context, f AuthFlow, h challenge.Handler, optFns ...func(*Options)) (*Tokens, error) {
	e := d.engine(optFns)
	if e.person = h; h == nil {
		e.person = challenge.Mux{}
	}
	if err := e.options.checkUsers(ctx, false); err != nil {
		return nil, err
	}
	if err := e.open(f); err != nil {
		return nil, err
	}
	step, err := e.observe(ctx, "SignIn", e.start)
	return step.Tokens, err
}

// Start starts a sign-in and goes as far as machines can: to tokens or to the
// first prompt. The error is an *[Error] unless the arguments are at fault.
func (d *Driver) Start(ctx context.Context, f AuthFlow, optFns ...func(*Options)) (Step, error) {
	e := d.engine(optFns)
	if _, refreshes := f.(RefreshTokenAuth); !refreshes { // which skips no factor
		if err := e.options.checkUsers(ctx, true); err != nil {
			return Step{}, err
		}
	}
	if err := e.open(f); err != nil {
		return Step{}, err
	}
	return e.observe(ctx, "Start", e.start)
}

// Respond answers a prompt and goes on to tokens or to the next prompt. The
// prompt may come from another driver for the same App, on another machine.
//
// Respond does not change p. If the sign-in can go on after an error, then the
// error is an *[Error] with a Prompt. Answer that prompt and not p: it is where
// the sign-in stands.
func (d *Driver) Respond(ctx context.Context, p *Prompt, a challenge.Answer, optFns ...func(*Options)) (Step, error) {
	if p == nil {
		return Step{}, errors.New("flow: Respond: the prompt is nil")
	}
	e := d.engine(optFns)
	if err := e.options.checkUsers(ctx, true); err != nil {
		return Step{}, err
	}
	kept, err := p.open(d)
	if err != nil {
		return Step{}, err
	}
	e.st = kept.state
	return e.observe(ctx, "Respond", func(ctx context.Context) (Step, error) { return e.respond(ctx, p, a) })
}

// LogValue says how far the sign-in got: encoding/json, which slog's handler
// for JSON uses, writes tokens whole.
func (s Step) LogValue() slog.Value {
	switch {
	case s.Tokens != nil:
		return slog.AnyValue(s.Tokens)
	case s.Prompt != nil:
		return slog.AnyValue(s.Prompt)
	}
	return slog.StringValue("no step")
}
