package flow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"golang.org/x/oauth2"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

var _ oauth2.TokenSource = (*flow.TokenSource)(nil)

// source is a token source of a service that rotates. The n-th refresh takes refresh-(n-1), and
// returns access-n, id-n and refresh-n for an hour. A test uses a source in a synctest bubble,
// where synctest.Wait waits for refreshes in the background.
type source struct {
	*flow.TokenSource
	t *testing.T

	mu        sync.Mutex
	refreshes int
	fail      error         // the error of the next refreshes
	hold      chan struct{} // if not nil, refreshes wait until hold is closed
	saved     []string      // the refresh tokens that Save got
	errs      []error       // the errors that OnError got
	cleared   int
	revoked   []string
}

func newSource(t *testing.T, optFns ...func(*flow.SourceOptions)) *source {
	s := &source{t: t}
	d := (&tokenService{refresh: s.refresh, revoke: s.revoke}).driver(t)
	s.TokenSource = d.TokenSource(numbered(0), append([]func(*flow.SourceOptions){func(o *flow.SourceOptions) {
		o.Save = func(_ context.Context, t *flow.Tokens) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.saved = append(s.saved, t.RefreshToken.Reveal())
			return nil
		}
		o.Clear = func(context.Context) error { s.cleared++; return nil }
		o.OnError = func(err error) { s.errs = append(s.errs, err) }
	}}, optFns...)...)
	return s
}

func numbered(n int) *flow.Tokens {
	return &flow.Tokens{
		AccessToken: secret.New(fmt.Sprint("access-", n)), IDToken: secret.New(fmt.Sprint("id-", n)),
		RefreshToken: secret.New(fmt.Sprint("refresh-", n)), Username: "ada", Expiry: time.Now().Add(time.Hour),
	}
}

func (s *source) refresh(ctx context.Context, in *cip.GetTokensFromRefreshTokenInput) (*types.AuthenticationResultType, error) {
	s.mu.Lock()
	s.refreshes++
	n, fail, hold := s.refreshes, s.fail, s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if fail != nil {
		return nil, fail
	}
	return &types.AuthenticationResultType{
		AccessToken: aws.String(fmt.Sprint("access-", n)), IdToken: aws.String(fmt.Sprint("id-", n)),
		RefreshToken: aws.String(fmt.Sprint("refresh-", n)), ExpiresIn: 3600,
	}, nil
}

func (s *source) revoke(in *cip.RevokeTokenInput) error {
	if aws.ToString(in.ClientSecret) != anApp.ClientSecret.Reveal() {
		s.t.Errorf("RevokeToken got ClientSecret %q", aws.ToString(in.ClientSecret))
	}
	s.revoked = append(s.revoked, aws.ToString(in.Token))
	return nil
}

// want wants Token to return this access token, or an error for "". After the refreshes in the
// background, the service must have got this number of refreshes.
func (s *source) want(token string, refreshes int) {
	s.t.Helper()
	got, err := s.Token()
	switch {
	case token == "" && err == nil:
		s.t.Fatalf("got token %q, want an error", got.AccessToken)
	case token != "" && err != nil:
		s.t.Fatalf("got error %v, want token %q", err, token)
	case token != "" && got.AccessToken != token:
		s.t.Fatalf("got token %q, want %q", got.AccessToken, token)
	}
	synctest.Wait()
	if s.refreshes != refreshes {
		s.t.Fatalf("there were %d refreshes, want %d", s.refreshes, refreshes)
	}
}

var (
	errThrottled = &types.TooManyRequestsException{Message: aws.String("slow down")}
	errRevoked   = &types.NotAuthorizedException{Message: aws.String("Invalid Refresh Token")}
)

func TestTokenSourceRefreshesAheadInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.want("access-0", 0)
		time.Sleep(49 * time.Minute) // before the margin and its random part begin
		s.want("access-0", 0)
		time.Sleep(6*time.Minute + time.Second) // within the margin of 5 minutes
		s.want("access-0", 1)
		s.want("access-1", 1)
		if len(s.saved) != 1 || s.saved[0] != "refresh-1" {
			t.Errorf("Save got %q", s.saved)
		}
		time.Sleep(time.Hour) // the token has expired
		s.want("access-2", 2)
	})
}

