package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// SourceOptions are the settings of a [TokenSource]. The zero value of each
// field is sound, but a service that is to survive a restart needs Save.
//
// The callbacks run one at a time, each in a goroutine of its own, and but for OnError
// with a context that ends after Timeout (or SignInTimeout) and not with that of any
// caller. A callback that does not obey its context holds up all callers.
// The exception is Clear: SignOut calls it beside another callback if SignOut could
// not wait for that one. Callbacks must not use the source, which would wait for
// them. A callback that panics is a failure: see [PanicError].
type SourceOptions struct {
	// Save keeps new tokens, before anyone gets them and before the new
	// refresh token is used. If it fails, the new tokens are used all the
	// same, OnError is told, and Save is called again when the backoff is over
	// and before the next refresh. Nil: nothing is kept.
	Save func(context.Context, *Tokens) error

	// Clear deletes what Save kept, after SignOut and at no other time. Nothing to
	// delete is no error.
	Clear func(context.Context) error

	// SignIn signs in again when the service has refused the refresh token, or
	// when there are no tokens to begin with. Until it has succeeded the present
	// token stays in use for as long as it is valid, and failures are followed by
	// backoff. Nil: callers get the refusal once the present token has expired.
	SignIn func(context.Context) (*Tokens, error)

	// OnError is told of every failure of the above, of each refresh that failed,
	// and of Device.Err of new tokens. Callers may notice nothing of them. A panic
	// in OnError is not caught.
	OnError func(error)

	// IDToken hands out the ID token in place of the access token.
	IDToken bool

	// Margin is how long before its expiry a token is refreshed, at the
	// latest; a random time up to as long again is added, drawn for each token,
	// so that programs started together do not refresh together. 0: a sixth of
	// the lifetime, at most 5 minutes. It is never more than a third of the
	// lifetime.
	Margin time.Duration

	// MinBackoff is how long nothing is tried after a failure; it doubles with
	// each further one up to MaxBackoff, and up to half of it is taken off at
	// random. 0: a second, and a minute. The SDK's own retries come on top. After a
	// refusal without SignIn it is MaxBackoff at once. MinBackoff is also the shortest time between
	// two refreshes that Invalidate causes.
	MinBackoff, MaxBackoff time.Duration

	// Timeout ends a refresh or a callback other than SignIn. 0: 30 seconds.
	// SignInTimeout ends SignIn, which may ask a person. 0: 5 minutes.
	Timeout, SignInTimeout time.Duration

	// RefreshOptions are for each refresh and for the revocation of SignOut,
	// on top of the driver's own.
	RefreshOptions []func(*Options)
}

// TokenSource gives a token that is valid at any moment, to any number of
// goroutines. It implements [oauth2.TokenSource].
//
// It refreshes when somebody asks for a token and the present one is about to
// expire: the caller gets the present one at once, and the refresh goes on
// in the background. Only when the present one has expired do callers wait,
// all of them for the same refresh. Without callers nothing runs.
//
// A failure that may pass (throttling, a fault of the service, the network)
// keeps the present token in use and is retried with backoff. When the token
// has expired meanwhile, callers get the last error.
//
// A refusal says that the user has to sign in again, or that a setting of the
// program is wrong, such as the client secret. These look alike. So nothing that
// Save kept is deleted, SourceOptions.SignIn is called, and without SignIn the
// refresh is tried again after MaxBackoff. Only SignOut ends a source.
//
// If the device of the tokens is not confirmed, the source confirms the device with
// the first call: see [Driver.ConfirmDevice].
//
// A refresh token belongs to one TokenSource. Under rotation, a second program that
// uses the token is refused.
type TokenSource struct {
	driver  *Driver
	options SourceOptions

	// ready is what callers get without the lock; nil: they ask present.
	ready atomic.Pointer[ready]

	// One state machine. While a renewal runs, only the renewal's goroutine changes
	// tokens, refused and unsaved, at its end and under the lock.
	mu        sync.Mutex
	tokens    *Tokens // nil: none
	validity  validity
	invalid   bool  // a server has refused the access token
	refused   error // why the service refuses the refresh token
	refusedAt time.Time
	unsaved   bool     // Save has not succeeded yet
	end       error    // SignOut
	leaving   *Tokens  // to be revoked
	running   *renewal // nil: none
	last      *renewal // that got new tokens, or tried
	begun     int      // renewals that get new tokens, or try
	wanted    int      // the number that callers of Refresh wait for

	renewing, saving, confirming, invalidating backoff

	clearing sync.Mutex // one Clear at a time
}

