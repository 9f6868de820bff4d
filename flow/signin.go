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

	passwords challenge.Mux // those that the password given makes possible

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

// usePassword enables the handlers that prove a password.
func (s *signIn) usePassword(password secret.String) {
	if password.IsZero() {
		return
	}
	s.passwords = challenge.PasswordHandlers(s.app.UserPoolID, password, s.options.Now)
	maps.Copy(s.machine, s.passwords)
	delete(s.machine, challenge.Password)
}

// allowPassword enables the handler that sends the password itself. A pool
// cannot ask for that: the caller has to have chosen it.
func (s *signIn) allowPassword() {
	if h := s.passwords[challenge.Password]; h != nil {
		s.machine[challenge.Password] = h
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
	if hashed := s.service.hashes() && !s.app.ClientSecret.IsZero(); hashed && o.username == "" {
		return Step{}, &Error{Err: errors.New("RefreshTokenAuth.Username is empty; an app client with a secret needs Tokens.Username")}
	}
	s.flow, s.typed, s.resolved, s.srpID, s.session, s.searched = f, o.username, "", "", o.session, nil
	s.refreshToken = secret.New(o.params["REFRESH_TOKEN"])
	s.usePassword(o.password)
	if o.first == challenge.Password {
		s.allowPassword()
	}
	s.findDevice(ctx)
	s.useDevice(o.deviceKey)

	r := request{flow: o.flow, params: maps.Clone(o.params), session: o.session}
	if o.first != "" {
		err := s.addResponses(ctx, &r, o.first)
		if errors.Is(err, challenge.ErrNoAnswer) {
			return Step{}, needs(f, "Password", "")
		}
		if err != nil {
			return Step{}, &Error{Challenge: o.first, Err: err}
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
	s.usePassword(a.Password())
	responses, err := c.Responses(a)
	if err != nil {
		return Step{}, &Error{Challenge: c.Name, Prompt: p.refused(err), Remedy: AnswerPrompt, Err: err}
	}
	return s.run(ctx, request{challenge: c.Name, params: responses}, ByCaller, p)
}

// run is the one loop: it sends a request and answers what comes back for as
// long as machines can. The prompt is the one that r answers, for the error of
// a refusal; it is nil for the start of a sign-in.
func (s *signIn) run(ctx context.Context, r request, by string, p *Prompt) (Step, error) {
	for range maxRounds {
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
		switch again := refusedAnswer(err); {
		case again != nil && by == ByHandler: // which is asked again, as a person would be
			p, s.session = again, again.state.Open().session
		case err != nil:
			return Step{}, err
		case reply.tokens != nil:
			return s.finish(ctx, reply.tokens)
		default:
			c, err := s.receive(ctx, r, reply)
			if err != nil {
				return Step{}, err
			}
			p = s.prompt(c)
		}
		c := p.state.Open().challenge
		answer, who, answerErr := s.machineAnswer(ctx, c)
		by = who
		switch {
		case errors.Is(answerErr, challenge.ErrNoAnswer) && err != nil:
			return Step{}, err
		case errors.Is(answerErr, challenge.ErrNoAnswer):
			return Step{Prompt: p}, nil
		case answerErr != nil:
			return Step{}, &Error{Challenge: c.Name, Err: answerErr}
		}
		responses, err := c.Responses(answer)
		if err != nil {
			return Step{}, &Error{Challenge: c.Name, Err: err}
		}
		r = request{challenge: c.Name, params: responses}
	}
	return Step{}, &Error{Challenge: r.challenge, Err: fmt.Errorf("given up after %d rounds that needed no person", maxRounds)}
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
	s.keepSession(reply.session)
	s.learnName(ctx, challenge.Name(reply.challenge), reply.params)
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
			e := s.refusal(request{challenge: c.Name}, ByDriver, nil, err)
			e.Operation = operation(err, "") // perhaps none was called
			return c, e
		}
	}
	return c, nil
}

// keepSession takes the session of a response. Where there is none, the one
// before goes on.
func (s *signIn) keepSession(session *string) {
	s.session = cmp.Or(aws.ToString(session), s.session)
}

// machineAnswer asks the caller's handlers and then the driver's own.
func (s *signIn) machineAnswer(ctx context.Context, c challenge.Challenge) (challenge.Answer, string, error) {
	if h := s.options.Handlers[c.Name]; h != nil {
		own := c // the caller's to change, unlike what the prompt holds
		own.Parameters = maps.Clone(c.Parameters)
		if a, err := h.Answer(ctx, own); !errors.Is(err, challenge.ErrNoAnswer) {
			return a, ByHandler, err
		}
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
	switch made := result.NewDeviceMetadata; {
	case made == nil:
	case !s.refreshToken.IsZero(): // new tokens have to be kept before anything else is done
		s.deviceFailed(errors.New("flow: the pool sees a new device at refresh; it is remembered at the next sign-in"))
	case s.foundLate(ctx, t):
		return s.start(ctx, s.flow) // once: the device is known from the start now
	default:
		s.enrol(ctx, t, made)
	}
	s.keepAliases(ctx, t)
	t.DeviceError = s.deviceError
	return Step{Tokens: t}, nil
}
