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

// SourceOptions are the settings of a [TokenSource]. The zero value of each field is sound. A
// program whose tokens must survive a restart needs Save.
//
// Save, Clear, SignIn and OnError run one at a time, each call in a separate goroutine. The
// context of Save, Clear and SignIn is not that of a caller: it ends after Timeout or
// SignInTimeout. All callers wait for a function that ignores the end of its context. If
// SignOut cannot wait for another function, it calls Clear at the same time.
//
// These functions must not use the source: the source waits for them. A panic of Save, Clear or
// SignIn counts as a failure: see [PanicError]. A panic of OnError is not caught.
type SourceOptions struct {
	// Save keeps new tokens. The source calls Save before a caller gets the tokens, and before
	// the new refresh token is used. If Save fails, the new tokens are used all the same, and
	// OnError is told. The source then calls Save again after the backoff, and before the next
	// refresh. Nil: nothing is kept.
	Save func(context.Context, *Tokens) error

	// Clear deletes the tokens that Save kept. Only SignOut calls Clear. If there are no
	// tokens, Clear must return nil.
	Clear func(context.Context) error

	// SignIn signs in again after the service has refused the refresh token, or if the source
	// was made without tokens. If SignIn fails, callers get the present token for as long as the
	// token is valid, and the source tries again after a backoff. Nil: callers get the refusal
	// after the present token has expired, and without tokens the code [TokenRefused].
	SignIn func(context.Context) (*Tokens, error)

	// OnError is told of each failure of a refresh, Save, Clear or SignIn, and of the
	// Device.Err of new tokens. Callers of Token, TokenContext and Tokens do not get such an
	// error while the present token is valid.
	OnError func(error)

	// IDToken hands out the ID token instead of the access token.
	IDToken bool

	// Margin is the shortest time between a refresh and the expiry of the token, for a token
	// that is in use. A random time of up to the same length is added for each token, so that
	// programs started together do not refresh together. 0: a sixth of the lifetime, at most
	// 5 minutes. A Margin of more than a third of the lifetime counts as a third.
	Margin time.Duration

	// MinBackoff is the pause after a failure. The pause doubles with each further failure up
	// to MaxBackoff, less a random part of up to half. After a refusal without SignIn, the pause
	// is MaxBackoff at once. The SDK client has retried before such a failure. MinBackoff is
	// also the shortest time between two refreshes that Invalidate causes. 0: a second for
	// MinBackoff, and a minute for MaxBackoff.
	MinBackoff, MaxBackoff time.Duration

	// Timeout ends a refresh, Save or Clear. 0: 30 seconds. SignInTimeout ends SignIn, which
	// may ask a person. 0: 5 minutes.
	Timeout, SignInTimeout time.Duration

	// RefreshOptions follow the driver's own options in each refresh, in the confirmation of
	// the device, and in the revocation at SignOut. Give the holder of the sign-in here.
	RefreshOptions []func(*Options)
}

// TokenSource hands out a valid token at any time. A TokenSource implements
// [oauth2.TokenSource] and is safe for concurrent use.
//
// The source refreshes if a caller asks for a token and the present token is about to expire. The
// caller gets the present token at once, and the refresh goes on in the background. If the
// present token has expired, all callers wait for the same refresh. Without callers, the source
// does nothing.
//
// After a failure that may pass (throttling, a fault of the service or of the network), the
// present token stays in use. The source tries again after a backoff. If the token expires
// before a refresh succeeds, callers get the last error.
//
// After a refusal, the user has to sign in again, or a setting of the program is wrong, such as
// the client secret. The source cannot tell these apart, so it does not call Clear. The source
// calls SourceOptions.SignIn, or without SignIn tries the refresh again after MaxBackoff. Only
// SignOut ends a source.
//
// If the device of the tokens is not confirmed, the source confirms the device at its first call:
// see [Driver.ConfirmDevice].
//
// # Rotation
//
// If the app client rotates refresh tokens, each refresh replaces the refresh token. The service
// takes the old one only until the grace period is over, and then answers
// RefreshTokenReuseException. The user then has to sign in again.
//
// So set a grace period that is longer than a restart of your program. After a lost reply, or if
// the program was killed before Save, the old refresh token works within that time. Use each
// refresh token in one TokenSource. Two processes need a separate sign-in each.
type TokenSource struct {
	driver  *Driver
	options SourceOptions

	// ready has the tokens that callers get without the lock. Nil: callers ask present.
	ready atomic.Pointer[ready]

	// One state machine. While a renewal runs, only the renewal's goroutine changes
	// tokens, refused and unsaved, at its end and under the lock.
	mu        sync.Mutex
	tokens    *Tokens // nil: none
	validity  validity
	invalid   bool  // a server has refused the access token
	refused   error // of the service, for the refresh token
	refusedAt time.Time
	unsaved   bool     // Save has not succeeded yet
	end       error    // SignOut
	leaving   *Tokens  // not revoked yet
	running   *renewal // nil: none
	last      *renewal // the last one with renews
	begun     int      // number of the last renewal with renews
	wanted    int      // number of the renewal for which callers of Refresh wait

	renewing, saving, confirming, invalidating backoff

	clearing sync.Mutex // one Clear at a time
}

