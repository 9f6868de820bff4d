package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/traits"
)

// engine is one sign-in for the length of one call.
//
//	         +------------------ restart: the only way back ---------------+
//	         v                                                             |
//	begin -> exchange -> tokens -----> settle -> Step.Tokens               |
//	         ^      |--> challenge --> next ---> Step.Prompt               |
//	         |      |                   |                                  |
//	         +------|-------------------+                                  |
//	         ^      |                                                      |
//	         |      +--> fault -------> another answer, or ----------------+
//	         |                           |                  or an Error, with
//	         +---------------------------+                  the state as Prompt
type engine struct {
	*Driver
	options Options
	person  challenge.Handler // asks the user in this call. Nil: a Prompt is returned
	began   time.Time         // the call, by this machine's clock

	// attended says that the user of the sign-in sits at this machine: the call is SignIn,
	// or answers the prompt of its error.
	attended bool

	st state
	in inputs

	inHandshake bool // an SRP exchange is under way, and counts for Options.Handshakes
}

// inputs stay in memory until the call ends. A sign-in needs them to begin again.
type inputs struct {
	opening   *opening // nil in a later call of a step-by-step sign-in
	password  credential
	passwords challenge.Mux // prove the password
	device    deviceUse

	// choices are the answers so far that are good again after a new start. After a new
	// start, replay has the choices that were not repeated yet.
	choices, replay map[challenge.Name]challenge.Answer

	sent  []request // all of this call, because errors must not show their secrets
	first [4]request
}

func (d *Driver) engine(optFns []func(*Options)) *engine {
	e := &engine{Driver: d, options: d.options.with(optFns)}
	e.in.sent, e.began = e.in.first[:0], e.options.Now()
	return e
}

// start begins a sign-in.
func (e *engine) start(ctx context.Context) (Step, error) {
	defer e.leaveHandshake()
	r, f := e.begin(ctx)
	return e.run(ctx, r, f)
}

// respond answers p. The state of the engine is that of p.
func (e *engine) respond(ctx context.Context, p *Prompt, a challenge.Answer) (Step, error) {
	defer e.leaveHandshake()
	e.findDevice(ctx)
	if err := e.checkDevice(p); err != nil {
		return Step{}, err
	}
	r, f := e.st.machineStep()
	if r.isZero() && f == nil {
		r, f = e.answer(ctx, a, ByCaller)
	}
	return e.run(ctx, r, f)
}

// run is the loop of Start, Respond and SignIn. A zero request means that a person has to
// answer.
func (e *engine) run(ctx context.Context, r request, f *fault) (Step, error) {
	for {
		var rep *reply
		switch {
		case f == nil && r.isZero():
			return Step{Prompt: e.prompt()}, nil
		case f == nil:
			rep, f = e.exchange(ctx, r)
		}
		if f == nil && !traits.Of(rep.challenge).ProvesSRP {
			e.leaveHandshake() // a person may be next, and may need minutes
		}
		switch {
		case f == nil && rep.tokens != nil:
			return Step{Tokens: e.settle(ctx, rep.tokens)}, nil // no error and no way back
		case f == nil:
			e.st = e.st.after(rep, e.now())
			e.findDevice(ctx)
			r, f = e.next(ctx)
		case f.answerAgain(e.st):
			refusal := e.newError(f)
			e.st = e.st.refused(refusal)
			if r, f = e.nextAfter(ctx, f); f == nil && r.isZero() {
				if !e.asksMachine() {
					refusal.Prompt = e.prompt()
				}
				return Step{}, refusal
			}
		default:
			again, ok := e.restart(ctx, f)
			if !ok {
				return Step{}, e.failed(f)
			}
			r, f = again.request, again.fault
		}
	}
}

// begin makes the first request of a sign-in, also of one that begins again.
func (e *engine) begin(ctx context.Context) (request, *fault) {
	o := e.in.opening
	e.st.session = o.session
	e.usePassword(o.credential)
	e.findDevice(ctx)
	r := request{flow: o.flow, params: maps.Clone(o.params), by: ByDriver}
	if o.first == "" {
		return r, nil
	}
	err := e.addResponses(ctx, &r, o.first)
	if errors.Is(err, challenge.ErrNoAnswer) {
		return r, &fault{err: emptyField(o.given, "Password", WrongCredentials), own: true}
	}
	if err != nil {
		return r, localFault(request{challenge: o.first}, err)
	}
	return r, nil
}

