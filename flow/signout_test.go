package flow_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestSignOut(t *testing.T) {
	for _, client := range []string{"public", "secret"} {
		pool := newPool(t, nil, ada)
		d := newDriver(t, pool, client)
		tokens, other := byAlias(t, d), byAlias(t, d)
		if err := d.SignOut(t.Context(), tokens); err != nil {
			t.Fatal(err)
		}
		_, err := d.Refresh(t.Context(), tokens)
		wantRemedy(t, err, flow.StartAgain)
		if _, err := d.Refresh(t.Context(), other); err != nil {
			t.Errorf("another sign-in: %v", err)
		}
	}
}

func TestSignOutWithoutRevocation(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*cognitotest.PoolConfig)
		calls  int
	}{
		// Without origin_jti, the tokens are of an app client without revocation.
		"no revocation": {func(c *cognitotest.PoolConfig) {}, 0},
		// Rotation adds origin_jti. The refusal of RevokeToken is then no error.
		"no revocation, rotation": {rotating(0), 1},
	} {
		t.Run(name, func(t *testing.T) {
			pool := newPool(t, func(c *cognitotest.PoolConfig) {
				test.change(c)
				c.Clients[0].TokenRevocation = "DISABLED"
			}, ada)
			d := newDriver(t, pool, "public")
			if err := d.SignOut(t.Context(), byAlias(t, d)); err != nil {
				t.Error(err)
			}
			if got := len(calls(pool, "RevokeToken")); got != test.calls {
				t.Errorf("RevokeToken was called %d times, want %d", got, test.calls)
			}
		})
	}
	d := newDriver(t, newPool(t, nil), "public")
	for _, tokens := range []*flow.Tokens{nil, {AccessToken: secret.New("access")}} {
		if err := d.SignOut(t.Context(), tokens); err != nil {
			t.Errorf("tokens without a refresh token: %v", err)
		}
	}
}