// TokenSource returns a source that starts from t, which is taken to be kept
// already: what Save kept in an earlier run. With a nil t the first caller's
// wait includes SourceOptions.SignIn, and its result is saved.
func (d *Driver) TokenSource(t *Tokens, optFns ...func(*SourceOptions)) *TokenSource {
	s := &TokenSource{driver: d}
	for _, fn := range optFns {
		fn(&s.options)
	}
	o := &s.options
	o.MinBackoff = cmp.Or(o.MinBackoff, time.Second)
	o.MaxBackoff = cmp.Or(o.MaxBackoff, time.Minute)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.SignInTimeout = cmp.Or(o.SignInTimeout, 5*time.Minute)
	s.mu.Lock()
	defer s.unlock()
	if t != nil {
		s.adopt(t)
	}
	if t != nil && (t.Expiry.IsZero() || t.AccessToken.IsZero()) {
		s.validity.due, s.validity.over = 0, 0 // nobody knows for how long these have been kept
	}
	return s
}

// ready are tokens that are good, and for which nothing is to be done. It does not change.
type ready struct {
	tokens *Tokens
	while  fresh
}

// unlock publishes what callers get without the lock, and gives the lock back.
func (s *TokenSource) unlock() {
	old, while := s.ready.Load(), s.validity.fresh()
	switch {
	case s.end != nil || s.tokens == nil || s.invalid || s.refused != nil || s.unsaved || s.tokens.unconfirmed():
		s.ready.Store(nil)
	case old == nil || *old != ready{s.tokens, while}:
		s.ready.Store(&ready{s.tokens, while})
	}
	s.mu.Unlock()
}

// current returns the tokens that are ready, nil if something may have to be done.
func (s *TokenSource) current() *Tokens {
	if r := s.ready.Load(); r != nil && r.while.has(s.driver.options.Now()) {
		return r.tokens
	}
	return nil
}

// Token is [TokenSource.TokenContext] without a context. The wait is bounded by
// SourceOptions.Timeout for each of the things that may have to be done, if the
// callbacks obey their contexts.
func (s *TokenSource) Token() (*oauth2.Token, error) {
	return s.TokenContext(context.Background())
}

// TokenContext returns a token for use in an Authorization header. It waits
// only while there is no valid one. A ctx that ends ends the wait, not what was
// waited for.
//
// The result holds the token as plain text, which prints, and no refresh token.
// A cache that keeps the result until it expires, as the transport of
// [oauth2.NewClient] does, misses early refreshes, Invalidate and SignOut. An
// [oauth2.Transport] with this source asks every time.
func (s *TokenSource) TokenContext(ctx context.Context) (*oauth2.Token, error) {
	t := s.current()
	if t == nil {
		var err error
		if t, err = s.Tokens(ctx); err != nil {
			return nil, err
		}
	}
	token := t.AccessToken
	if s.options.IDToken {
		token = t.IDToken
	}
	if token.IsZero() {
		return nil, errors.New("flow: TokenSource: the service sent no ID token")
	}
	return &oauth2.Token{AccessToken: token.Reveal(), TokenType: cmp.Or(t.TokenType, bearer), Expiry: t.Expiry}, nil
}

// Tokens returns the whole set of which TokenContext returns one.
func (s *TokenSource) Tokens(ctx context.Context) (*Tokens, error) {
	if t := s.current(); t != nil {
		return t.clone(), nil
	}
	for {
		t, r, err := s.present()
		if r == nil {
			return t, err
		}
		if err := r.wait(ctx); err != nil {
			return nil, err
		}
		if r.renews {
			return r.result()
		}
	}
}

// Refresh gets new tokens although the present ones are valid, for example after a
// group of the user has changed. It returns tokens that were issued after the call:
// if a refresh is under way, Refresh waits for the next one, together with
// all others that wait for it. Backoff does not hold it up. If it fails, the present
// tokens stay in use. A ctx that ends ends the wait, not the refresh.
func (s *TokenSource) Refresh(ctx context.Context) (*Tokens, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("flow: given up before the refresh: %w", err)
	}
	s.mu.Lock()
	next := s.begun + 1
	s.wanted = next
	s.unlock()
	for {
		r, err := s.begin(next)
		if err != nil {
			return nil, err
		}
		if err := r.wait(ctx); err != nil {
			return nil, err
		}
		if r.renews && r.number >= next {
			return r.result()
		}
	}
}

