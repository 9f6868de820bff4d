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

	// Issuer is the claim iss of the tokens, with https://. Set it for a pool of the newer
	// issuer (IssuerConfiguration), and for an emulator. Empty: the issuer that follows from
	// UserPoolID. See [App.IssuerURL].
	Issuer string

	// Replica allows an SDK client of another region than the one in UserPoolID, for a
	// replica of the pool in that region. Without Replica, New refuses such a client
	// unless the client has a BaseEndpoint.
	Replica bool
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// isUserPoolID and isClientID match the patterns of the service's API model,
// [\w-]+_[0-9a-zA-Z]+ and [\w+]+. Each program that imports the package would wait for the
// compilation of regular expressions.
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
		return errors.New("flow: App.ClientID is empty: give the ID of an app client of the pool")
	case !isClientID(a.ClientID) || len(a.ClientID) > 128:
		return fmt.Errorf("flow: App.ClientID %.60q is not a client ID: it has other characters than letters, digits, _ and +, or more than 128", a.ClientID)
	}
	if err := checkClientSecret(a.ClientSecret); err != nil {
		return fmt.Errorf("flow: App.ClientSecret: %w", err)
	}
	return nil
}

// IssuerURL returns the claim iss of the pool's tokens. The claim is App.Issuer if that is
// set. Otherwise the claim is the service's URL in the region of UserPoolID, followed by the
// ID. A verifier finds the keys at /.well-known/jwks.json below this URL. IssuerURL fails if
// UserPoolID or Issuer has another form.
func (a App) IssuerURL() (string, error) {
	if !isUserPoolID(a.UserPoolID) || len(a.UserPoolID) > 55 {
		return "", fmt.Errorf("flow: App.UserPoolID %.60q is not a user pool ID, such as eu-central-1_Ab12Cd34E", a.UserPoolID)
	}
	if a.Issuer != "" {
		u, err := url.Parse(a.Issuer)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return "", fmt.Errorf("flow: App.Issuer %.100q is no URL such as https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E", a.Issuer)
		}
		return strings.TrimSuffix(a.Issuer, "/"), nil
	}
	region, _, _ := strings.Cut(a.UserPoolID, "_")
	endpoint, err := cip.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), cip.EndpointParameters{Region: &region})
	if err != nil {
		return "", fmt.Errorf("flow: set App.Issuer, because region %.60q has no issuer: %w", region, err)
	}
	return endpoint.URI.Scheme + "://" + endpoint.URI.Host + "/" + a.UserPoolID, nil
}

// checkRegion refuses an SDK client that would send the requests of the pool to
// another region. A base endpoint or App.Replica says that the program wants it so.
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
	return fmt.Errorf("flow: the SDK client is for region %q, and App.UserPoolID %q is of region %q: "+
		"set config.WithRegion(%q), a BaseEndpoint, or App.Replica", o.Region, a.UserPoolID, region, region)
}

// Driver signs users in to one app. A Driver is safe for concurrent use.
//
// # Retries and new starts
//
// The SDK client retries a request that the service throttled or that did not leave this
// machine. After other failures, the SDK client retries only a request that uses up
// nothing at the service. An answer uses up its session, and a start can use up a code.
//
// A reply is lost if the connection closes, if the HTTP status is 500 or more, or if the
// reply cannot be read. If the reply to a request of the driver is lost, the driver starts
// the sign-in over, once. The driver then repeats the choices that the user has made. The
// driver does not start over in [Driver.Respond], and not after a person has given an answer
// that is good only once. Such answers are a code, a signature, a new password, and an answer
// to a custom challenge.
//
// If the reply to an answer of a person or of a handler is lost, the error has a prompt.
// The service may have acted on the answer. In that case the service refuses the prompt, and
// the user has to start again.
//
// Apart from choices, the driver sends an answer a second time in one case. If the service
// answers ResourceNotFoundException to a request with a device key, the pool may not know the
// device. The driver then sends the request without the key.
type Driver struct {
	app     App
	service service
	api     any // the argument of New or NewAdmin, for operations that it may have
	options Options
	clock   *clock

	machineClock bool // Options.Now was nil, and is time.Now
	handshakes   *handshakes
}

// New returns a driver that calls InitiateAuth and RespondToAuthChallenge. These operations
// need no AWS credentials. New sends nothing.
//
// New fails if api is nil, or if the SDK client is for another region (see App.Replica). New
// also fails if the pool ID or the client ID has a form that the service does not use. A client
// secret must not begin or end with white space, and a driver must not have [ThisBrowser].
func New(api API, app App, optFns ...func(*Options)) (*Driver, error) {
	if guard.IsNil(api) {
		return nil, errors.New("flow: New: api is nil: give a *cognitoidentityprovider.Client")
	}
	return newDriver(userService{api}, api, app, optFns)
}