// next returns the request that answers the present challenge, zero if nobody in this
// call has an answer.
func (e *engine) next(ctx context.Context) (request, *fault) {
	if r, f := e.st.machineStep(); !r.isZero() || f != nil {
		return r, f
	}
	c := e.st.ask
	a, by, err := e.handlersAnswer(ctx, c)
	if errors.Is(err, challenge.ErrNoAnswer) {
		lacks, machine := c.ForMachine()
		switch {
		case machine:
			return request{}, &fault{
				request: request{challenge: c.Name, by: ByDriver}, local: true,
				err: fmt.Errorf("%w: the answer needs %s", challenge.ErrNoAnswer, lacks),
			}
		case e.person == nil:
			return request{}, nil
		}
		a, err = e.person.Answer(ctx, c.Clone())
		by = ByCaller
		switch {
		case errors.Is(err, challenge.ErrNoAnswer):
			err = fmt.Errorf("%w: answer with %s", err, c.Takes())
		case err != nil:
			return request{}, &fault{err: err, own: true} // the call returns the handler's error unchanged
		}
	}
	if err != nil {
		return request{}, localFault(request{challenge: c.Name, by: by}, err)
	}
	return e.answer(ctx, a, by)
}

// nextAfter is next after an answer was refused. Limits.Refusals bounds the number. A program
// that makes the wrong kind of answer is not asked again, because it would do the same again.
func (e *engine) nextAfter(ctx context.Context, refused *fault) (request, *fault) {
	if err := checkLimit("Refusals", e.options.Limits.refusals(), e.st.spent.Refusals, "answer was refused", "answers were refused"); err != nil {
		return request{}, &fault{request: refused.request, err: fmt.Errorf("%w: %w", err, refused.err), limit: true}
	}
	if refused.isMisfit() {
		return request{}, nil
	}
	return e.next(ctx)
}

// machineStep returns a request of the set-up of an authenticator app that needs no person.
// One request gets the TOTP secret. The other one is the answer after the code was
// verified.
func (s state) machineStep() (request, *fault) {
	c := s.ask
	switch {
	case s.stage == verified:
		return request{challenge: c.Name, params: map[string]string{}, by: ByDriver}, nil
	case !traits.Of(c.Name).SetsUpFactor || s.stage != asked:
		return request{}, nil
	}
	choices, err := c.Choices()
	if err != nil || choices == nil {
		return request{}, nil // the driver does not know the methods, so a person is asked
	}
	app, email := slices.Contains(choices, challenge.SoftwareTokenMFA), slices.Contains(choices, challenge.EmailOTP)
	switch {
	case !app && !email:
		return request{}, &fault{request: request{challenge: c.Name, by: ByDriver}, local: true, err: errors.New(
			"the user can set up neither an authenticator app nor an e-mail address, and a sign-in cannot set up SMS_MFA. Allow an authenticator app, or set the phone number of the user")}
	case email:
		return request{}, nil
	}
	return request{challenge: c.Name, step: associateStep, by: ByDriver}, nil
}

// handlersAnswer asks the handlers in Options. Then it looks for a choice that was made
// before a new start. The driver's own handlers come last.
func (e *engine) handlersAnswer(ctx context.Context, c challenge.Challenge) (challenge.Answer, By, error) {
	if h := e.options.Handlers[c.Name]; h != nil {
		if a, err := h.Answer(ctx, c.Clone()); !errors.Is(err, challenge.ErrNoAnswer) {
			return a, ByHandler, err
		}
	}
	if a, ok := e.in.replay[c.Name]; ok {
		delete(e.in.replay, c.Name)
		return a, ByDriver, nil
	}
	for _, handlers := range []challenge.Mux{e.in.passwords, e.in.device.handlers} {
		own := handlers[c.Name]
		if own == nil {
			continue
		}
		if a, err := e.prove(ctx, own, c); !errors.Is(err, challenge.ErrNoAnswer) {
			return a, ByDriver, err
		}
	}
	return challenge.Answer{}, ByDriver, challenge.ErrNoAnswer
}

