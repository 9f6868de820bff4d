package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// signIn is one sign-in for the length of one call.
type signIn struct {
	*Driver
	options Options
	machine challenge.Mux // the driver's own handlers that can answer by now

	typed        string // the name the user gave, perhaps an alias
	resolved     string // what the pool calls that user, once it has told
	srpID        string // the name that passwords are hashed with, where only that was told
	session      string // the last one the service sent
	refreshToken secret.String

	flow        AuthFlow    // how it started, until a person has answered
	device      *remembered // of the user, as far as known
	searched    []string    // the names it was looked for under
	noDevice    bool        // the pool did not take the device
	deviceError error
}

func (d *Driver) signIn(optFns []func(*Options)) *signIn {
	return &signIn{Driver: d, options: d.options.with(optFns), machine: challenge.Mux{}}
}

// username is the name to send: the pool's own as soon as it is known.
func (s *signIn) username() string {
	return cmp.Or(s.resolved, s.srpID, s.typed)
}

// usePassword enables the handlers that need a password.
func (s *signIn) usePassword(password secret.String) {
	if !password.IsZero() {
		maps.Copy(s.machine, challenge.PasswordHandlers(s.app.UserPoolID, password, s.options.Now))
	}
}

// start makes the first request of a sign-in and runs on from there.
func (s *signIn) start(ctx context.Context, f AuthFlow) (Step, error) {
	if f == nil {
		return Step{}, errors.New("flow: the AuthFlow is nil; give one such as UserSRPAuth")
	}
	o, err := f.opening()
	if err != nil {
		return Step{}, err
	}
	if err := accepted(s.service, o.flow); err != nil {
		return Step{}, err
	}
	s.flow, s.typed, s.resolved, s.srpID, s.session, s.searched = f, o.username, "", "", o.session, nil
	s.refreshToken = secret.New(o.params["REFRESH_TOKEN"])
	s.usePassword(o.password)
	s.findDevice(ctx)
	s.useDevice(o.deviceKey)

	r := request{flow: o.flow, params: maps.Clone(o.params)}
	if o.first != "" {
		err := s.addResponses(ctx, &r, o.first)
		if errors.Is(err, challenge.ErrNoAnswer) {
			return Step{}, needs(f, "Password", "")
		}
		if err != nil {
			return Step{}, err
		}
	}
	return s.run(ctx, r, ByDriver, nil)
}

// respond answers a prompt and runs on from there.
func (s *signIn) respond(ctx context.Context, p *Prompt, a challenge.Answer) (Step, error) {
	state, err := p.open(s.Driver)
	if err != nil {
		return Step{}, err
	}
	s.flow, s.typed, s.resolved, s.srpID, s.session = nil, state.typed, state.resolved, state.srpID, state.session
	s.findDevice(ctx)
	c := state.challenge
	if password := a.Password(); !password.IsZero() {
		s.usePassword(password)
		if h := s.machine[c.Name]; h != nil { // PASSWORD and PASSWORD_SRP themselves
			if a, err = h.Answer(ctx, c); err != nil {
				return Step{}, err
			}
		}
	}
	responses, err := c.Responses(a)
	if err != nil {
		return Step{}, &Error{Challenge: c.Name, Prompt: p.refused(err), Remedy: AnswerPrompt, Err: err}
	}
	return s.run(ctx, request{challenge: c.Name, params: responses}, ByCaller, p)
}

// maxSteps ends a call whose challenges machine handlers would go on answering
// for ever. The longest chain a pool makes of them has five.
const maxSteps = 16

// run is the one loop: it sends a request and answers what comes back for as
// long as machines can. The prompt is the one that r answers, for the error of
// a refusal; it is nil for the start of a sign-in.
func (s *signIn) run(ctx context.Context, r request, by string, p *Prompt) (Step, error) {
	for range maxSteps {
		reply, err := s.exchange(ctx, r)
		refused := s.deviceRefused(r, err)
		if err != nil {
			err = s.refusal(r, by, p, err)
		}
		s.options.trace(ctx, Event{Flow: r.flow, Challenge: r.challenge, By: by, Err: err})
		if refused {
			s.forgetDevice(ctx)
			if s.flow != nil { // once: there is no device the second time
				return s.start(ctx, s.flow)
			}
		}
		if err != nil {
			return Step{}, err
		}
		if reply.tokens != nil {
			return s.finish(ctx, reply.tokens)
		}
		c, err := s.receive(ctx, r, reply)
		if err != nil {
			return Step{}, err
		}
		p = s.prompt(c)
		var answer challenge.Answer
		answer, by, err = s.machineAnswer(ctx, c)
		if errors.Is(err, challenge.ErrNoAnswer) {
			return Step{Prompt: p}, nil
		}
		if err != nil {
			return Step{}, &Error{Challenge: c.Name, Err: err}
		}
		responses, err := c.Responses(answer)
		if err != nil {
			return Step{}, &Error{Challenge: c.Name, Err: err}
		}
		r = request{challenge: c.Name, params: responses}
	}
	return Step{}, &Error{Challenge: r.challenge, Err: fmt.Errorf("given up after %d challenges in a row that needed no person", maxSteps)}
}

