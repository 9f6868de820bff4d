package websession_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// isRevoked asks the service.
func (s *service) isRevoked(t *testing.T, tokens *flow.Tokens) bool {
	t.Helper()
	_, err := (&line{service: s}).driver(t, app, nil).Refresh(t.Context(), tokens)
	if err != nil && !errors.Is(err, flow.TokenRefused) {
		t.Fatal(err)
	}
	return err != nil
}

func TestSignOut(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id, stays := i.create(s.signIn(t, "ada", nil)), i.create(s.signIn(t, "ada", nil))
		tokens := other.tokens(id)
		for range 2 { // the second time there is nothing left
			if err := i.SignOut(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		for _, i := range []*instance{i, other} {
			i.refused(id, websession.ErrNoSession)
			i.tokens(stays)
		}
		if !s.isRevoked(t, tokens) {
			t.Error("the tokens still work")
		}
		if err := i.SignOut(t.Context(), websession.ID{}); err != nil {
			t.Error(err)
		}
		if told := append(i.told(), other.told()...); len(told) > 0 {
			t.Errorf("OnError was told %v", told)
		}
	})
}

// The tokens of a refresh under way are revoked after a sign-out, on the same instance and
// on another one.
func TestSignOutDuringRefresh(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		pass(lifetime)
		answer := make(chan struct{})
		i.line.after = func(context.Context, string) error { <-answer; return nil }
		waiting := make(chan error)
		go func() {
			_, err := i.Tokens(t.Context(), id)
			waiting <- err
		}()
		synctest.Wait() // the service has replied, and the instance has not heard
		other.line.before = func(context.Context, string) error { return errDown }
		if err := other.SignOut(t.Context(), id); err == nil {
			t.Error("a revocation that failed is not told")
		}
		i.line.after = nil
		close(answer)
		if err := <-waiting; !errors.Is(err, websession.ErrNoSession) {
			t.Errorf("got %v", err)
		}
		i.idle()
		if s.revocations() != 1 {
			t.Errorf("%d revocations, want that of the new tokens", s.revocations())
		}
		i.refused(id, websession.ErrNoSession)
	})
}

// SignOut and SignOutUser end web sessions although the context of the request has ended,
// also on an instance that has not read the record.
func TestSignOutOfARequestThatHasEnded(t *testing.T) {
	for name, signOut := range map[string]func(context.Context, *instance, websession.ID, string) error{
		"SignOut": func(ctx context.Context, i *instance, id websession.ID, _ string) error { return i.SignOut(ctx, id) },
		"SignOutUser": func(ctx context.Context, i *instance, _ websession.ID, sub string) error {
			return i.SignOutUser(ctx, sub)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
				i, other := newInstance(t, s, shared), newInstance(t, s, shared)
				tokens := s.signIn(t, "ada", nil)
				id := i.create(tokens)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if err := signOut(ctx, other, id, tokens.Subject); err != nil {
					t.Error(err)
				}
				i.refused(id, websession.ErrNoSession)
				if !s.isRevoked(t, tokens) {
					t.Error("the tokens still work")
				}
			})
		})
	}
}

// While the store is down, the tokens are revoked all the same, and the error says that
// the record is left.
func TestSignOutWithoutAStore(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		tokens := i.tokens(id)
		i.store.fail()
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // the end of the request makes no difference
		if err := i.SignOut(ctx, id); !errors.Is(err, websession.ErrStore) {
			t.Errorf("got %v", err)
		}
		if !s.isRevoked(t, tokens) {
			t.Error("the tokens still work")
		}
		i.refused(id, websession.ErrStore) // rather than the tokens in memory
		i.store.work()
		if err := i.SignOut(t.Context(), id); err != nil {
			t.Error(err)
		}
		i.refused(id, websession.ErrNoSession)
	})
}

// SignOut revokes new tokens if a writer comes between its Get and its Delete. SignOut
// revokes also if the reply to the Delete is lost.
func TestSignOutMeetsAWriter(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		i.tokens(id)
		pass(lifetime)
		first := true
		i.store.delete = func(ctx context.Context, name, version string) error {
			if first {
				first = false
				other.tokens(id) // which refreshes
			}
			return shared.Delete(ctx, name, version)
		}
		if err := i.SignOut(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		other.refused(id, websession.ErrNoSession)
		if s.revocations() != 1 {
			t.Errorf("%d revocations", s.revocations())
		}

		id = other.create(s.signIn(t, "ada", nil)) // i does not have it in memory
		i.store.delete = func(ctx context.Context, name, version string) error {
			if err := shared.Delete(ctx, name, version); err != nil {
				return err
			}
			i.store.delete = nil
			return store.ErrConflict // the client has repeated it
		}
		if err := i.SignOut(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if s.revocations() != 2 {
			t.Errorf("%d revocations, want one more", s.revocations())
		}
	})
}