// answer turns an answer to the present challenge into a request.
func (e *engine) answer(ctx context.Context, a challenge.Answer, by By) (request, *fault) {
	c := e.st.ask
	r := request{challenge: c.Name, by: by, person: by != ByDriver}
	if _, machine := c.ForMachine(); machine {
		r.person = false
	}
	given, err := c.Responses(a)
	if err != nil {
		return r, &fault{request: r, err: err, local: true, badAnswer: true}
	}
	if !given.Password.IsZero() {
		// The same password is not proved a second time, not even in a new answer.
		if by != ByDriver && given.Password.Reveal() != e.in.password.password.Reveal() {
			e.st.spent.PasswordProofs = 0
		}
		e.usePassword(credential{given.Password, useFor(given.Choice)})
	}
	switch {
	case given.Repeatable:
		if e.in.choices == nil {
			e.in.choices = map[challenge.Name]challenge.Answer{}
		}
		e.in.choices[c.Name] = a
	case r.person:
		e.st.personal = true
	}
	switch {
	case traits.Of(c.Name).SetsUpFactor && given.Choice != "":
		return e.narrow(ctx, r, given.Choice)
	case !given.Verify.IsZero():
		r.step, r.code = verifyStep, given.Verify.Reveal()
		return r, nil
	}
	r.params = given.Params()
	if err := e.addFirstMessage(ctx, &r, given.Choice); err != nil {
		return r, localFault(r, err)
	}
	return r, nil
}

// narrow asks MFA_SETUP again for the chosen method alone. The service does not learn of the
// choice. The choice counts as an answer although nothing is sent, because a handler could
// choose without end.
func (e *engine) narrow(ctx context.Context, r request, chosen challenge.Name) (request, *fault) {
	err := e.st.spent.take(r, e.options.Limits)
	if err != nil {
		return r, &fault{request: r, err: err, local: true, limit: true}
	}
	if e.st, err = e.st.narrowed(chosen); err != nil {
		return r, &fault{request: r, err: err, local: true}
	}
	return e.next(ctx)
}

// addFirstMessage adds the password, or the first message of its proof, to the choice of a
// password challenge. Otherwise the service would ask for it next.
func (e *engine) addFirstMessage(ctx context.Context, r *request, chosen challenge.Name) error {
	switch {
	case traits.Of(r.challenge).TakesPassword && traits.Of(r.challenge).OpensSRP:
		chosen = r.challenge
	case !traits.Of(r.challenge).ChoosesFirstFactor, !traits.Of(chosen).TakesPassword:
		return nil
	default:
		e.usePassword(e.in.password.chosen(chosen))
	}
	if r.params["SRP_A"] != "" || r.params["PASSWORD"] != "" {
		return nil
	}
	err := e.addResponses(ctx, r, chosen)
	if errors.Is(err, challenge.ErrNoAnswer) && traits.Of(r.challenge).ChoosesFirstFactor {
		return nil // the service asks for the password next
	}
	return err
}

// addResponses adds the answer of the handlers to a challenge that the service has not sent.
// Requests that begin an exchange carry its first message.
func (e *engine) addResponses(ctx context.Context, r *request, name challenge.Name) error {
	c := challenge.Challenge{Name: name, Username: e.st.names.username()}
	a, by, err := e.handlersAnswer(ctx, c)
	if err != nil {
		return err
	}
	given, err := c.Responses(a)
	if err != nil {
		return err
	}
	if r.params == nil {
		r.params = given.Params()
	} else {
		maps.Copy(r.params, given.Params())
	}
	if by == ByHandler && r.by == ByDriver {
		r.by = ByHandler
	}
	return nil
}

// usePassword sets the password to prove. The handlers are new ones, because each exchange
// needs new random numbers.
func (e *engine) usePassword(c credential) {
	e.in.password, e.in.passwords = c, nil
	if c.password.IsZero() {
		return
	}
	e.in.passwords = challenge.PasswordHandlers(e.app.UserPoolID, c.password, e.now)
	if c.use != maySend {
		maps.DeleteFunc(e.in.passwords, func(name challenge.Name, _ challenge.Handler) bool { return traits.Of(name).SendsPassword })
	}
}

