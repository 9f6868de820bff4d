package flow_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestTokenSourceRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.want("access-0", 0)
		fresh, err := s.Refresh(t.Context())
		if err != nil || fresh.AccessToken.Reveal() != "access-1" {
			t.Fatalf("got %v, %v", fresh, err)
		}
		s.want("access-1", 1)
		s.fail = errThrottled
		if _, err := s.Refresh(t.Context()); !errors.Is(err, flow.Throttled) {
			t.Errorf("got %v", err)
		}
		s.want("access-1", 2) // the valid token stays
		s.fail = nil
		if _, err := s.Refresh(t.Context()); err != nil { // Refresh does not wait for the backoff
			t.Error(err)
		}
		s.want("access-3", 3)
	})
}

// Refresh does not join a refresh that began earlier. All callers that wait for the next refresh
// get the same tokens.
func TestTokenSourceRefreshJoinsTheNextOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.hold = make(chan struct{})
		got := make(chan string, 11)
		refresh := func() {
			fresh, err := s.Refresh(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			got <- fresh.AccessToken.Reveal()
		}
		go refresh()
		synctest.Wait()
		for range 10 {
			go refresh()
		}
		synctest.Wait()
		close(s.hold)
		counts := map[string]int{}
		for range 11 {
			counts[<-got]++
		}
		if counts["access-1"] != 1 || counts["access-2"] != 10 || s.refreshes != 2 {
			t.Errorf("got %v in %d refreshes", counts, s.refreshes)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Refresh(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := s.SignOut(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := s.Refresh(t.Context()); !errors.Is(err, flow.SignedOut) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTokenSourceInvalidate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.want("access-0", 0)
		s.Invalidate("")
		s.Invalidate("access-of-another")
		s.want("access-0", 0)
		for range 3 {
			s.Invalidate("access-0") // several requests come back with 401
		}
		s.want("access-1", 1)
		s.Invalidate("access-0") // the last of these requests comes back late
		s.want("access-1", 1)
		s.Invalidate("access-1") // the server accepts no token
		s.want("access-1", 1)
		time.Sleep(time.Second)
		s.Invalidate("id-1")
		s.want("access-2", 2)

		time.Sleep(time.Second)
		s.fail = errThrottled
		s.Invalidate("access-2")
		if _, err := s.Token(); !errors.Is(err, flow.Throttled) {
			t.Errorf("got %v", err)
		}
		s.want("access-2", 3) // another server may accept the token
	})
}

// A hundred callers with a refused token cause one refresh.
func TestTokenSourceInvalidateHerd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() {
				token, err := s.Token()
				if err != nil {
					t.Error(err)
					return
				}
				s.Invalidate(token.AccessToken)
				if token, err = s.Token(); err != nil || token.AccessToken != "access-1" {
					t.Errorf("got %v, %v", token, err)
				}
			})
		}
		group.Wait()
		if s.refreshes != 1 {
			t.Errorf("%d refreshes", s.refreshes)
		}
	})
}

// If a function of the options panics or ends its goroutine, OnError and all waiting callers get
// an error. The next call works.
func TestTokenSourceFunctionsThatDoNotReturn(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":           func() { panic("of the function") },
		"panic(error)":    func() { panic(errDisk) },
		"Goexit":          runtime.Goexit,
		"nil dereference": func() { _ = (*flow.Tokens)(nil).Username },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broken := true
				fail := func() {
					if broken {
						end()
					}
				}
				s := newSource(t, func(o *flow.SourceOptions) {
					o.Save = func(context.Context, *flow.Tokens) error { fail(); return nil }
					o.Clear = func(context.Context) error { fail(); return nil }
					o.SignIn = func(context.Context) (*flow.Tokens, error) { fail(); return numbered(7), nil }
					o.RefreshOptions = append(o.RefreshOptions, func(o *flow.Options) {
						o.Observe = onExchange(func(_ flow.Operation, out flow.Outcome) {
							if out.Err != nil {
								fail()
							}
						})
					})
				})
				check := func(err error) {
					t.Helper()
					var p *flow.PanicError
					switch isPanic := errors.As(err, &p); {
					case err == nil:
						t.Error("no error")
					case isPanic != (name != "Goexit"), !isPanic && !strings.Contains(err.Error(), "Goexit"):
						t.Errorf("got %v", err)
					case isPanic && (len(p.Stack) == 0 || !strings.Contains(err.Error(), fmt.Sprint(p.Value))):
						t.Errorf("got %v", err)
					case strings.ContainsAny(err.Error(), "\n"):
						t.Errorf("the error has more than a line: %q", err)
					}
				}
				if _, err := s.Refresh(t.Context()); err != nil { // Save fails, and Refresh returns the tokens
					t.Fatal(err)
				}
				s.want("access-1", 1)
				check(s.errs[0])
				s.fail = errRevoked // the Observer fails
				_, err := s.Refresh(t.Context())
				check(err)
				broken = false
				if _, err := s.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
				s.want("access-7", 2) // the service has refused once more, and SignIn was called
				broken = true
				s.fail = nil
				check(s.SignOut(t.Context())) // Clear fails
			})
		})
	}
}

func TestTokenSourceSignInPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := (&tokenService{}).driver(t)
		var told []error
		source := d.TokenSource(nil, func(o *flow.SourceOptions) {
			o.SignIn = func(context.Context) (*flow.Tokens, error) { panic(errDisk) }
			o.OnError = func(err error) { told = append(told, err) }
		})
		if _, err := source.Token(); !errors.Is(err, errDisk) || !strings.Contains(err.Error(), "SignIn") || len(told) != 1 {
			t.Errorf("got %v, and OnError got %v", err, told)
		}
	})
}

// settable is a clock that a test sets, as an administrator sets the clock of a machine.
type settable struct {
	mu sync.Mutex
	by time.Duration
}

func (c *settable) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by += by
}

// Now keeps the monotonic reading, because setting a clock does not change that.
func (c *settable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.by)
}

func (c *settable) source(t *testing.T) *source {
	t.Helper()
	s := newSource(t)
	d := (&tokenService{refresh: s.refresh}).driver(t, func(o *flow.Options) { o.Now = c.Now })
	s.TokenSource = d.TokenSource(numbered(0))
	return s
}

// If a clock is set back by a day, the source does not use an expired token. The backoff does
// not last a day, and the source does not refresh at each call.
func TestTokenSourceClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c settable
		s := c.source(t)
		s.want("access-0", 0)
		c.set(-24 * time.Hour)
		s.want("access-0", 1) // the refresh runs in the background
		for range 10 {
			s.want("access-1", 1)
		}
		s.fail = errThrottled
		time.Sleep(56 * time.Minute)
		s.want("access-1", 2)
		c.set(-24 * time.Hour)
		s.want("access-1", 3) // the backoff does not last a day
		time.Sleep(5 * time.Minute)
		s.fail = nil
		s.want("access-4", 4)
		time.Sleep(2 * time.Hour)
		c.set(-24 * time.Hour)
		s.want("access-5", 5) // the expired token is not returned
	})
}

// jwt returns a JSON Web Token without a valid signature.
func jwt(claims string) *string {
	return aws.String("e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln")
}

// If the tokens have no lifetime, or an impossible one, the source refreshes them within a day,
// and not at each call.
func TestTokenSourceOddLifetimes(t *testing.T) {
	for name, test := range map[string]struct {
		result     types.AuthenticationResultType
		good, over time.Duration
	}{
		"none":         {types.AuthenticationResultType{AccessToken: aws.String("opaque")}, time.Minute, 6 * time.Minute},
		"negative":     {types.AuthenticationResultType{AccessToken: jwt(`{"iat":1700000000,"exp":1600000000}`), ExpiresIn: -1}, time.Minute, 6 * time.Minute},
		"an overflow":  {types.AuthenticationResultType{AccessToken: jwt(`{"iat":-9223372036854775807,"exp":9223372036854775807}`)}, time.Minute, 25 * time.Hour},
		"of centuries": {types.AuthenticationResultType{AccessToken: jwt(`{"iat":1700000000,"exp":99999999999999}`)}, time.Hour, 25 * time.Hour},
		"in fractions": {types.AuthenticationResultType{AccessToken: jwt(`{"iat":1700000000.25,"exp":1700003600.75}`)}, 30 * time.Minute, 61 * time.Minute},
		"in words":     {types.AuthenticationResultType{AccessToken: jwt(`{"iat":"now","exp":"soon"}`), ExpiresIn: 3600}, 30 * time.Minute, 61 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSource(t)
				refreshes := 0
				d := (&tokenService{refresh: func(context.Context, *cip.GetTokensFromRefreshTokenInput) (*types.AuthenticationResultType, error) {
					refreshes++
					result := test.result
					return &result, nil
				}}).driver(t)
				s.TokenSource = d.TokenSource(&flow.Tokens{RefreshToken: secret.New("refresh")})
				for range 10 {
					if _, err := s.Token(); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(test.good)
				if _, err := s.Token(); err != nil || refreshes != 1 {
					t.Errorf("%d refreshes after %v, %v", refreshes, test.good, err)
				}
				time.Sleep(test.over - test.good)
				if _, err := s.Token(); err != nil || refreshes != 2 {
					t.Errorf("%d refreshes after %v, %v", refreshes, test.over, err)
				}
			})
		})
	}
}
