package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"runtime"
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

// If the expiry of stored tokens is missing, or centuries away, the source refreshes them within
// a day.
func TestTokenSourceOddExpiry(t *testing.T) {
	for name, expiry := range map[string]time.Time{
		"missing": {}, "year 1600": time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC), "year 9999": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		for _, access := range []string{"opaque", *jwt(`{"iat":1000000000,"exp":1000003600}`)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newSource(t)
					d := (&tokenService{refresh: s.refresh}).driver(t)
					kept := numbered(0)
					kept.AccessToken, kept.Expiry = secret.New(access), expiry
					s.TokenSource = d.TokenSource(kept)
					if expiry.Year() == 9999 {
						s.want(access, 0)
						time.Sleep(25 * time.Hour)
					}
					s.want("access-1", 1)
				})
			})
		}
	}
}

// If an Observer panics or ends its goroutine after the reply, the source keeps the new tokens.
func TestTokenSourceObserverFailsAfterTheReply(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("observer") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSource(t, func(o *flow.SourceOptions) {
					o.RefreshOptions = append(o.RefreshOptions, func(o *flow.Options) { o.Observe = onExchange(func(flow.Operation, flow.Outcome) { end() }) })
				})
				if _, err := s.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				s.want("access-1", 1)
				if len(s.saved) != 1 || len(s.errs) != 1 {
					t.Errorf("Save got %q, and OnError got %v", s.saved, s.errs)
				}
			})
		})
	}
}

// If SignOut cannot wait, a running renewal revokes the tokens. The test has SignOut come at
// random moments.
func TestTokenSourceSignOutIsNotLost(t *testing.T) {
	lost := 0
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			s := newSource(t)
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			var group sync.WaitGroup
			for range 6 {
				group.Go(func() { s.Refresh(t.Context()) })
			}
			group.Go(func() { s.SignOut(ended) })
			group.Wait()
			synctest.Wait()
			if len(s.revoked) == 0 {
				lost++
			}
		})
	}
	if lost > 0 {
		t.Errorf("%d of 300 sign-outs revoked nothing", lost)
	}
}

// OnError may end its goroutine, as FailNow does. The source goes on.
func TestTokenSourceOnErrorGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, func(o *flow.SourceOptions) { o.OnError = func(error) { runtime.Goexit() } })
		s.fail = errThrottled
		if fresh, err := s.Refresh(t.Context()); !errors.Is(err, flow.Throttled) || fresh != nil {
			t.Errorf("got %v, %v", fresh, err)
		}
		time.Sleep(2 * time.Hour)
		s.want("", 2)
	})
}

func TestTokenSourceSignOutAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails, revoked := true, 0
		d := (&tokenService{revoke: func(*cip.RevokeTokenInput) error {
			if revoked++; fails {
				return errThrottled
			}
			return nil
		}}).driver(t)
		s := d.TokenSource(numbered(0))
		if err := s.SignOut(t.Context()); !errors.Is(err, flow.Throttled) {
			t.Errorf("got %v", err)
		}
		fails = false
		for range 2 {
			if err := s.SignOut(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if revoked != 2 {
			t.Errorf("%d revocations, want the failed one and one more", revoked)
		}
	})
}

// After SignOut, the source does not call SignIn.
func TestTokenSourceNoSignInAfterSignOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s := newSource(t, func(o *flow.SourceOptions) {
			o.SignIn = func(context.Context) (*flow.Tokens, error) { asked++; return numbered(9), nil }
		})
		s.hold, s.fail = make(chan struct{}), errRevoked
		go s.Refresh(t.Context())
		synctest.Wait()
		out := make(chan error)
		go func() { out <- s.SignOut(t.Context()) }()
		synctest.Wait()
		close(s.hold)
		if err := <-out; err != nil || asked != 0 {
			t.Errorf("SignIn was called %d times, %v", asked, err)
		}
	})
}

// Wait also waits for the refreshes of Refresh.
func TestTokenSourceWaitForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.hold = make(chan struct{})
		go s.Refresh(t.Context())
		synctest.Wait()
		go s.Refresh(t.Context())
		synctest.Wait()
		waited := make(chan error)
		go func() { waited <- s.Wait(t.Context()) }()
		synctest.Wait()
		close(s.hold)
		if err := <-waited; err != nil || len(s.saved) != 2 {
			t.Errorf("Wait returned %v after %d refreshes of 2", err, len(s.saved))
		}
	})
}