// exchange sends a request of a sign-in. No other function does, so limits, the use of the
// password, names, SECRET_HASH, session, device key and clock are handled here.
func (e *engine) exchange(ctx context.Context, r request) (rep *reply, f *fault) {
	ctx, b := e.beginExchange(ctx, r)
	f = &fault{request: r, err: errNotReturned}
	defer func() { e.endExchange(b, rep, f) }()
	if refused := e.refuse(r); refused != nil {
		return nil, refused
	}
	return e.send(ctx, r)
}

// refuse returns the reason why a request is not sent, if there is one.
func (e *engine) refuse(r request) *fault {
	if err := e.st.spent.take(r, e.options.Limits); err != nil {
		return &fault{request: r, err: err, local: true, limit: true}
	}
	if err := e.in.password.check(r); err != nil {
		return &fault{request: r, err: err, local: true}
	}
	return nil
}

func (e *engine) send(ctx context.Context, r request) (*reply, *fault) {
	limited, cancel := e.options.withDeadline(ctx)
	defer cancel()
	app := e.app
	if r.step == "" { // the set-up of an authenticator app goes by the session alone
		var err error
		if app.ClientSecret, err = e.options.clientSecret(limited, e.app); err != nil {
			return nil, &fault{request: r, err: err, local: true, canceled: ctx.Err() != nil}
		}
		r.clientSecret = app.ClientSecret
	}
	r = e.complete(r)
	e.in.sent = append(e.in.sent, r)
	rep, err := e.service.send(limited, r, app, &e.options)
	if err == nil {
		err = rep.check()
	}
	e.clock.observe(rep, err, e.options.Now())
	if err != nil {
		return nil, &fault{request: r, operation: e.service.operation(r), err: err, canceled: ctx.Err() != nil}
	}
	return rep, nil
}

// complete adds the parts that all requests carry.
func (e *engine) complete(r request) request {
	r.session = e.st.session
	if r.step != "" {
		return r
	}
	name, params := e.st.names.username(), make(map[string]string, len(r.params)+3)
	maps.Copy(params, r.params)
	if !refreshes(r.flow) { // a refresh has no user name, but a hash over the name
		params["USERNAME"] = name
	}
	if hash := e.app.secretHash(name, r.clientSecret); hash != "" {
		params["SECRET_HASH"] = hash
	}
	if key := e.in.device.keyFor(r); key != "" {
		params["DEVICE_KEY"], e.st.device = key, key
	}
	r.params = params
	return r
}

// newStart has the request with which a sign-in goes on after a fault, or the fault of
// making that request.
type newStart struct {
	request request
	fault   *fault
}

// restart decides whether and how the sign-in goes on after a fault. No other function does.
// The sign-in begins again at most once for each cause. After a person gave an answer that is
// good only once, the sign-in does not begin again.
func (e *engine) restart(ctx context.Context, f *fault) (newStart, bool) {
	canBegin := e.in.opening != nil && !e.st.personal && !refreshes(e.in.opening.flow)
	var cause restartCause
	switch {
	case f.own || f.limit || f.canceled:
		return newStart{}, false
	case f.request.params["DEVICE_KEY"] != "" && isNotFound(f.err) && !f.request.provesDevice():
		// The pool may not know the device. The message would tell, but messages change. The
		// same request without the key tells too.
		e.leaveOut()
		if f.request.provesPassword() {
			e.st.spent.PasswordProofs-- // the same proof once more tells the other end nothing
		}
		return newStart{request: f.unsent()}, true
	case f.request.provesDevice() && f.local && e.in.device.known == nil:
		return newStart{}, false // a new start has no device either
	case f.request.provesDevice():
		if cause = e.deviceCause(f); cause == deviceFailedAgain || !canBegin {
			e.suspect(ctx, f, canBegin)
		}
	case f.isLost() && f.request.by == ByDriver && !(f.request.isStart() && f.request.spends()):
		cause = replyLost
	default:
		return newStart{}, false
	}
	if !canBegin || e.st.spent.Restarts&cause != 0 {
		return newStart{}, false
	}
	e.leaveHandshake() // has failed, and a handler of the caller may make the next SRP_A
	e.st = e.st.restarted(cause)
	e.in.replay = maps.Clone(e.in.choices)
	r, begun := e.begin(ctx)
	return newStart{r, begun}, true
}
