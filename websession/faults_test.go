package websession_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/frontend"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// loseWrites makes count writes of an instance fail, after the next skip writes. The store
// acts on these writes if acts is set, and only the reply is lost.
func loseWrites(f *failing, skip, count int, acts bool, err error) {
	f.put = func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
		switch {
		case skip > 0:
			skip--
		case count > 0:
			count--
			if acts {
				if _, err := f.next.Put(ctx, name, data, version, expires); err != nil {
					return "", err
				}
			}
			return "", err
		}
		return f.next.Put(ctx, name, data, version, expires)
	}
}

// A write or only its reply is lost: the write of the lease (number 0) or of the new tokens
// (number 1).
func TestLostWrites(t *testing.T) {
	for name, test := range map[string]struct {
		skip, count int
		acts        bool
		err         error
	}{
		"the reply about the lease":                                 {0, 1, true, errDown},
		"the reply about the lease, and the client repeats it":      {0, 1, true, store.ErrConflict},
		"the new tokens":                                            {1, 1, false, errDown},
		"the new tokens, many times":                                {1, 8, false, errDown},
		"the reply about the new tokens":                            {1, 1, true, errDown},
		"the reply about the new tokens, and the client repeats it": {1, 1, true, store.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
				i, other := newInstance(t, s, shared), newInstance(t, s, shared)
				id := i.create(s.signIn(t, "ada", nil))
				pass(lifetime)
				loseWrites(i.store, test.skip, test.count, test.acts, test.err)
				started := time.Now()
				got := i.tokens(id)
				if took := time.Since(started); took > 0 {
					t.Errorf("the caller waited for the store, %v", took)
				}
				if again := i.tokens(id); again.AccessToken.Reveal() != got.AccessToken.Reveal() {
					t.Error("the next caller has other tokens")
				}
				i.idle()
				if there := other.tokens(id); there.AccessToken.Reveal() != got.AccessToken.Reveal() {
					t.Error("the other instance has other tokens")
				}
				s.wantRefreshes(t, "ada", 1)
			})
		})
	}
}

// Without a lease an instance sends nothing. The next caller does not get the error of the
// lease, even while OnError is being called with it.
func TestNoRefreshWithoutALease(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared, func(o *websession.Options) { o.OnError = func(error) { time.Sleep(time.Minute) } })
		id := i.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		loseWrites(i.store, 0, 1, false, errDown)
		i.refused(id, websession.ErrStore, errDown)
		s.wantRefreshes(t, "ada", 0)
		i.tokens(id)
		s.wantRefreshes(t, "ada", 1)
		i.idle()
	})
}

// An instance has new tokens and cannot write them. Another instance takes over with the
// former refresh token.
func TestLateWriter(t *testing.T) {
	for name, test := range map[string]struct {
		grace   int
		refused int
	}{
		"within the grace period": {60, 0},
		"without a grace period":  {0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, test.grace, func(t *testing.T, s *service, shared *store.Memory) {
				late, successor := newInstance(t, s, shared), newInstance(t, s, shared)
				id := late.create(s.signIn(t, "ada", nil))
				pass(lifetime)
				loseWrites(late.store, 1, 8, false, errDown) // for some 30 seconds or more
				mine := late.tokens(id)
				ctx, cancel := context.WithTimeout(t.Context(), 18*time.Second)
				defer cancel()
				theirs, err := successor.Tokens(ctx, id)
				if got := s.refusals()["RefreshTokenReuseException"]; got != test.refused {
					t.Errorf("%d reuses, want %d", got, test.refused)
				}
				if test.refused > 0 {
					var refused *websession.RefreshError
					if !errors.Is(err, flow.TokenReused) || !errors.As(err, &refused) || refused.Remedy() != flow.StartAgain {
						t.Fatalf("got %v", err)
					}
				} else if err != nil {
					t.Fatal(err)
				}
				late.idle()
				// Both instances have the same tokens now, and the web session lives.
				want := mine
				if theirs != nil {
					want = theirs
				}
				for _, i := range []*instance{late, successor} {
					if got := i.tokens(id); got.AccessToken.Reveal() != want.AccessToken.Reveal() {
						t.Error("the instances have other tokens")
					}
				}
				s.wantRefreshes(t, "ada", 2)
				pass(lifetime)
				successor.tokens(id)
			})
		})
	}
}