// After a failure, Invalidate does not shorten the backoff.
func TestTokenSourceInvalidateInBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.fail = errRevoked
		for range 120 {
			s.Invalidate("access-0")
			s.Token()
			synctest.Wait()
			time.Sleep(time.Second)
		}
		if s.refreshes > 3 {
			t.Errorf("%d refused refreshes in two minutes", s.refreshes)
		}
	})
}

// The confirmation of a device does not change the expiry of the tokens.
func TestConfirmationProlongsNothing(t *testing.T) {
	d := newDesk(t, nil)
	d.pool.Fail(noConfirm)
	tokens := d.signIn(srpAuth("ada"), 1)
	source := d.driver().TokenSource(tokens, func(o *flow.SourceOptions) { o.RefreshOptions = append(o.RefreshOptions, d.here) })
	before, err := source.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source.Wait(t.Context())
	after, err := source.Tokens(t.Context())
	if err != nil || after.Device.State != flow.DeviceConfirmed || !after.Expiry.Equal(before.Expiry) || len(calls(d.pool, "GetTokensFromRefreshToken")) != 0 {
		t.Errorf("got %+v, %v", after, err)
	}
}

// A service may return the same access token again. The next ten calls then cause one refresh.
func TestTokenSourceSameToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refreshes := 0
		d := (&tokenService{refresh: func(context.Context, *cip.GetTokensFromRefreshTokenInput) (*types.AuthenticationResultType, error) {
			refreshes++
			return &types.AuthenticationResultType{AccessToken: aws.String("access-0"), ExpiresIn: 3600}, nil
		}}).driver(t)
		s := d.TokenSource(numbered(0))
		for _, age := range []time.Duration{58 * time.Minute, 3 * time.Minute} { // before and after the expiry
			time.Sleep(age)
			before := refreshes
			for range 10 {
				_, _ = s.Token()
				synctest.Wait()
			}
			if n := refreshes - before; n != 1 {
				t.Errorf("%d refreshes for 10 calls, want 1", n)
			}
		}
	})
}

// Tokens of the driver equal the tokens that JSON gives back.
func TestTokensOfTheDriverRoundTrip(t *testing.T) {
	for name, result := range map[string]types.AuthenticationResultType{
		"opaque":       {AccessToken: aws.String("opaque"), ExpiresIn: 60},
		"empty lists":  {AccessToken: jwt(`{"scope":"","amr":[]}`), ExpiresIn: 60},
		"all":          {AccessToken: jwt(`{"scope":"a b","amr":["pwd"],"acr":"x","auth_time":1700000000.5,"iat":1,"exp":61}`)},
		"milliseconds": {AccessToken: jwt(`{"auth_time":1700000000000000}`), ExpiresIn: 60},
		"no number":    {AccessToken: jwt(`{"auth_time":1e300,"exp":1e400}`), ExpiresIn: 60},
	} {
		t.Run(name, func(t *testing.T) {
			d := refreshesTo(result).driver(t)
			got, err := d.Refresh(t.Context(), &flow.Tokens{RefreshToken: secret.New("refresh"), Username: "ada"})
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			back := new(flow.Tokens)
			if err := json.Unmarshal(data, back); err != nil {
				t.Fatal(err)
			}
			for _, tokens := range []*flow.Tokens{got, back} { // DeepEqual cannot compare secrets
				tokens.AccessToken, tokens.IDToken, tokens.RefreshToken = secret.String{}, secret.String{}, secret.String{}
			}
			if !reflect.DeepEqual(got, back) {
				t.Errorf("got %+v, and back %+v", got, back)
			}
		})
	}
}

// The driver reads claims by their exact names, because a trigger may add others.
func TestClaimsOfOtherCase(t *testing.T) {
	d := refreshesTo(types.AuthenticationResultType{
		AccessToken: jwt(`{"sub":"ada","SUB":"eve","Username":"eve","username":"ada","EXP":9e9,"Scope":"admin"}`), ExpiresIn: 60,
	}).driver(t)
	got, err := d.Refresh(t.Context(), &flow.Tokens{RefreshToken: secret.New("refresh"), Username: "x"})
	if err != nil || got.Subject != "ada" || got.Username != "ada" || got.Scopes != nil || time.Until(got.Expiry) > time.Minute {
		t.Errorf("got %+v, %v", got, err)
	}
}