func TestSignOutFailures(t *testing.T) {
	pool := newPool(t, nil, ada)
	tokens := byAlias(t, newDriver(t, pool, "secret"))
	for name, want := range map[string]flow.Remedy{
		"UnauthorizedException": "", "UnsupportedTokenTypeException": "", "InternalErrorException": flow.TryLater,
	} {
		pool.Fail(cognitotest.Fault{Operation: "RevokeToken", Error: name})
		wantRemedy(t, newDriver(t, pool, "secret").SignOut(t.Context(), tokens), want)
	}
	api := struct{ flow.API }{pool.Client()}
	d, err := flow.New(api, flow.App{UserPoolID: pool.ID(), ClientID: "public"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(t.Context(), tokens); err == nil {
		t.Error("SignOut succeeded with an API that has no RevokeToken")
	}
}

func TestGlobalSignOut(t *testing.T) {
	for name, signOut := range map[string]func(t *testing.T, pool *cognitotest.Pool, tokens *flow.Tokens) error{
		"GlobalSignOut": func(t *testing.T, pool *cognitotest.Pool, tokens *flow.Tokens) error {
			return newDriver(t, pool, "secret").GlobalSignOut(t.Context(), tokens)
		},
		"AdminUserGlobalSignOut": func(t *testing.T, pool *cognitotest.Pool, tokens *flow.Tokens) error {
			d, err := flow.NewAdmin(pool.AdminClient(), flow.App{UserPoolID: pool.ID(), ClientID: "public"})
			if err != nil {
				t.Fatal(err)
			}
			return d.AdminGlobalSignOut(t.Context(), tokens.Username)
		},
	} {
		t.Run(name, func(t *testing.T) {
			pool := newPool(t, nil, ada)
			here, there := newDriver(t, pool, "secret"), newDriver(t, pool, "public")
			tokens, others := byAlias(t, here), byAlias(t, there)
			if err := signOut(t, pool, tokens); err != nil {
				t.Fatal(err)
			}
			_, err := here.Refresh(t.Context(), tokens)
			wantRemedy(t, err, flow.StartAgain)
			_, err = there.Refresh(t.Context(), others)
			wantRemedy(t, err, flow.StartAgain)
			if err := here.GlobalSignOut(t.Context(), tokens); err != nil { // the user is signed out already
				t.Error(err)
			}
		})
	}
}

// GlobalSignOut returns the refusal of a token that has expired, lacks the scope, or is of
// another pool.
func TestGlobalSignOutWithTheWrongToken(t *testing.T) {
	pool := newPool(t, nil, ada)
	d := newDriver(t, pool, "public")
	for name, claims := range map[string]string{
		"another scope": `{"exp":9999999999,"scope":"openid","iss":"https://example.com/` + pool.ID() + `"}`,
		"another pool":  `{"exp":9999999999,"scope":"aws.cognito.signin.user.admin","iss":"https://example.com/eu-west-1_Other"}`,
		"expired":       `{"exp":1,"scope":"aws.cognito.signin.user.admin","iss":"https://example.com/` + pool.ID() + `"}`,
	} {
		token := secret.New("e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln")
		if err := d.GlobalSignOut(t.Context(), &flow.Tokens{AccessToken: token}); !errors.Is(err, flow.TokenRefused) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAdminGlobalSignOutOfNobody(t *testing.T) {
	pool := newPool(t, nil)
	d, err := flow.NewAdmin(pool.AdminClient(), flow.App{UserPoolID: pool.ID(), ClientID: "public"})
	if err != nil {
		t.Fatal(err)
	}
	err = d.AdminGlobalSignOut(t.Context(), "nobody")
	var unknown *types.UserNotFoundException
	if !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
}

func TestTokenSourceSignOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, func(o *flow.SourceOptions) {
			o.SignIn = func(context.Context) (*flow.Tokens, error) { return nil, errors.New("SignIn was called") }
		})
		for range 2 {
			if err := s.SignOut(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if s.cleared == 0 || !slices.Equal(s.revoked, []string{"refresh-0"}) {
			t.Errorf("cleared %d times, revoked %q", s.cleared, s.revoked)
		}
		time.Sleep(time.Hour)
		s.want("", 0)
		_, err := s.Token()
		wantRemedy(t, err, flow.StartAgain)
	})
}

// If Clear and the revocation fail, SignOut returns both errors. The source has no token any more.
func TestTokenSourceSignOutFailures(t *testing.T) {
	pool := newPool(t, nil, ada)
	pool.Fail(cognitotest.Fault{Operation: "RevokeToken", Drop: true})
	d := newDriver(t, pool, "secret")
	locked := errors.New("file is locked")
	cleared := false
	s := d.TokenSource(byAlias(t, d), func(o *flow.SourceOptions) {
		o.Clear = func(context.Context) error { cleared = true; return locked }
	})
	err := s.SignOut(t.Context())
	var revocation *flow.Error
	if !errors.Is(err, locked) || !errors.As(err, &revocation) || revocation.Operation != "RevokeToken" {
		t.Errorf("got %v, want both failures", err)
	}
	if !cleared || len(calls(pool, "RevokeToken")) != 1 {
		t.Errorf("cleared: %v, %d revocations", cleared, len(calls(pool, "RevokeToken")))
	}
	if _, err := s.Token(); err == nil {
		t.Error("the source still returns a token")
	}
}

// SignOut works with a context that has ended, because a program may sign out while it stops.
func TestTokenSourceSignOutAfterTheContext(t *testing.T) {
	pool := newPool(t, nil, ada)
	d := newDriver(t, pool, "secret")
	tokens := byAlias(t, d)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.TokenSource(tokens).SignOut(ended); err != nil {
		t.Error(err)
	}
	_, err := d.Refresh(t.Context(), tokens)
	wantRemedy(t, err, flow.StartAgain)
}

// SignIn may ask a person, so SignInTimeout is longer than the timeout of a request.
func TestTokenSourceSignInTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := (&tokenService{}).driver(t)
		var pause time.Duration
		s := d.TokenSource(nil, func(o *flow.SourceOptions) {
			o.SignIn = func(ctx context.Context) (*flow.Tokens, error) {
				select {
				case <-time.After(pause):
					return numbered(1), nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
		})
		pause = 6 * time.Minute
		if _, err := s.Token(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a sign-in that is longer than SignInTimeout: %v", err)
		}
		time.Sleep(time.Minute) // the backoff
		pause = 4 * time.Minute
		if _, err := s.Token(); err != nil {
			t.Errorf("a sign-in that is shorter than SignInTimeout: %v", err)
		}
	})
}

func TestTokenSourceSignOutDuringRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.hold = make(chan struct{})
		time.Sleep(time.Hour)
		waiting := make(chan error)
		go func() { _, err := s.Token(); waiting <- err }()
		synctest.Wait()
		signedOut := make(chan error)
		go func() { signedOut <- s.SignOut(t.Context()) }()
		synctest.Wait()
		close(s.hold)
		wantRemedy(t, <-waiting, flow.StartAgain)
		if err := <-signedOut; err != nil {
			t.Error(err)
		}
		if len(s.saved) != 0 || s.cleared != 1 || !slices.Equal(s.revoked, []string{"refresh-1"}) {
			t.Errorf("saved %q, cleared %d times, revoked %q", s.saved, s.cleared, s.revoked)
		}
	})
}

func TestTokenSourceSignOutCannotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t)
		s.hold = make(chan struct{})
		time.Sleep(56 * time.Minute)
		if _, err := s.Token(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // until the service has the refresh
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.SignOut(ctx); !errors.Is(err, context.DeadlineExceeded) || s.cleared != 1 {
			t.Errorf("got %v, cleared %d times", err, s.cleared)
		}
		close(s.hold)
		if err := s.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if len(s.saved) != 0 || s.cleared != 2 || !slices.Equal(s.revoked, []string{"refresh-1"}) {
			t.Errorf("saved %q, cleared %d times, revoked %q", s.saved, s.cleared, s.revoked)
		}
	})
}