// As in TestLateWriter, but the write succeeds while the other instance waits for the
// service. The service refuses, and the callers of the other instance get the written tokens.
func TestLateWriterHelpsOut(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		late := newInstance(t, s, shared, func(o *websession.Options) { o.MaxBackoff = time.Second })
		successor := newInstance(t, s, shared)
		id := late.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		var asked atomic.Bool
		successor.line.before = func(context.Context, string) error {
			asked.Store(true)
			time.Sleep(5 * time.Second)
			return nil
		}
		puts := 0
		late.store.put = func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if puts++; puts > 1 && !asked.Load() {
				return "", errDown
			}
			return shared.Put(ctx, name, data, version, expires)
		}
		want := late.tokens(id)
		if got := successor.tokens(id); got.AccessToken.Reveal() != want.AccessToken.Reveal() {
			t.Error("other tokens")
		}
		if s.refusals()["RefreshTokenReuseException"] != 1 {
			t.Errorf("refused %v, want one reuse", s.refusals())
		}
		late.idle()
	})
}

// The service refuses the refresh token. Callers get an error, and nothing is deleted. All
// instances together send one request in a MaxBackoff.
func TestRefusal(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		fleet := []*instance{newInstance(t, s, shared), newInstance(t, s, shared), newInstance(t, s, shared)}
		tokens := s.signIn(t, "ada", nil)
		id := fleet[0].create(tokens)
		pass(dueAfter)
		driver := fleet[0].line.driver(t, app, nil)
		if err := driver.SignOut(t.Context(), tokens); err != nil {
			t.Fatal(err)
		}
		fleet[0].tokens(id) // valid by its expiry, which is all that is known
		fleet[0].idle()
		if told := fleet[0].told(); len(told) != 1 || !errors.Is(told[0], flow.TokenRefused) {
			t.Errorf("OnError was told %v", told)
		}
		for _, i := range fleet {
			i.tokens(id)
			i.idle()
		}
		s.wantRefreshes(t, "ada", 1)
		pass(lifetime / 6)
		started := time.Now()
		for n := range 4 {
			for _, i := range fleet {
				err := i.refused(id, flow.TokenRefused)
				var refused *websession.RefreshError
				if !errors.As(err, &refused) || refused.Remedy() != flow.StartAgain || refused.At.IsZero() {
					t.Errorf("got %#v", err)
				}
				if !strings.Contains(err.Error(), "NotAuthorizedException") {
					t.Errorf("the text is %q", err)
				}
				// The instance that has tried and the others tell a front end the same.
				want := frontend.Error{Code: flow.TokenRefused, Remedy: flow.StartAgain}
				if told := frontend.FromError(err); told != want {
					t.Errorf("a front end is told %+v", told)
				}
			}
			s.wantRefreshes(t, "ada", 1+n)
			pass(time.Minute)
			fleet[n%3].refused(id, flow.TokenRefused)
		}
		if got, most := s.refreshes("ada"), 2+int(time.Since(started)/time.Minute); got > most {
			t.Errorf("%d refreshes, want %d at most", got, most)
		}
		if errors.Is(fleet[0].refused(id), websession.ErrNoSession) {
			t.Error("the web session was ended by a refusal")
		}
		// Requests do not keep a web session that is refused: it ends with its idle time.
		for range 30 {
			pass(time.Hour)
			fleet[0].refused(id)
		}
		fleet[0].refused(id, websession.ErrNoSession)
	})
}

// A wrong client secret causes a refusal. With the right secret the web session goes on.
func TestWrongSettingsLoseNothing(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		right := newInstance(t, s, shared)
		wrong := &instance{t: t, line: &line{service: s}, store: &failing{next: shared}}
		bad := app
		bad.ClientSecret = secret.New("anotherClientSecret0123456789")
		wrong.Manager = wrong.manager(bad, newSealer(t, bad, key))
		id := right.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		wrong.refused(id, flow.TokenRefused)
		right.refused(id, flow.TokenRefused) // for MaxBackoff, like all others
		pass(time.Minute)
		right.tokens(id)
		wrong.tokens(id)
		s.wantRefreshes(t, "ada", 2)
	})
}

