package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/guard"
)

// renewal is one attempt at the work that is due: to save tokens, to confirm their device, to get
// new tokens. The goroutine of a renewal owns the renewal until done is closed. After that the
// renewal does not change.
type renewal struct {
	number int  // among renewals with renews
	renews bool // gets new tokens
	done   chan struct{}

	// Copies of the source's fields. At the end the source takes them over.
	tokens  *Tokens
	refused error
	unsaved bool

	confirms  bool // the device, or has tried
	refusedAt time.Time

	renewErr, saveErr, confirmErr error

	// signsOut makes the renewal clear and revoke the tokens, because SignOut could not wait
	// for the renewal. The source's mutex guards this field.
	signsOut bool
}

// result returns the tokens or the error for callers that have waited.
func (r *renewal) result() (*Tokens, error) {
	if r.renewErr != nil {
		return nil, r.renewErr
	}
	return r.tokens.clone(), nil
}

// wait returns nil when the renewal has ended.
func (r *renewal) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("flow: given up waiting for new tokens: %w", context.Cause(ctx))
	}
}

// start starts a renewal. The caller has the lock, and no renewal is under way.
func (s *TokenSource) start(renews bool) *renewal {
	r := &renewal{renews: renews, done: make(chan struct{}), tokens: s.tokens, refused: s.refused, refusedAt: s.refusedAt, unsaved: s.unsaved}
	if renews {
		s.begun++
		r.number = s.begun
	}
	s.running = r
	go s.run(r)
	return r
}

// run does a renewal without the lock, and enters the outcome with the lock. A source has no
// other goroutine, apart from those that call functions of the program.
func (s *TokenSource) run(r *renewal) {
	defer s.finish(r)
	if r.unsaved {
		s.save(r)
	}
	if r.tokens.unconfirmed() && s.ended() == nil {
		s.confirm(r)
	}
	var refused *Error
	switch {
	case !r.renews:
	case errors.As(r.confirmErr, &refused) && refused.Remedy() == TryLater:
		r.renewErr = r.confirmErr // the service would refuse the refresh
	default:
		s.renew(r)
	}
}

// ended returns the error that callers get after SignOut.
func (s *TokenSource) ended() error {
	s.mu.Lock()
	defer s.unlock()
	return s.end
}

// confirm confirms the device of the tokens. The operation needs a valid access token.
func (s *TokenSource) confirm(r *renewal) {
	ctx, cancel := s.stepContext()
	defer cancel()
	var device DeviceOutcome
	r.confirms = true
	r.confirmErr = s.report(contain(func() (err error) {
		device, err = s.driver.ConfirmDevice(ctx, r.tokens, s.options.RefreshOptions...)
		return err
	}))
	if r.confirmErr != nil {
		return
	}
	r.tokens, r.refused, r.unsaved = r.tokens.clone(), nil, true
	r.tokens.Device = device
	s.save(r)
	s.report(device.Err)
}

// finish makes the outcome of a renewal the state of the source. The deferred call also runs
// after a panic, so that all callers return.
func (s *TokenSource) finish(r *renewal) {
	s.mu.Lock()
	s.enter(r)
	if s.end != nil {
		r.renewErr = s.end
	}
	if r.renews {
		s.last = r
	}
	for r.signsOut { // another SignOut can set it while leave runs
		r.signsOut = false
		s.unlock()
		ctx, cancel := s.stepContext()
		s.report(s.leave(ctx))
		cancel()
		s.mu.Lock()
	}
	s.running = nil
	if s.wanted > s.begun && s.end == nil {
		s.start(true) // callers of Refresh wait for it
	}
	s.unlock()
	close(r.done)
}

func (s *TokenSource) enter(r *renewal) {
	now := s.driver.options.Now()
	if r.renews {
		s.renewing.note(r.renewErr, now, &s.options)
		if r.refused != nil && s.options.SignIn == nil {
			s.renewing.until = now.Add(s.options.MaxBackoff)
		}
		s.invalid = false // or the token is handed out again
	}
	s.saving.note(r.saveErr, now, &s.options)
	if r.confirms {
		s.confirming.note(r.confirmErr, now, &s.options)
	}
	s.unsaved, s.refused, s.refusedAt = r.unsaved, r.refused, r.refusedAt
	switch {
	case r.tokens == s.tokens:
	case s.tokens != nil && r.tokens.AccessToken.Reveal() == s.tokens.AccessToken.Reveal():
		s.tokens = r.tokens // their device is confirmed, and their expiry is the same
	default:
		s.adopt(r.tokens)
	}
	// Also if the service has returned the former access token. Otherwise each call
	// would refresh.
	if r.renews && r.renewErr == nil && s.validity.isDue(now) {
		s.renewing = backoff{1, now.Add(s.options.MinBackoff), errExpiredOnArrival}
	}
}

