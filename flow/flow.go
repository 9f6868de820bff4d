package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// App is the app client that users sign in to.
type App struct {
	UserPoolID   string        // such as "eu-central-1_Ab12Cd34E"
	ClientID     string        // the app client's ID
	ClientSecret secret.String // empty for an app client without a secret
}

// The service's own pattern for user pool IDs.
var userPoolID = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)

func (a App) validate() error {
	switch {
	case !userPoolID.MatchString(a.UserPoolID) || len(a.UserPoolID) > 55:
		return fmt.Errorf("flow: App.UserPoolID %q is not a user pool ID; one looks like eu-central-1_Ab12Cd34E", a.UserPoolID)
	case a.ClientID == "":
		return errors.New("flow: App.ClientID is empty; give the ID of an app client of the pool")
	}
	return nil
}

// Driver signs users in to one app. It is safe for concurrent use.
type Driver struct {
	app     App
	service service
	api     any // what New or NewAdmin was given, for operations it may have
	options Options
}

// New returns a driver over InitiateAuth and RespondToAuthChallenge, the
// operations that anyone may call. It fails on an App that cannot be right.
func New(api API, app App, optFns ...func(*Options)) (*Driver, error) {
	if api == nil {
		return nil, errors.New("flow: New: api is nil; give a *cognitoidentityprovider.Client")
	}
	return newDriver(userService{api}, api, app, optFns)
}

// NewAdmin returns a driver over AdminInitiateAuth and
// AdminRespondToAuthChallenge, for a trusted server with AWS credentials.
func NewAdmin(api AdminAPI, app App, optFns ...func(*Options)) (*Driver, error) {
	if api == nil {
		return nil, errors.New("flow: NewAdmin: api is nil; give a *cognitoidentityprovider.Client")
	}
	return newDriver(adminService{api}, api, app, optFns)
}

func newDriver(s service, api any, app App, optFns []func(*Options)) (*Driver, error) {
	if err := app.validate(); err != nil {
		return nil, err
	}
	return &Driver{app: app, service: s, api: api, options: Options{}.with(optFns)}, nil
}

// Step is how far a sign-in got: exactly one of its fields is set.
type Step struct {
	Tokens *Tokens // the user is signed in
	Prompt *Prompt // a person is asked
}

// What ends a sign-in in one call whose handler and pool would go on for ever.
// A pool's custom challenges may take many rounds; a person who has given ten
// wrong codes will not find the right one.
const (
	maxRounds   = 100
	maxRefusals = 10
)

// SignIn signs a user in, asking h whenever a person is needed. It is a loop
// over [Driver.Start] and [Driver.Respond]: an answer that the service refuses
// while it keeps the session, such as a wrong code, is asked for again, up to
// ten times.
//
// The error is an *[Error] unless the arguments or h are at fault. Where h has
// no answer (or is nil) it carries the prompt, and errors.Is finds
// challenge.ErrNoAnswer. An error of h's ends the sign-in and is returned as
// it is.
func (d *Driver) SignIn(ctx context.Context, f AuthFlow, h challenge.Handler, optFns ...func(*Options)) (*Tokens, error) {
	if h == nil {
		h = challenge.Mux{}
	}
	s := d.signIn(optFns)
	step, err := s.start(ctx, f)
	for range maxRounds {
		if again := refusedAnswer(err); again != nil {
			step.Prompt = again
		} else if err != nil {
			return nil, err
		}
		if step.Tokens != nil {
			return step.Tokens, nil
		}
		c := step.Prompt.Challenge()
		answer, answerErr := h.Answer(ctx, c)
		if errors.Is(answerErr, challenge.ErrNoAnswer) {
			return nil, &Error{Challenge: c.Name, Prompt: step.Prompt, Remedy: AnswerPrompt, Err: errors.Join(answerErr, c.Reason)}
		}
		if answerErr != nil {
			return nil, answerErr
		}
		step, err = s.respond(ctx, step.Prompt, answer)
	}
	if step.Tokens != nil || err != nil {
		return step.Tokens, err
	}
	return nil, &Error{Prompt: step.Prompt, Err: fmt.Errorf("given up after %d prompts; the pool or the handler goes on asking", maxRounds)}
}

// Start starts a sign-in and goes as far as machines can: to tokens or to the
// first prompt. The error is an *[Error] unless the arguments are at fault.
func (d *Driver) Start(ctx context.Context, f AuthFlow, optFns ...func(*Options)) (Step, error) {
	return d.signIn(optFns).start(ctx, f)
}

// Respond answers a prompt and goes on to tokens or to the next prompt. The
// prompt may come from another driver for the same App, on another machine.
//
// Respond does not change p. After an error it can be answered again if the
// error, an *[Error], carries a Prompt: the same one, told of the refusal.
func (d *Driver) Respond(ctx context.Context, p *Prompt, a challenge.Answer, optFns ...func(*Options)) (Step, error) {
	if p == nil {
		return Step{}, errors.New("flow: Respond: the prompt is nil")
	}
	return d.signIn(optFns).respond(ctx, p, a)
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