// After a fault that may pass, all instances pause.
func TestFaultsThatPass(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		fleet := []*instance{newInstance(t, s, shared), newInstance(t, s, shared)}
		id := fleet[0].create(s.signIn(t, "ada", nil))
		s.pool.Fail(cognitotest.Fault{Operation: refresh, Times: 4, Error: "TooManyRequestsException"})
		pass(dueAfter)
		for n := range 4 { // the pauses are up to 1, 2, 4 and 8 seconds
			for range 10 {
				for _, i := range fleet {
					i.tokens(id)
					i.idle()
				}
			}
			s.wantRefreshes(t, "ada", n+1)
			pass(time.Second << n)
		}
		fleet[1].tokens(id)
		fleet[1].idle()
		s.wantRefreshes(t, "ada", 5)
		pass(lifetime)
		s.pool.Fail(cognitotest.Fault{Operation: refresh, Error: "InternalErrorException"})
		for _, i := range fleet {
			i.refused(id, flow.ServiceFault)
		}
		s.wantRefreshes(t, "ada", 6)
		pass(time.Second)
		fleet[1].tokens(id)
	})
}

// While the store is down, a process uses the tokens in its memory.
func TestStoreIsDown(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		want := i.tokens(id)
		i.store.fail()
		other.store.fail()
		pass(lifetime / 2)
		if got := i.tokens(id); got.AccessToken.Reveal() != want.AccessToken.Reveal() {
			t.Error("other tokens")
		}
		told := i.told()
		if len(told) != 1 || !errors.Is(told[0], websession.ErrStore) || !errors.Is(told[0], errDown) {
			t.Errorf("OnError was told %v", told)
		}
		other.refused(id, websession.ErrStore, errDown) // the tokens are not in its memory
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := other.Tokens(ctx, id); !errors.Is(err, context.Canceled) || errors.Is(err, websession.ErrStore) {
			t.Errorf("got %v for a request that has ended", err)
		}
		pass(lifetime / 2)
		i.refused(id, websession.ErrStore, errDown)
		s.wantRefreshes(t, "ada", 0)
		if _, err := i.Create(t.Context(), want); !errors.Is(err, websession.ErrStore) {
			t.Errorf("Create: %v", err)
		}
		i.store.work()
		i.tokens(id)
	})
}

// After StoreTimeout a store that hangs counts as a store that is down.
func TestStoreHangs(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		i.store.get = func(ctx context.Context, _ string) (store.Record, error) {
			<-ctx.Done()
			return store.Record{}, ctx.Err()
		}
		started := time.Now()
		i.tokens(id)
		if took := time.Since(started); took != 3*time.Second {
			t.Errorf("the caller waited %v, want StoreTimeout", took)
		}
	})
}

// An outage longer than the lifetime of a token does not lose the new refresh token.
func TestLongOutage(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		pass(dueAfter)
		i.line.after = func(context.Context, string) error { i.store.fail(); return nil }
		i.tokens(id)
		pass(lifetime / 2)
		i.tokens(id) // the new ones
		pass(3 * lifetime)
		i.refused(id, websession.ErrStore)
		i.line.after = nil
		i.store.work()
		i.idle()
		other.tokens(id)
		s.wantRefreshes(t, "ada", 2)
	})
}

// A record that does not open is kept: the keys of this instance may be wrong.
func TestUnreadableRecords(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		stranger := &instance{t: t, line: &line{service: s}, store: &failing{next: shared}}
		stranger.Manager = stranger.manager(app, newSealer(t, app, []byte("another key of thirty-two bytes.")))
		stranger.refused(id, websession.ErrStore, seal.ErrKey)
		i.tokens(id)

		other := i.create(s.signIn(t, "bob", nil))
		i.store.get = func(ctx context.Context, name string) (store.Record, error) { // exchanges the two
			if name == i.Name(id) {
				return shared.Get(ctx, i.Name(other))
			}
			return shared.Get(ctx, i.Name(id))
		}
		fresh := newInstance(t, s, i.store)
		fresh.refused(id, websession.ErrStore, seal.ErrForeign)
		i.store.get = func(ctx context.Context, name string) (store.Record, error) {
			return store.Record{Data: []byte("x"), Version: "v"}, nil
		}
		fresh.refused(id, websession.ErrStore)
		i.tokens(id) // has valid tokens in memory
	})
}