// NewAdmin returns a driver that calls AdminInitiateAuth and AdminRespondToAuthChallenge, for
// a trusted server with AWS credentials. The driver takes each [AuthFlow] but
// [UserPasswordAuth]. NewAdmin fails for the same reasons as [New].
func NewAdmin(api AdminAPI, app App, optFns ...func(*Options)) (*Driver, error) {
	if guard.IsNil(api) {
		return nil, errors.New("flow: NewAdmin: api is nil: give a *cognitoidentityprovider.Client")
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

// Step is the result of [Driver.Start] and [Driver.Respond]. One of its fields is set. With
// an error both fields are nil.
type Step struct {
	Tokens *Tokens // the user is signed in
	Prompt *Prompt // a person has to answer a challenge
}

// SignIn signs a user in and returns the tokens. SignIn asks h whenever a person has to
// answer. If the service refuses an answer and keeps the session, SignIn asks h again.
// Challenge.Attempt is then the number of refused answers, and Challenge.Reason is the error
// of the last one. [Limits] bounds that number.
//
// The error is an *[Error] unless the arguments or h are at fault:
//
//   - If h is nil or has no answer, the error has the code [NoAnswer] and the prompt.
//   - If the challenge does not take the kind of answer that h gives, the error has the code
//     [AnswerNotUsable] and the prompt.
//   - Any other error of h than challenge.ErrNoAnswer ends the sign-in. SignIn returns that
//     error unchanged.
//
// If the request with an answer fails for the moment, SignIn ends with a prompt in the error
// (remedy [TryLater]). To go on, give that prompt and the answer to [Driver.Respond]. Respond
// then takes [ThisMachine] too.
func (d *Driver) SignIn(ctx context.Context, f AuthFlow, h challenge.Handler, optFns ...func(*Options)) (*Tokens, error) {
	e := d.engine(optFns)
	e.person, e.attended = h, true
	if h == nil {
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

// Start starts a sign-in and goes on to tokens or to the first prompt. The error is an
// *[Error] unless the arguments are at fault.
func (d *Driver) Start(ctx context.Context, f AuthFlow, optFns ...func(*Options)) (Step, error) {
	e := d.engine(optFns)
	if _, refreshes := f.(RefreshTokenAuth); !refreshes { // a refresh leaves out no factor
		if err := e.options.checkUsers(ctx, true); err != nil {
			return Step{}, err
		}
	}
	if err := e.open(f); err != nil {
		return Step{}, err
	}
	return e.observe(ctx, "Start", e.start)
}

// Respond answers a prompt and goes on to tokens or to the next prompt. The prompt may come
// from another driver for the same App, on another machine. Respond does not change p.
//
// A web backend does one of these:
//
//   - With Step.Prompt, it keeps the new prompt and shows the challenge as a form.
//   - With Step.Tokens, it deletes the prompt and gives the browser a new ID.
//   - With an *[Error] that has a Prompt, it keeps that prompt in place of p and shows the form
//     again. If the remedy is [AnswerPrompt], it shows Error.Message too.
//   - With an *[Error] without a Prompt, it deletes p. The user starts again.
//
// The driver of Respond has no password but the one in the answer. A password of Start is
// not in the prompt. Any other error than an *[Error] says that an argument is at fault.
func (d *Driver) Respond(ctx context.Context, p *Prompt, a challenge.Answer, optFns ...func(*Options)) (Step, error) {
	if p == nil {
		return Step{}, errors.New("flow: Respond: the prompt is nil")
	}
	e := d.engine(optFns)
	kept, err := p.open(d)
	if err != nil {
		return Step{}, err
	}
	if err := e.options.checkUsers(ctx, !kept.attended); err != nil {
		return Step{}, err
	}
	e.st, e.attended = kept.state, kept.attended
	return e.observe(ctx, "Respond", func(ctx context.Context) (Step, error) { return e.respond(ctx, p, a) })
}

// LogValue returns the LogValue of the tokens or of the prompt. Without LogValue, a
// slog.JSONHandler would write the tokens in full.
func (s Step) LogValue() slog.Value {
	switch {
	case s.Tokens != nil:
		return slog.AnyValue(s.Tokens)
	case s.Prompt != nil:
		return slog.AnyValue(s.Prompt)
	}
	return slog.StringValue("no step")
}