func TestTokenSourceMarginAndJitter(t *testing.T) {
	for _, test := range []struct{ margin, first, last time.Duration }{
		{0, 50 * time.Minute, 55 * time.Minute},
		{time.Minute, 58 * time.Minute, 59 * time.Minute},
		{2 * time.Hour, 20 * time.Minute, 40 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			var times []time.Duration
			for range 20 {
				s := newSource(t, func(o *flow.SourceOptions) { o.Margin = test.margin })
				start := time.Now()
				for s.refreshes == 0 {
					time.Sleep(time.Second)
					if _, err := s.Token(); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				after := time.Since(start)
				if after < test.first || after > test.last+time.Second {
					t.Errorf("margin %v: refreshed after %v", test.margin, after)
				}
				times = append(times, after)
			}
			different := map[time.Duration]bool{}
			for _, after := range times {
				different[after] = true
			}
			if len(different) < 5 {
				t.Errorf("margin %v: many of 20 sources refreshed at the same time: %v", test.margin, times)
			}
		})
	}
}

func TestTokenSourceKeepsTheTokenOverTransientFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.fail = errThrottled
		time.Sleep(56 * time.Minute)
		s.want("access-0", 1)
		s.want("access-0", 1) // no refresh during the backoff
		// The longest pause doubles with each failure. A pause is at least half as long.
		for n, pause := range []time.Duration{1, 2, 4, 8, 16} {
			time.Sleep(pause*time.Second/2 - time.Millisecond)
			s.want("access-0", 1+n)
			time.Sleep(pause * time.Second)
			s.want("access-0", 2+n)
		}
		s.fail = nil
		time.Sleep(time.Minute)
		s.want("access-0", 7)
		s.want("access-7", 7)
		if len(s.errs) != 6 {
			t.Errorf("OnError got %v", s.errs)
		}
		for _, err := range s.errs {
			wantRemedy(t, err, flow.TryLater)
		}
		// After a success, the first pause is the shortest again.
		time.Sleep(56 * time.Minute)
		s.fail = errThrottled
		s.want("access-7", 8)
		time.Sleep(time.Second)
		s.want("access-7", 9)
	})
}

func TestTokenSourceExpiredInBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, func(o *flow.SourceOptions) { o.MinBackoff, o.MaxBackoff = time.Minute, 2*time.Minute })
		s.fail = errThrottled
		time.Sleep(time.Hour)
		for range 10 {
			s.want("", 1)
		}
		_, err := s.Token()
		wantRemedy(t, err, flow.TryLater)
		var throttled *types.TooManyRequestsException
		if !errors.As(err, &throttled) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute)
		s.want("", 2)
		time.Sleep(2 * time.Minute)
		s.want("", 3)
		time.Sleep(2 * time.Minute) // MaxBackoff, and not 4 minutes
		s.fail = nil
		s.want("access-4", 4)
		if s.cleared != 0 {
			t.Error("the stored tokens were cleared")
		}
	})
}

func TestTokenSourceHangingServiceTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, func(o *flow.SourceOptions) { o.Timeout = 7 * time.Second })
		s.hold = make(chan struct{})
		time.Sleep(time.Hour)
		start := time.Now()
		_, err := s.Token()
		if took := time.Since(start); took != 7*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", took, err)
		}
		wantRemedy(t, err, flow.TryLater)
	})
}

func TestTokenSourceCallerStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.hold = make(chan struct{})
		time.Sleep(time.Hour)
		gone, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		go func() { _, err := s.TokenContext(gone); errs <- err }()
		go func() { _, err := s.TokenContext(t.Context()); errs <- err }()
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller whose context ended got %v", err)
		}
		close(s.hold)
		if err := <-errs; err != nil {
			t.Errorf("the other caller got %v", err)
		}
		s.want("access-1", 1)
		// A caller whose context has ended gets a valid token.
		if _, err := s.TokenContext(gone); err != nil {
			t.Error(err)
		}
	})
}