func TestSignOutUser(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		otherApp := app
		otherApp.ClientID = "other"
		second := &instance{t: t, line: &line{service: s}, store: &failing{next: shared}}
		d := second.line.driver(t, otherApp, nil)
		var err error
		if second.Manager, err = websession.New(d, shared, newSealer(t, otherApp, key)); err != nil {
			t.Fatal(err)
		}
		var ids []websession.ID
		var tokens []*flow.Tokens
		for n := range 5 {
			tokens = append(tokens, s.signIn(t, "ada", nil))
			ids = append(ids, []*instance{i, other}[n%2].create(tokens[n]))
		}
		bobs, elsewhere := i.create(s.signIn(t, "bob", nil)), second.create(s.signInTo(t, otherApp, "ada", nil))
		if err := i.SignOutUser(t.Context(), s.pool.Sub("ada")); err != nil {
			t.Fatal(err)
		}
		for n, id := range ids {
			i.refused(id, websession.ErrNoSession)
			other.refused(id, websession.ErrNoSession)
			if !s.isRevoked(t, tokens[n]) {
				t.Errorf("the tokens of web session %d still work", n)
			}
		}
		i.tokens(bobs)
		second.tokens(elsewhere) // of another app client
		second.refused(bobs, websession.ErrNoSession)
		again := other.create(s.signIn(t, "ada", nil))
		other.tokens(again)
		if err := i.SignOutUser(t.Context(), "nobody"); err != nil {
			t.Error(err)
		}
	})
}

// A SignOutUser that fails half-way can be repeated, and leaves nothing behind.
func TestSignOutUserIsRepeated(t *testing.T) {
	const sessions = 3
	for failing := range 16 {
		t.Run(fmt.Sprint("operation ", failing, " fails"), func(t *testing.T) {
			bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
				i, other := newInstance(t, s, shared), newInstance(t, s, shared)
				var ids []websession.ID
				for range sessions {
					ids = append(ids, i.create(s.signIn(t, "ada", nil)))
				}
				failOnce(i.store, failing)
				err := i.SignOutUser(t.Context(), s.pool.Sub("ada"))
				if failed := i.store.put == nil; failed && !errors.Is(err, websession.ErrStore) {
					t.Errorf("got %v", err)
				}
				i.store.work()
				if err := i.SignOutUser(t.Context(), s.pool.Sub("ada")); err != nil {
					t.Error(err)
				}
				for _, id := range ids {
					other.refused(id, websession.ErrNoSession)
				}
				if s.revocations() < sessions {
					t.Errorf("%d revocations, want one for each of %d web sessions", s.revocations(), sessions)
				}
			})
		})
	}
}

// failOnce makes operation number n of a store fail before it acts. Afterwards the fields of f are
// nil.
func failOnce(f *failing, n int) {
	next := func() error {
		if n--; n >= 0 {
			return nil
		}
		f.work()
		return errDown
	}
	f.get = func(ctx context.Context, name string) (store.Record, error) {
		if err := next(); err != nil {
			return store.Record{}, err
		}
		return f.next.Get(ctx, name)
	}
	f.put = func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
		if err := next(); err != nil {
			return "", err
		}
		return f.next.Put(ctx, name, data, version, expires)
	}
	f.delete = func(ctx context.Context, name, version string) error {
		if err := next(); err != nil {
			return err
		}
		return f.next.Delete(ctx, name, version)
	}
}

// SignOutUser runs between any two steps of a Create. Either Create fails, or the next
// SignOutUser ends the web session.
func TestSignOutUserOvertakesCreate(t *testing.T) {
	const operations = 4 // of a Create
	overtaken := 0
	for step := range operations + 1 {
		bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
			i, other := newInstance(t, s, shared), newInstance(t, s, shared)
			i.create(s.signIn(t, "ada", nil)) // so that there is an index
			left := step
			before := func() {
				if left--; left == -1 {
					if err := other.SignOutUser(t.Context(), s.pool.Sub("ada")); err != nil {
						t.Fatal(err)
					}
				}
			}
			i.store.get = func(ctx context.Context, name string) (store.Record, error) {
				before()
				return shared.Get(ctx, name)
			}
			i.store.put = func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
				before()
				return shared.Put(ctx, name, data, version, expires)
			}
			id, err := i.Create(t.Context(), s.signIn(t, "ada", nil))
			i.store.work()
			switch {
			case errors.Is(err, websession.ErrNoSession):
				overtaken++
				return
			case err != nil:
				t.Fatal(err)
			}
			if err := other.SignOutUser(t.Context(), s.pool.Sub("ada")); err != nil {
				t.Fatal(err)
			}
			i.refused(id, websession.ErrNoSession)
		})
	}
	if overtaken == 0 || overtaken == operations+1 {
		t.Errorf("%d of %d were overtaken", overtaken, operations+1)
	}
}