func TestKeysRotate(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		next := []byte("the next key, of 32 random bytes")
		with := func(keys ...[]byte) *instance {
			i := &instance{t: t, line: &line{service: s}, store: &failing{next: shared}}
			i.Manager = i.manager(app, newSealer(t, app, keys...))
			return i
		}
		id := with(key).create(s.signIn(t, "ada", nil))
		both := with(next, key)
		both.tokens(id)
		pass(lifetime)
		both.tokens(id) // writes with the next key
		with(next).tokens(id)
		with(key).refused(id, websession.ErrStore, seal.ErrKey)
		// A user's index is written at sign-in and sign-out alone.
		if _, err := with(next).Create(t.Context(), s.signIn(t, "ada", nil)); !errors.Is(err, seal.ErrKey) || !errors.Is(err, websession.ErrStore) {
			t.Errorf("got %v with an index of the former key", err)
		}
		second := both.create(s.signIn(t, "ada", nil))
		if err := with(next).SignOutUser(t.Context(), s.pool.Sub("ada")); err != nil {
			t.Fatal(err)
		}
		for _, id := range []websession.ID{id, second} {
			both.refused(id, websession.ErrNoSession)
		}
	})
}

// If code of the program panics or ends its goroutine, one refresh fails, and no caller hangs.
func TestPanics(t *testing.T) {
	for name, burst := range map[string]func(){
		"panic":  func() { panic("trouble in the program") },
		"Goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
				i := newInstance(t, s, shared)
				id := i.create(s.signIn(t, "ada", nil))
				pass(lifetime)
				i.line.before = func(context.Context, string) error { burst(); return nil }
				err := i.refused(id)
				if strings.Contains(err.Error(), "goroutine ") {
					t.Errorf("the text has the stack: %v", err)
				}
				i.line.before = nil
				pass(time.Second) // MinBackoff
				i.tokens(id)
				i.idle()
			})
		})
	}
	t.Run("in the store", func(t *testing.T) {
		bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
			i := newInstance(t, s, shared)
			id := i.create(s.signIn(t, "ada", nil))
			want := i.tokens(id)
			i.store.get = func(context.Context, string) (store.Record, error) { panic("trouble in the store") }
			if got := i.tokens(id); got.AccessToken.Reveal() != want.AccessToken.Reveal() {
				t.Error("other tokens")
			}
			var panicked *flow.PanicError
			if told := i.told(); len(told) != 1 || !errors.As(told[0], &panicked) {
				t.Errorf("OnError was told %v", told)
			}
			i.store.get = nil
			pass(lifetime)
			puts := 0
			i.store.put = func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
				if puts++; puts == 2 { // the new tokens
					panic("trouble in the store")
				}
				return shared.Put(ctx, name, data, version, expires)
			}
			i.tokens(id)
			i.idle()
			newInstance(t, s, shared).tokens(id)
			s.wantRefreshes(t, "ada", 1)
		})
	})
}

// New tokens are not lost if code of the program panics after the reply.
func TestPanicsAfterTheReply(t *testing.T) {
	for name, burst := range map[string]func(){
		"panic":  func() { panic("trouble in the program") },
		"Goexit": runtime.Goexit,
	} {
		t.Run(name+" in an Observer", func(t *testing.T) {
			bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
				i := newInstance(t, s, shared, func(o *websession.Options) {
					o.RefreshOptions = append(o.RefreshOptions, func(o *flow.Options) {
						o.Observe = flow.OnEnd(func(context.Context, flow.Operation, flow.Outcome) { burst() })
					})
				})
				id := i.create(s.signIn(t, "ada", nil))
				pass(lifetime)
				i.tokens(id)
				i.idle()
				if told := i.told(); len(told) == 0 {
					t.Error("OnError was told nothing")
				}
				newInstance(t, s, shared).tokens(id)
				s.wantRefreshes(t, "ada", 1)
			})
		})
	}
	t.Run("Goexit in OnError", func(t *testing.T) {
		bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
			i := newInstance(t, s, shared, func(o *websession.Options) { o.OnError = func(error) { runtime.Goexit() } })
			id := i.create(s.signIn(t, "ada", nil))
			pass(lifetime)
			loseWrites(i.store, 1, 1, false, errDown) // OnError gets the error
			i.tokens(id)
			i.idle()
			newInstance(t, s, shared).tokens(id)
			s.wantRefreshes(t, "ada", 1)
		})
	})
}