// receive takes from a reply what later requests need and returns the
// challenge it asks.
func (s *signIn) receive(ctx context.Context, r request, reply *reply) (challenge.Challenge, error) {
	if reply.challenge == "" {
		return challenge.Challenge{}, &Error{
			Operation: s.service.operation(r), Challenge: r.challenge,
			Err: errors.New("the response has neither tokens nor a challenge"),
		}
	}
	// Some responses have no session; the one before goes on then.
	if session := aws.ToString(reply.session); session != "" {
		s.session = session
	}
	s.learnName(ctx, reply.params)
	c := challenge.Challenge{
		Name:       challenge.Name(reply.challenge),
		Parameters: reply.params,
		Username:   s.username(),
	}
	for _, name := range reply.available {
		c.Available = append(c.Available, challenge.Name(name))
	}
	if received := sideSteps[c.Name].received; received != nil {
		if err := received(ctx, s, &c); err != nil {
			return c, s.refusal(request{challenge: c.Name}, ByDriver, nil, err)
		}
	}
	return c, nil
}

// machineAnswer asks the caller's handlers and then the driver's own.
func (s *signIn) machineAnswer(ctx context.Context, c challenge.Challenge) (challenge.Answer, string, error) {
	if a, err := s.options.Handlers.Answer(ctx, c); !errors.Is(err, challenge.ErrNoAnswer) {
		return a, ByHandler, err
	}
	a, err := s.machine.Answer(ctx, c)
	return a, ByDriver, err
}

// addResponses adds to a request what the machine handlers would answer to a
// challenge: the requests that begin an exchange carry its first message.
func (s *signIn) addResponses(ctx context.Context, r *request, name challenge.Name) error {
	c := challenge.Challenge{Name: name, Username: s.username()}
	a, _, err := s.machineAnswer(ctx, c)
	if err != nil {
		return err
	}
	responses, err := c.Responses(a)
	if err != nil {
		return err
	}
	if r.params == nil {
		r.params = map[string]string{}
	}
	maps.Copy(r.params, responses)
	return nil
}

// exchange sends a request, after the side steps of its challenge.
func (s *signIn) exchange(ctx context.Context, r request) (*reply, error) {
	if answering := sideSteps[r.challenge].answering; answering != nil {
		if reply, err := answering(ctx, s, &r); reply != nil || err != nil {
			return reply, err
		}
	}
	return s.send(ctx, r)
}

// send is the one place that adds what every request carries: the name, the
// hash over that very name, the session and, last, the device key.
func (s *signIn) send(ctx context.Context, r request) (*reply, error) {
	params := make(map[string]string, len(r.params)+3)
	maps.Copy(params, r.params)
	name := s.username()
	if r.flow != types.AuthFlowTypeRefreshTokenAuth { // it has no user name, but a hash over it
		params["USERNAME"] = name
	}
	if clientSecret := s.app.ClientSecret.Reveal(); clientSecret != "" {
		params["SECRET_HASH"] = secrethash.Compute(name, s.app.ClientID, clientSecret)
	}
	r.params, r.session = params, s.session
	return s.sendWithDevice(ctx, r)
}

// finish makes tokens of the result of a sign-in and enrols a new device.
func (s *signIn) finish(ctx context.Context, result *types.AuthenticationResultType) (Step, error) {
	t, err := newTokens(result, s.options.Now())
	if err != nil {
		return Step{}, err
	}
	if t.RefreshToken.IsZero() {
		t.RefreshToken = s.refreshToken // the service does not repeat it
	}
	t.Username = cmp.Or(t.Username, s.username())
	if s.device != nil {
		t.DeviceKey = cmp.Or(t.DeviceKey, s.device.Key)
	}
	if result.NewDeviceMetadata != nil {
		if s.foundLate(ctx, t) {
			return s.start(ctx, s.flow) // once: the device is known from the start now
		}
		s.enrol(ctx, t, result.NewDeviceMetadata)
	}
	s.keepAliases(ctx, t)
	t.DeviceError = s.deviceError
	return Step{Tokens: t}, nil
}