// SignOutUser and Create run at once, with random pauses before each operation.
func TestSignOutUserBesideCreate(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i, other := newInstance(t, s, shared), newInstance(t, s, shared)
		for _, i := range []*instance{i, other} {
			i.store.next = &failing{
				get: func(ctx context.Context, name string) (store.Record, error) {
					time.Sleep(rand.N(10 * time.Millisecond))
					return shared.Get(ctx, name)
				},
				put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
					time.Sleep(rand.N(10 * time.Millisecond))
					return shared.Put(ctx, name, data, version, expires)
				},
				delete: func(ctx context.Context, name, version string) error {
					time.Sleep(rand.N(10 * time.Millisecond))
					return shared.Delete(ctx, name, version)
				},
			}
		}
		tokens, subject := s.signIn(t, "ada", nil), s.pool.Sub("ada")
		created := 0
		for range 500 {
			var both sync.WaitGroup
			var id websession.ID
			var err error
			both.Go(func() { id, err = i.Create(t.Context(), tokens) })
			both.Go(func() {
				time.Sleep(rand.N(20 * time.Millisecond))
				if err := other.SignOutUser(t.Context(), subject); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if errors.Is(err, websession.ErrNoSession) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			created++
			if err := other.SignOutUser(t.Context(), subject); err != nil {
				t.Fatal(err)
			}
			if _, err := i.Tokens(t.Context(), id); !errors.Is(err, websession.ErrNoSession) {
				t.Fatalf("a web session is left that no SignOutUser ends (%v)", err)
			}
		}
		if created == 0 || created == 500 {
			t.Errorf("%d of 500 were created", created)
		}
	})
}

func TestMaxPerUser(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared, func(o *websession.Options) { o.MaxPerUser = 3 })
		var ids []websession.ID
		first := s.signIn(t, "ada", nil)
		ids = append(ids, i.create(first))
		bobs := i.create(s.signIn(t, "bob", nil))
		for range 4 {
			ids = append(ids, i.create(s.signIn(t, "ada", nil)))
		}
		for n, id := range ids {
			if n < 2 {
				i.refused(id, websession.ErrNoSession)
			} else {
				i.tokens(id)
			}
		}
		if !s.isRevoked(t, first) {
			t.Error("the tokens of the oldest one still work")
		}
		i.tokens(bobs)
	})
}

// A new web session replaces one that has ended by idle time, and not one in use.
func TestMaxPerUserSparesWhatIsInUse(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared, func(o *websession.Options) { o.MaxPerUser, o.Idle = 3, time.Hour })
		inUse := []websession.ID{i.create(s.signIn(t, "ada", nil))}
		i.create(s.signIn(t, "ada", nil))
		inUse = append(inUse, i.create(s.signIn(t, "ada", nil)))
		for range 4 {
			pass(30 * time.Minute)
			for _, id := range inUse {
				i.tokens(id)
				i.idle()
			}
		}
		i.create(s.signIn(t, "ada", nil))
		for _, id := range inUse {
			i.tokens(id)
		}
		i.create(s.signIn(t, "ada", nil))
		i.refused(inUse[0], websession.ErrNoSession)
		i.tokens(inUse[1])
	})
}

// The store reports a conflict although the entry was written, and others change the index
// meanwhile. The entry is not made twice, and no other web session ends.
func TestEntryThatLooksLikeAConflict(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		three := func(o *websession.Options) { o.MaxPerUser = 3 }
		i, other := newInstance(t, s, shared, three), newInstance(t, s, shared, three)
		tokens := s.signIn(t, "ada", nil)
		ids := []websession.ID{i.create(tokens)}
		i.store.put = func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if _, err := shared.Put(ctx, name, data, version, expires); err != nil {
				return "", err
			}
			i.store.put = nil
			ids = append(ids, other.create(tokens))
			return "", store.ErrConflict
		}
		ids = append(ids, i.create(tokens))
		for _, id := range ids {
			i.tokens(id)
		}
		if n := i.Listed(t.Context(), tokens.Subject); n != 3 {
			t.Errorf("the index lists %d of 3", n)
		}
	})
}