// lengthen makes a token in the responses to refreshes longer, in front: it is not read.
func lengthen(member string, by int) func(string, []byte) []byte {
	return func(operation string, body []byte) []byte {
		if operation != refresh {
			return body
		}
		return bytes.Replace(body, []byte(`"`+member+`":"`), []byte(`"`+member+`":"`+strings.Repeat("A", by)), 1)
	}
}

// A refresh brings tokens that do not fit into a record. The former ones stay in use, the
// refresh token is not lost, and no job goes on for ever.
func TestTokensGrow(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		pass(dueAfter)
		i.line.edit, other.line.edit = lengthen("IdToken", store.MaxData), lengthen("IdToken", store.MaxData)
		present := i.tokens(id).AccessToken.Reveal()
		i.idle()
		if told := i.told(); len(told) != 1 || !strings.Contains(told[0].Error(), "bytes") {
			t.Errorf("OnError was told %v, want the size", told)
		}
		for _, i := range []*instance{i, other} {
			if got := i.tokens(id); got.AccessToken.Reveal() != present {
				t.Error("the former tokens are not in use any more")
			}
			i.idle()
		}
		pass(lifetime)
		for _, i := range []*instance{i, other} {
			i.refused(id, flow.Other)
			i.idle()
		}
		i.line.edit, other.line.edit = nil, nil
		pass(2 * time.Minute) // MaxBackoff
		other.tokens(id)
		if refused := s.refusals(); len(refused) > 0 {
			t.Errorf("the service has refused %v", refused)
		}
	})
	t.Run("a refresh token", func(t *testing.T) {
		bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
			i := newInstance(t, s, shared)
			id := i.create(s.signIn(t, "ada", nil))
			pass(lifetime)
			i.line.edit = lengthen("RefreshToken", store.MaxData)
			i.refused(id)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if err := i.Wait(ctx); err != nil {
				t.Error(err)
			}
		})
	})
}

// The largest tokens that Create takes leave room for a lease and for a failure with any
// text.
func TestLargestTokens(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		tokens, size := *s.signIn(t, "ada", nil), store.MaxData
		create := func() (websession.ID, error) {
			tokens.IDToken = secret.New(strings.Repeat("a", size))
			return i.Create(t.Context(), &tokens)
		}
		id, err := create()
		for ; err != nil; id, err = create() {
			size--
		}
		pass(lifetime)
		i.line.before = func(context.Context, string) error { panic(strings.Repeat("<é", 10_000)) }
		i.refused(id, flow.Other)
		other.refused(id, flow.Other) // at once: the failure is in the record
		s.wantRefreshes(t, "ada", 0)
		pass(time.Second)
		other.tokens(id)
	})
}

// New tokens that have expired already are a failure, and are not refreshed again at once.
func TestExpiredOnArrival(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		ahead := func(o *websession.Options) {
			o.Now = func() time.Time { return time.Now().Add(time.Hour) }
		}
		i, other := newInstance(t, s, shared, ahead), newInstance(t, s, shared, ahead)
		id := i.create(s.signIn(t, "ada", nil))
		for range 3 {
			i.refused(id, flow.Other)
			other.refused(id, flow.Other)
		}
		s.wantRefreshes(t, "ada", 1)
		if told := i.told(); len(told) != 1 {
			t.Errorf("OnError was told %v", told)
		}
		newInstance(t, s, shared).tokens(id) // by a clock that is right, the new tokens are good
		s.wantRefreshes(t, "ada", 1)
	})
}

// A slow OnError does not delay callers or the end of a lease.
func TestSlowOnError(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		slow := func(o *websession.Options) { o.OnError = func(error) { time.Sleep(time.Hour) } }
		other := newInstance(t, s, shared)
		for name, trouble := range map[string]func(*instance){
			"of the store":   func(i *instance) { loseWrites(i.store, 1, 1, false, errDown) },
			"of the lease":   func(i *instance) { loseWrites(i.store, 0, 1, false, errDown) },
			"of the service": func(i *instance) { i.line.before = func(context.Context, string) error { return errDown } },
		} {
			i := newInstance(t, s, shared, slow)
			id := i.create(s.signIn(t, "ada", nil))
			pass(lifetime)
			trouble(i)
			started := time.Now()
			_, _ = i.Tokens(t.Context(), id)
			if took := time.Since(started); took > 0 {
				t.Errorf("trouble %s: the caller waited %v", name, took)
			}
			if name == "of the service" {
				other.refused(id, flow.Other) // at once: the lease has been given back
			}
			i.idle()
			pass(time.Minute)
		}
	})
}