// begin returns the renewal under way, or the last one if its number is high
// enough. If there is none, it starts one.
func (s *TokenSource) begin(number int) (*renewal, error) {
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.end != nil:
		return nil, s.end
	case s.last != nil && s.last.number >= number:
		return s.last, nil
	case s.running != nil:
		return s.running, nil
	}
	return s.start(true), nil
}

// Invalidate says that a server has refused this access token (or ID token, as the
// source hands out), with status 401. If the source still hands out the token, the
// next callers wait for a new one. If the token was replaced already, or if
// Invalidate has caused a refresh within MinBackoff, nothing happens. Nor does it after
// a failure, before the backoff is over. If the refresh fails, the token is handed out
// again for as long as it is valid.
func (s *TokenSource) Invalidate(token string) {
	s.mu.Lock()
	defer s.unlock()
	now := s.driver.options.Now()
	if s.tokens == nil || token == "" || !s.invalidating.isOver(now, &s.options) || !s.renewing.isOver(now, &s.options) {
		return
	}
	if token == s.tokens.AccessToken.Reveal() || token == s.tokens.IDToken.Reveal() {
		s.invalid = true
		s.invalidating.until = now.Add(s.options.MinBackoff)
	}
}

// present returns the tokens in use, the renewal to wait for, or an error; and
// starts what is due.
func (s *TokenSource) present() (*Tokens, *renewal, error) {
	s.mu.Lock()
	defer s.unlock()
	if s.end != nil {
		return nil, nil, s.end
	}
	now := s.driver.options.Now()
	valid := s.tokens != nil && !s.invalid && !s.validity.isOver(now)
	due := !valid || s.refused != nil || s.validity.isDue(now)
	renew := due && s.renewing.isOver(now, &s.options)
	save := s.unsaved && s.saving.isOver(now, &s.options)
	confirm := s.tokens.unconfirmed() && !s.validity.isOver(now) && s.confirming.isOver(now, &s.options)
	if s.running == nil && (renew || save || confirm) {
		s.start(renew)
	}
	switch {
	case valid:
		return s.tokens.clone(), nil, nil
	case s.running != nil:
		return nil, s.running, nil
	}
	return nil, nil, s.renewing.err
}

// Wait returns when no refresh is under way, and nil then. A program calls it
// before it ends: a refresh that is cut off under rotation takes the session
// along, unless the program is back before the grace period is over.
func (s *TokenSource) Wait(ctx context.Context) error {
	for {
		s.mu.Lock()
		r := s.running
		s.unlock()
		if r == nil {
			return nil
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return fmt.Errorf("flow: given up waiting for the refresh under way: %w", context.Cause(ctx))
		}
	}
}

// SignOut ends the source: from now on callers get an [Error] of code [SignedOut].
// It waits for a refresh under way, calls SourceOptions.Clear, and
// revokes the tokens as [Driver.SignOut] does. What fails is returned, or told
// to OnError if it happens after ctx has ended, and keeps nothing else from
// being done. A ctx that ends ends the wait for the refresh; the tokens are
// revoked all the same, within SourceOptions.Timeout. After a failure, SignOut can be
// called again.
func (s *TokenSource) SignOut(ctx context.Context) error {
	s.mu.Lock()
	s.end = &Error{code: SignedOut, Err: errors.New("signed out")}
	s.unlock()
	if err := s.Wait(ctx); err != nil {
		s.mu.Lock()
		left := s.running != nil
		if left {
			s.running.signsOut = true
		}
		s.unlock()
		if left {
			return errors.Join(s.clear(), fmt.Errorf("%w; the tokens are revoked when it has ended", err))
		}
	}
	return s.leave(ctx)
}

// leave deletes and revokes the tokens. Programs sign out on their way out, when
// ctx may have ended: that must not leave tokens that work.
func (s *TokenSource) leave(ctx context.Context) error {
	s.mu.Lock()
	if s.tokens != nil {
		s.leaving, s.tokens = s.tokens, nil
	}
	t := s.leaving
	s.unlock()
	// Deleted first: a revocation that hangs must not keep tokens on disk.
	cleared := s.clear()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Timeout)
	defer cancel()
	revoked := contain(func() error { return s.driver.SignOut(ctx, t, s.options.RefreshOptions...) })
	if revoked == nil {
		s.mu.Lock()
		s.leaving = nil
		s.unlock()
	}
	return errors.Join(cleared, revoked)
}