// The index has room for the largest number of web sessions, and drops entries that have ended.
func TestIndexIsBounded(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		tokens := s.signIn(t, "ada", nil)
		var ids []websession.ID
		for range 101 {
			ids = append(ids, i.create(tokens))
		}
		i.refused(ids[0], websession.ErrNoSession)
		if err := i.SignOut(t.Context(), ids[1]); err != nil {
			t.Fatal(err)
		}
		if n := i.Listed(t.Context(), s.pool.Sub("ada")); n != 99 {
			t.Errorf("the index lists %d", n)
		}
		pass(20 * 24 * time.Hour)
		i.create(s.signIn(t, "ada", nil))
		pass(10 * 24 * time.Hour)
		i.create(s.signIn(t, "ada", nil))
		if n := i.Listed(t.Context(), s.pool.Sub("ada")); n != 2 {
			t.Errorf("the index lists %d, want 2: the others have ended", n)
		}
	})
}

// Many sign-ins of one user at once are all listed.
func TestCreateAtOnce(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		const count = 20
		ids := make(chan websession.ID, count)
		tokens := s.signIn(t, "ada", nil)
		for range count {
			i := newInstance(t, s, shared)
			go func() {
				id, err := i.Create(t.Context(), tokens)
				if err != nil {
					t.Error(err)
				}
				ids <- id
			}()
		}
		i := newInstance(t, s, shared)
		var all []websession.ID
		for range count {
			all = append(all, <-ids)
		}
		if err := i.SignOutUser(t.Context(), s.pool.Sub("ada")); err != nil {
			t.Fatal(err)
		}
		for _, id := range all {
			i.refused(id, websession.ErrNoSession)
		}
	})
}

// A revocation that hangs is cut off.
func TestRevocationHangs(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		i.line.before = func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() }
		started := time.Now()
		if err := i.SignOut(t.Context(), id); err == nil || time.Since(started) != 10*time.Second {
			t.Errorf("got %v after %v", err, time.Since(started))
		}
		i.refused(id, websession.ErrNoSession)
	})
}

// The revocations of a user with many web sessions take 30 seconds at most.
func TestRevocationsHang(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		var ids []websession.ID
		tokens := s.signIn(t, "ada", nil)
		for range 100 {
			ids = append(ids, i.create(tokens))
		}
		i.line.before = func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() }
		started := time.Now()
		err := i.SignOutUser(t.Context(), tokens.Subject)
		if took := time.Since(started); err == nil || errors.Is(err, websession.ErrStore) || took > 30*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
		for _, id := range ids {
			i.refused(id, websession.ErrNoSession)
		}
	})
}

// SignOutUser takes a minute at most if the store hangs.
func TestSignOutUserOfAStoreThatHangs(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		tokens := s.signIn(t, "ada", nil)
		for range 100 {
			i.create(tokens)
		}
		i.store.delete = func(ctx context.Context, _, _ string) error { <-ctx.Done(); return ctx.Err() }
		started := time.Now()
		err := i.SignOutUser(t.Context(), tokens.Subject)
		if took := time.Since(started); !errors.Is(err, websession.ErrStore) || took > time.Minute {
			t.Errorf("got %v after %v", err, took)
		}
		if !s.isRevoked(t, tokens) {
			t.Error("the tokens still work")
		}
	})
}

// Create refuses tokens without a user: all such tokens would be in one index.
func TestNobody(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		tokens := *s.signIn(t, "ada", nil)
		tokens.Subject, tokens.Username = "", ""
		if _, err := i.Create(t.Context(), &tokens); err == nil || !strings.Contains(err.Error(), "Subject") {
			t.Errorf("Create: got %v", err)
		}
		if err := i.SignOutUser(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "subject") {
			t.Errorf("SignOutUser: got %v", err)
		}
	})
}

// Tokens without a subject are listed by the user name.
func TestUserWithoutSubject(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		tokens := *s.signIn(t, "ada", nil)
		tokens.Subject = ""
		id := i.create(&tokens)
		if err := i.SignOutUser(t.Context(), "ada"); err != nil {
			t.Fatal(err)
		}
		i.refused(id, websession.ErrNoSession)
	})
}