// The sealer uses the service's clock, and the clocks of all machines are weeks behind it.
func TestClockOfTheSealer(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		with := func() *instance {
			sealer, err := seal.New(app, [][]byte{key}, func(o *seal.Options) {
				o.Now = func() time.Time { return time.Now().Add(60 * 24 * time.Hour) }
			})
			if err != nil {
				t.Fatal(err)
			}
			i := &instance{t: t, line: &line{service: s}, store: &failing{next: shared}}
			i.Manager = i.manager(app, sealer)
			return i
		}
		id := with().create(s.signIn(t, "ada", nil))
		with().tokens(id)
	})
}

// The end of a request during a read of the store is not a failure of the store.
func TestRequestEndsInTheStore(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		i.store.get = func(ctx context.Context, _ string) (store.Record, error) {
			<-ctx.Done()
			return store.Record{}, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := i.Tokens(ctx, id); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, websession.ErrStore) {
			t.Errorf("got %v", err)
		}
		if told := i.told(); len(told) > 0 {
			t.Errorf("OnError was told %v", told)
		}
		synctest.Wait()
	})
}

// The store accepts no writes. When the new tokens have expired too, requests wait until their
// contexts end.
func TestStoreTakesNoWrites(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		const writes = 30 // for some 20 minutes
		loseWrites(i.store, 1, writes, false, errDown)
		i.tokens(id)
		pass(lifetime)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := i.Tokens(ctx, id); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		i.tokens(id) // in the end the store takes one
		s.wantRefreshes(t, "ada", 2)
	})
}

// A failure counts for all instances. Callers that wait for the lease of the failed
// instance do not cause another request to the service.
func TestFailureIsShared(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		s.delay = func() { time.Sleep(300 * time.Millisecond) }
		id := newInstance(t, s, shared).create(s.signIn(t, "ada", nil))
		pass(lifetime)
		s.pool.Fail(cognitotest.Fault{Operation: refresh, Times: 5, Error: "InternalErrorException"})
		errs := make(chan error)
		for range 5 {
			i := newInstance(t, s, shared)
			go func() {
				_, err := i.Tokens(t.Context(), id)
				errs <- err
			}()
		}
		for range 5 {
			if err := <-errs; !errors.Is(err, flow.ServiceFault) {
				t.Errorf("got %v", err)
			}
		}
		s.wantRefreshes(t, "ada", 1)
	})
}

// An instance with a clock far ahead does not stop refreshes of other instances.
func TestFailureOfAWrongClock(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i, ahead := newInstance(t, s, shared), newInstance(t, s, shared, func(o *websession.Options) {
			o.Now = func() time.Time { return time.Now().Add(time.Hour) }
		})
		id := i.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		s.pool.Fail(cognitotest.Fault{Operation: refresh, Error: "InternalErrorException"})
		ahead.refused(id, flow.ServiceFault)
		i.tokens(id)
	})
}

// While the service is down for longer than Idle, requests prolong a web session.
func TestLongFaultOfTheService(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared, func(o *websession.Options) { o.Idle = 10 * time.Minute })
		id := i.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		i.line.before = func(context.Context, string) error { return errDown }
		for range 30 {
			i.refused(id)
			pass(time.Minute)
		}
		i.line.before = nil
		i.tokens(id)
	})
}

// A web session that a process has seen end does not come back when the store fails.
func TestMemoryForgetsWhatHasEnded(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared, func(o *websession.Options) { o.Idle = time.Minute }), newInstance(t, s, shared)
		ids := []websession.ID{i.create(s.signIn(t, "ada", nil)), i.create(s.signIn(t, "bob", nil))}
		if err := other.SignOut(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
		i.refused(ids[0], websession.ErrNoSession)
		i.store.fail()
		i.refused(ids[0], websession.ErrStore)
		i.tokens(ids[1])
		pass(time.Minute) // of idle time, as far as this process knows
		i.refused(ids[1], websession.ErrStore)
	})
}