// TokenSource returns a source that starts from t. The source takes t to be kept already, so it
// does not call Save for t. If t is nil, the first caller waits for SourceOptions.SignIn, and
// the source saves the result.
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
		s.validity.due, s.validity.over = 0, 0 // the tokens may have been kept for any time
	}
	return s
}

// ready has tokens that are good and need no work. A ready does not change.
type ready struct {
	tokens *Tokens
	while  fresh
}

// unlock publishes the tokens that callers get without the lock, and gives the lock back.
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

// current returns the tokens that are ready, nil if there may be work.
func (s *TokenSource) current() *Tokens {
	if r := s.ready.Load(); r != nil && r.while.has(s.driver.options.Now()) {
		return r.tokens
	}
	return nil
}

// Token is [TokenSource.TokenContext] without a context. SourceOptions.Timeout and
// SignInTimeout bound the wait, if Save and SignIn obey their contexts.
func (s *TokenSource) Token() (*oauth2.Token, error) {
	return s.TokenContext(context.Background())
}

// TokenContext returns a token for an Authorization header. TokenContext waits only if there is
// no valid token. If ctx ends, the wait ends, and the refresh goes on.
//
// The result has no refresh token. Do not log the result, because it has the token as plain text.
//
// Use [oauth2.Transport] with the source: it asks the source for each request. The transport of
// [oauth2.NewClient] keeps a token until the token expires. That transport misses early
// refreshes, Invalidate and SignOut.
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

// Tokens is TokenContext for all tokens of the user. The result is a copy.
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

// Refresh gets new tokens although the present ones are valid, for example after a group of the
// user has changed. The result is tokens that were issued after the call. If a refresh is under
// way, Refresh waits for the next one, together with other callers of Refresh. Refresh does not
// wait for a backoff. If the refresh fails, the present tokens stay in use. If ctx ends, the
// wait ends, and the refresh goes on.
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

// Invalidate says that a server has refused a token of the source, with status 401. If the source
// still hands out the token, the next callers wait for a new one. If the refresh fails, the source
// hands out the token again for as long as the token is valid.
//
// Invalidate does nothing if the token was replaced already. The same is true within MinBackoff
// after another Invalidate, and during the backoff after a failure.
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

// present returns the tokens in use, the renewal to wait for, or an error. If work is due,
// present starts a renewal.
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

// Wait returns nil when no refresh is under way, and an error if ctx ends first. Call Wait before
// the program ends, unless you call SignOut. With rotation, a refresh that is cut off can lose
// the refresh token: see [TokenSource].
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

// SignOut ends the source: from now on, callers get an [Error] of code [SignedOut]. SignOut waits
// for a refresh under way, calls SourceOptions.Clear, and revokes the tokens as [Driver.SignOut]
// does. If one step fails, SignOut does the others all the same and returns the error. Call
// SignOut again after a failure.
//
// If ctx ends, SignOut does not wait for the refresh any longer and returns an error. The tokens
// are revoked when the refresh has ended, within SourceOptions.Timeout, and OnError is told of a
// failure.
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
			return errors.Join(s.clear(), fmt.Errorf("%w (the tokens are revoked when the refresh has ended)", err))
		}
	}
	return s.leave(ctx)
}

// leave deletes and revokes the tokens. A program may sign out while it ends, so ctx may have
// ended. The tokens must not stay valid for that.
func (s *TokenSource) leave(ctx context.Context) error {
	s.mu.Lock()
	if s.tokens != nil {
		s.leaving, s.tokens = s.tokens, nil
	}
	t := s.leaving
	s.unlock()
	// Clear comes first: a revocation that does not end must not keep tokens on disk.
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
