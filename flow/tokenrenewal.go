package flow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// job is what an attempt has to do, and how it went.
type job struct {
	renew bool // new tokens are due

	tokens  *Tokens
	refused bool // the service takes their refresh token no more
	unsaved bool

	renewErr, saveErr error
}

// run does a job without the lock and enters its outcome with it. It is the
// only goroutine that a source has.
func (s *TokenSource) run(a *attempt, j job) {
	if j.unsaved {
		s.save(&j)
	}
	if j.renew {
		s.renew(&j)
	}
	s.mu.Lock()
	s.enter(&j)
	a.tokens, a.err = s.tokens, j.renewErr
	if s.end != nil {
		a.err = s.end
	}
	if a.err != nil {
		a.tokens = nil
	}
	if a.signOut {
		s.mu.Unlock()
		ctx, cancel := s.stepContext()
		s.report(s.leave(ctx))
		cancel()
		s.mu.Lock()
	}
	s.running = nil
	s.mu.Unlock()
	close(a.done)
}

// enter makes the outcome of a job the state of the source. The caller has the
// lock.
func (s *TokenSource) enter(j *job) {
	now := s.driver.options.Now()
	if j.renew {
		s.renewal.note(j.renewErr, now, &s.options)
	}
	s.saving.note(j.saveErr, now, &s.options)
	s.unsaved, s.refused = j.unsaved, j.refused
	switch {
	case j.refused && s.options.SignIn == nil:
		s.tokens = nil
		if s.end == nil { // nor signed out meanwhile
			s.end = j.renewErr
		}
	case j.tokens != s.tokens:
		s.adopt(j.tokens)
	}
}

// renew gets new tokens, by refresh or else by sign-in, and saves them.
func (s *TokenSource) renew(j *job) {
	next, err := s.refresh(j)
	if j.refused && s.options.SignIn != nil {
		next, err = s.signIn()
	}
	if err != nil {
		j.renewErr = err
		return
	}
	j.tokens, j.refused, j.unsaved = next, false, true
	s.save(j)
	s.report(next.Device.Err)
}

func (s *TokenSource) refresh(j *job) (*Tokens, error) {
	if j.refused {
		return nil, nil // signIn it is
	}
	ctx, cancel := s.stepContext()
	defer cancel()
	next, err := s.driver.Refresh(ctx, j.tokens, s.options.RefreshOptions...)
	if isFinal(err) {
		j.refused = true
		if j.tokens != nil {
			s.report(err)
			s.report(s.clear())
		}
		return nil, err
	}
	return next, s.report(err)
}

func (s *TokenSource) signIn() (*Tokens, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.SignInTimeout)
	defer cancel()
	t, err := s.options.SignIn(ctx)
	if err == nil && t == nil {
		err = errors.New("no tokens and no error")
	}
	if err != nil {
		return nil, s.report(s.failed(ctx, "SignIn", s.options.SignInTimeout, err))
	}
	return t.clone(), nil
}

// save keeps the tokens of a job, unless the source has ended.
func (s *TokenSource) save(j *job) {
	s.mu.Lock()
	ended := s.end != nil
	s.mu.Unlock()
	j.saveErr = nil
	if s.options.Save != nil && !ended {
		ctx, cancel := s.stepContext()
		defer cancel()
		if err := s.options.Save(ctx, j.tokens.clone()); err != nil {
			j.saveErr = s.report(s.failed(ctx, "Save", s.options.Timeout, err))
		}
	}
	j.unsaved = j.saveErr != nil
}

func (s *TokenSource) clear() error {
	if s.options.Clear == nil {
		return nil
	}
	ctx, cancel := s.stepContext()
	defer cancel()
	if err := s.options.Clear(ctx); err != nil {
		return s.failed(ctx, "Clear", s.options.Timeout, err)
	}
	return nil
}

// stepContext is that of one step of an attempt: no caller's, since others wait
// for it too.
func (s *TokenSource) stepContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), s.options.Timeout)
}

// failed is the error of a callback.
func (s *TokenSource) failed(ctx context.Context, callback string, limit time.Duration, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("flow: TokenSource: %s did not end within %v (see SourceOptions): %w", callback, limit, err)
	}
	return fmt.Errorf("flow: TokenSource: %s: %w", callback, err)
}

func (s *TokenSource) report(err error) error {
	if err != nil && s.options.OnError != nil {
		s.options.OnError(err)
	}
	return err
}

// isFinal reports whether a refresh was refused for good. Other remedies than
// these leave the refresh token as good as it was.
func isFinal(err error) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains([]Remedy{StartAgain, ConfirmSignUp, ResetPassword}, e.Remedy())
}

const (
	longestMargin = 5 * time.Minute

	// A token is on its way for a while before anyone looks at its expiry.
	transit = 5 * time.Second
)

// adopt makes t the tokens in use. The caller has the lock.
func (s *TokenSource) adopt(t *Tokens) {
	s.tokens = t.clone()
	lifetime := t.lifetime()
	if lifetime <= 0 {
		lifetime = t.Expiry.Sub(s.driver.options.Now()) // of a token that cannot be read, what is left
	}
	margin := s.options.Margin
	if margin <= 0 {
		margin = min(lifetime/6, longestMargin)
	}
	// With its jitter it leaves the token a third of its life.
	margin = max(min(margin, lifetime/3), 0)
	s.refreshAt = t.Expiry.Add(-margin - random(margin))
	s.staleAt = t.Expiry.Add(-max(min(transit, lifetime/60), 0))
	if t.Device.State == DeviceUnconfirmed {
		s.refreshAt = s.driver.options.Now() // the refresh confirms the device, as long as the access token is valid
	}
}

// backoff is a pause after failures.
type backoff struct {
	failures int // in a row
	until    time.Time
	err      error // the last one
}

func (b *backoff) note(err error, now time.Time, o *SourceOptions) {
	if err == nil {
		*b = backoff{}
		return
	}
	pause := min(o.MinBackoff, o.MaxBackoff)
	for range b.failures {
		if pause >= o.MaxBackoff/2 {
			pause = o.MaxBackoff
			break
		}
		pause *= 2
	}
	*b = backoff{b.failures + 1, now.Add(pause - random(pause/2)), err}
}

// random returns a duration from 0 up to, but not including, limit.
func random(limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	return rand.N(limit)
}