// A program calls Wait before it ends, so that a refresh is not lost.
func TestTokenSourceWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		if err := s.Wait(t.Context()); err != nil {
			t.Errorf("without a refresh: %v", err)
		}
		s.hold = make(chan struct{})
		time.Sleep(56 * time.Minute)
		if _, err := s.Token(); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a refresh that hangs: %v", err)
		}
		time.AfterFunc(time.Second, func() { close(s.hold) })
		if err := s.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if len(s.saved) != 1 {
			t.Error("Wait returned before the new tokens were saved")
		}
	})
}

// A wrong setting, such as the client secret, can cause a refusal. The source deletes nothing,
// returns the present token until its expiry, and tries the refresh again.
func TestTokenSourceRefused(t *testing.T) {
	for refusal, want := range map[error]flow.Remedy{
		errRevoked:                              flow.StartAgain,
		&types.RefreshTokenReuseException{}:     flow.StartAgain,
		&types.UserNotFoundException{}:          flow.StartAgain,
		&types.PasswordResetRequiredException{}: flow.ResetPassword,
		&types.UserNotConfirmedException{}:      flow.ConfirmSignUp,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSource(t)
			s.fail = refusal
			time.Sleep(56 * time.Minute)
			s.want("access-0", 1)
			s.want("access-0", 1) // no refresh during the backoff
			time.Sleep(time.Minute + time.Second)
			s.want("access-0", 2)
			time.Sleep(time.Hour)
			s.want("", 3)
			for range 3 {
				s.want("", 3)
			}
			_, err := s.Token()
			wantRemedy(t, err, want)
			if s.cleared != 0 || len(s.errs) != 3 {
				t.Errorf("cleared %d times, errors %v", s.cleared, s.errs)
			}
			s.fail = nil // the secret is right again
			time.Sleep(time.Minute + time.Second)
			s.want("access-4", 4)
			if err := s.SignOut(t.Context()); err != nil || s.cleared != 1 || len(s.revoked) != 1 {
				t.Errorf("SignOut cleared %d times and revoked %q, %v", s.cleared, s.revoked, err)
			}
		})
	}
}

func TestTokenSourceSignsInAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var signIns int
		var fail error
		s := newSource(t, func(o *flow.SourceOptions) {
			o.SignIn = func(context.Context) (*flow.Tokens, error) {
				signIns++
				return numbered(100), fail
			}
		})
		fail = errors.New("no network")
		s.fail = errRevoked
		time.Sleep(56 * time.Minute)
		s.want("access-0", 1)
		s.want("access-0", 1) // the token has not expired
		if signIns != 1 || s.cleared != 0 {
			t.Fatalf("%d sign-ins, cleared %d times", signIns, s.cleared)
		}
		time.Sleep(4 * time.Minute)
		s.want("", 2) // the refresh is tried again, because a setting may have caused the refusal
		if signIns != 2 {
			t.Fatalf("%d sign-ins", signIns)
		}
		if _, err := s.Token(); !errors.Is(err, fail) {
			t.Errorf("got %v, want the error of SignIn", err)
		}
		fail = nil
		time.Sleep(30 * time.Second)
		s.want("access-100", 2) // SignIn is called without another refresh
		if len(s.saved) != 1 || s.saved[0] != "refresh-100" {
			t.Errorf("Save got %q", s.saved)
		}
		s.fail = nil
		time.Sleep(time.Hour)
		s.want("access-3", 3)
	})
}

func TestTokenSourceFromNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := (&tokenService{}).driver(t)
		_, err := d.TokenSource(nil).Token()
		wantRemedy(t, err, flow.StartAgain)
		signedIn := d.TokenSource(nil, func(o *flow.SourceOptions) {
			o.SignIn = func(context.Context) (*flow.Tokens, error) { return numbered(5), nil }
			o.IDToken = true
		})
		token, err := signedIn.Token()
		if err != nil || token.AccessToken != "id-5" || token.Type() != "Bearer" || token.RefreshToken != "" || time.Until(token.Expiry) != time.Hour {
			t.Errorf("got %+v, %v", token, err)
		}
	})
}

func TestTokenSourceSaveFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := errors.New("disk full")
		var tried []string
		s := newSource(t, func(o *flow.SourceOptions) {
			o.Save = func(_ context.Context, t *flow.Tokens) error {
				tried = append(tried, t.RefreshToken.Reveal())
				return disk
			}
		})
		want := func(list string) {
			t.Helper()
			if got := strings.Join(tried, " "); got != list {
				t.Fatalf("Save got %s, want %s", got, list)
			}
		}
		time.Sleep(time.Hour)
		s.want("access-1", 1)
		want("refresh-1")
		s.want("access-1", 1) // Save is not called during the backoff
		want("refresh-1")
		time.Sleep(time.Second)
		s.want("access-1", 1)
		want("refresh-1 refresh-1")
		time.Sleep(time.Hour)
		s.want("access-2", 2) // Save is called for refresh-1 again before the refresh
		want("refresh-1 refresh-1 refresh-1 refresh-2")
		disk = nil
		time.Sleep(time.Minute)
		s.want("access-2", 2)
		want("refresh-1 refresh-1 refresh-1 refresh-2 refresh-2")
		time.Sleep(40 * time.Minute)
		s.want("access-2", 2)
		want("refresh-1 refresh-1 refresh-1 refresh-2 refresh-2")
		if len(s.errs) != 4 {
			t.Errorf("OnError got %v", s.errs)
		}
	})
}

// For tokens of a short life, the margin is a sixth of the life.
func TestTokenSourceMarginOfAShortLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := refreshesTo(types.AuthenticationResultType{AccessToken: aws.String("access"), ExpiresIn: 3600}).driver(t)
		for range 20 {
			short := numbered(0)
			short.Expiry = time.Now().Add(6 * time.Minute)
			s := d.TokenSource(short)
			time.Sleep(4*time.Minute - time.Second)
			for _, want := range []string{"access-0", "access"} {
				if _, err := s.Token(); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if token, err := s.Token(); err != nil || token.AccessToken != want {
					t.Fatalf("got %v, %v, want %s", token, err, want)
				}
				time.Sleep(time.Minute + time.Second)
			}
		}
	})
}

// If the tokens of SignIn have expired when they come, Token returns them once for each sign-in.
func TestTokenSourceExpiredOnArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signIns := 0
		s := newSource(t, func(o *flow.SourceOptions) {
			o.SignIn = func(context.Context) (*flow.Tokens, error) {
				signIns++
				expired := numbered(100 + signIns)
				expired.Expiry = time.Now()
				return expired, nil
			}
		})
		s.fail = errRevoked
		time.Sleep(2 * time.Hour)
		for n := 1; n <= 3; n++ {
			if token, err := s.Token(); err != nil || token.AccessToken != fmt.Sprint("access-", 100+n) || signIns != n {
				t.Errorf("got %v, %v after %d sign-ins", token, err, signIns)
			}
			if _, err := s.Token(); err == nil || signIns != n || !strings.Contains(err.Error(), "expired when they came") {
				t.Errorf("the next call returns %v after %d sign-ins", err, signIns)
			}
			time.Sleep(time.Second)
		}
	})
}

// If Save takes too long, the error names the limit.
func TestTokenSourceSaveHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, func(o *flow.SourceOptions) {
			o.Save = func(ctx context.Context, _ *flow.Tokens) error {
				<-ctx.Done()
				return ctx.Err()
			}
		})
		time.Sleep(time.Hour)
		start := time.Now()
		s.want("access-1", 1)
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("the call took %v, want 30s", took)
		}
		if len(s.errs) != 1 || !errors.Is(s.errs[0], context.DeadlineExceeded) || !strings.Contains(s.errs[0].Error(), "Save did not end within 30s") {
			t.Errorf("OnError got %v", s.errs)
		}
	})
}

func TestTokenSourceHandsOutCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		tokens, err := s.Tokens(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tokens.AccessToken, tokens.Expiry = secret.New("changed"), time.Time{}
		s.want("access-0", 0)
	})
}