var errExpiredOnArrival = errors.New("flow: TokenSource: the new tokens had expired when they came. Is the clock right?")

// renew gets new tokens, by refresh or else by sign-in, and saves them.
func (s *TokenSource) renew(r *renewal) {
	next, err := s.refresh(r)
	if r.refused != nil && s.options.SignIn != nil && s.ended() == nil {
		next, err = s.signIn()
	}
	if err != nil {
		r.renewErr = err
		return
	}
	r.tokens, r.refused, r.unsaved = next, nil, true
	s.save(r)
	s.report(next.Device.Err)
}

// refresh notes in the renewal whether the service refuses the refresh token.
func (s *TokenSource) refresh(r *renewal) (next *Tokens, err error) {
	now := s.driver.options.Now()
	if r.refused != nil && s.options.SignIn != nil && now.Sub(r.refusedAt) < s.options.MaxBackoff {
		return nil, r.refused // a refresh was refused a short time ago
	}
	if err := s.ended(); err != nil {
		return nil, err
	}
	ctx, cancel := s.stepContext()
	defer cancel()
	err = contain(func() (err error) { // calls the program's store
		next, err = s.driver.Refresh(ctx, r.tokens, append(slices.Clip(s.options.RefreshOptions), s.containObserver)...)
		return err
	})
	r.refused = nil
	if isRefusal(err) {
		r.refused, r.refusedAt = err, now
	}
	if r.tokens != nil || s.options.SignIn == nil { // before the first SignIn, no tokens are no failure
		s.report(err)
	}
	return next, err
}

// containObserver catches the panics of an Observer, so that new tokens are not lost.
func (s *TokenSource) containObserver(o *Options) {
	if o.Observe != nil {
		o.Observe = guard.Observer(o.Observe, func(f func()) { s.report(contain(func() error { f(); return nil })) })
	}
}

func (s *TokenSource) signIn() (t *Tokens, err error) {
	err = s.report(s.callProgram("SignIn", s.options.SignInTimeout, func(ctx context.Context) error {
		signedIn, err := s.options.SignIn(ctx)
		if err == nil && signedIn == nil {
			return errors.New("no tokens and no error")
		}
		t = signedIn.clone()
		return err
	}))
	return t, err
}

// save keeps the tokens of a renewal, unless the source has ended.
func (s *TokenSource) save(r *renewal) {
	r.saveErr = nil
	if s.options.Save != nil && s.ended() == nil {
		kept := r.tokens.clone()
		r.saveErr = s.report(s.callProgram("Save", s.options.Timeout, func(ctx context.Context) error { return s.options.Save(ctx, kept) }))
	}
	r.unsaved = r.saveErr != nil
}

func (s *TokenSource) clear() error {
	if s.options.Clear == nil {
		return nil
	}
	s.clearing.Lock() // SignOut and a renewal that cleans up
	defer s.clearing.Unlock()
	return s.callProgram("Clear", s.options.Timeout, s.options.Clear)
}

// stepContext is the context of one step of a renewal. The context does not end with that of a
// caller, because others wait for the renewal too.
func (s *TokenSource) stepContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), s.options.Timeout)
}

// callProgram calls a function of the program. The error has the name of the function, and says
// whether the time was over.
func (s *TokenSource) callProgram(name string, limit time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := contain(func() error { return f(ctx) })
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("flow: TokenSource: %s did not end within %v (see SourceOptions): %w", name, limit, err)
	}
	return fmt.Errorf("flow: TokenSource: %s: %w", name, err)
}

func (s *TokenSource) report(err error) error {
	if err == nil || s.options.OnError == nil {
		return err
	}
	told := make(chan struct{})
	go func() { // so that a Goexit in OnError does not end the renewal
		defer close(told)
		s.options.OnError(err)
	}()
	<-told
	return err
}

// isRefusal reports whether the service refuses the refresh token, or has given another error
// that looks the same.
func isRefusal(err error) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains([]Remedy{StartAgain, ConfirmSignUp, ResetPassword}, e.Remedy())
}
