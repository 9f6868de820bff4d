package websession_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

func TestNewRefuses(t *testing.T) {
	s := newService(t, 0, nil, "ada")
	d, sealer, m := (&line{service: s}).driver(t, app, nil), newSealer(t, app, key), new(store.Memory)
	for name, make := range map[string]func() (*websession.Manager, error){
		"no driver": func() (*websession.Manager, error) { return websession.New(nil, m, sealer) },
		"no store":  func() (*websession.Manager, error) { return websession.New(d, nil, sealer) },
		"a store whose creation failed": func() (*websession.Manager, error) {
			return websession.New(d, (*store.Memory)(nil), sealer)
		},
		"no sealer": func() (*websession.Manager, error) { return websession.New(d, m, nil) },
		"a sealer for another pool": func() (*websession.Manager, error) {
			other := app
			other.UserPoolID = "eu-west-1_Other1234"
			return websession.New(d, m, newSealer(t, other, key))
		},
		"a sealer for another app client": func() (*websession.Manager, error) {
			other := app
			other.ClientID = "2example"
			return websession.New(d, m, newSealer(t, other, key))
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, set := range map[string]func(*websession.Options){
		"lifetime":      func(o *websession.Options) { o.Lifetime = -1 },
		"idle":          func(o *websession.Options) { o.Idle = -1 },
		"margin":        func(o *websession.Options) { o.Margin = -1 },
		"backoff":       func(o *websession.Options) { o.MinBackoff = -1 },
		"long backoff":  func(o *websession.Options) { o.MinBackoff = time.Hour },
		"lease":         func(o *websession.Options) { o.Lease = time.Millisecond },
		"store timeout": func(o *websession.Options) { o.StoreTimeout = 4 * time.Second },
		"no timeout":    func(o *websession.Options) { o.StoreTimeout = -1 },
		"cache":         func(o *websession.Options) { o.CacheSize = -1 },
		"per user":      func(o *websession.Options) { o.MaxPerUser = 101 },
		"none per user": func(o *websession.Options) { o.MaxPerUser = -1 },
		"cookie":        func(o *websession.Options) { o.CookieName = "a b" },
	} {
		if _, err := websession.New(d, m, sealer, set); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := websession.New(d, m, sealer); err != nil {
		t.Error(err)
	}
}

// Without Options.Now the clock is that of the driver, so that expired tokens are refreshed.
func TestClockOfTheDriver(t *testing.T) {
	clock := cognitotest.NewClock(time.Now())
	s := newService(t, 0, clock.Now, "ada")
	d := (&line{service: s}).driver(t, app, clock.Now)
	m, err := websession.New(d, &store.Memory{Now: clock.Now}, newSealer(t, app, key))
	if err != nil {
		t.Fatal(err)
	}
	tokens := s.signIn(t, "ada", clock.Now)
	id, err := m.Create(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(2 * time.Hour)
	fresh, err := m.Tokens(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !fresh.Expiry.After(clock.Now()) {
		t.Errorf("the tokens have expired %v ago", clock.Now().Sub(fresh.Expiry))
	}
}

func TestCreateRefuses(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		large := s.signIn(t, "ada", nil)
		large.AccessToken = secret.New(strings.Repeat("a", store.MaxData))
		for name, tokens := range map[string]*flow.Tokens{"nil": nil, "empty": {}, "too large": large} {
			if _, err := i.Create(t.Context(), tokens); err == nil || errors.Is(err, websession.ErrStore) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// A caller may change the tokens that Tokens returns.
func TestTokensAreCopies(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		signedIn := s.signIn(t, "ada", nil)
		signedIn.AMR = []string{"pwd"}
		id := i.create(signedIn)
		signedIn.AMR[0] = "changed"
		first := i.tokens(id)
		first.AMR[0], first.Username = "changed", "changed"
		if again := i.tokens(id); again.AMR[0] != "pwd" || again.Username != "ada" {
			t.Errorf("got %v of %s", again.AMR, again.Username)
		}
		if there := newInstance(t, s, shared).tokens(id); there.AccessToken.Reveal() != signedIn.AccessToken.Reveal() ||
			there.IDToken.Reveal() != signedIn.IDToken.Reveal() || !there.Expiry.Equal(signedIn.Expiry) {
			t.Error("the other instance has other tokens")
		}
	})
}

func TestUnknownIdentifiers(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		text := id.Reveal()
		for _, bad := range []string{"", text[1:], text + "A", strings.ToLower(text), strings.Repeat("1", len(text)), text[:len(text)-1] + "\n"} {
			if got, err := websession.ParseID(bad); err == nil || !got.IsZero() || bad != "" && strings.Contains(err.Error(), bad) {
				t.Errorf("ParseID(%q) returned %v, %v", bad, got, err)
			}
		}
		same, err := websession.ParseID(text)
		if err != nil || same.Reveal() != text {
			t.Fatalf("got %v", err)
		}
		i.tokens(same)
		unknown, err := websession.ParseID(strings.Repeat("A", len(text)))
		if err != nil {
			t.Fatal(err)
		}
		i.refused(unknown, websession.ErrNoSession)
		i.refused(websession.ID{}, websession.ErrNoSession)
	})
}

// Each identifier is another one, of 26 characters with 5 bits.
func TestIdentifiersAreRandom(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		tokens := s.signIn(t, "ada", nil)
		seen, first := make(map[string]bool), make(map[byte]bool)
		for range 100 {
			text := i.create(tokens).Reveal()
			if seen[text] || len(text) != 26 {
				t.Fatalf("got an identifier of %d characters, or one twice", len(text))
			}
			seen[text], first[text[0]] = true, true
		}
		if len(first) < 16 { // of 32: the odds against it are astronomical
			t.Errorf("100 identifiers begin with %d characters", len(first))
		}
	})
}

func TestIdleTimeAndLifetime(t *testing.T) {
	options := func(o *websession.Options) { o.Idle, o.Lifetime = time.Hour, 5*time.Hour }
	t.Run("idle", func(t *testing.T) {
		bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
			i, other := newInstance(t, s, shared, options), newInstance(t, s, shared, options)
			id := i.create(s.signIn(t, "ada", nil))
			for n := range 4 { // longer than Idle, and never away for so long
				pass(50 * time.Minute)
				[]*instance{i, other}[n%2].tokens(id)
				i.idle()
				other.idle()
			}
			pass(time.Hour)
			i.refused(id, websession.ErrNoSession)
			other.refused(id, websession.ErrNoSession)
		})
	})
	t.Run("lifetime", func(t *testing.T) {
		bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
			i := newInstance(t, s, shared, options)
			id := i.create(s.signIn(t, "ada", nil))
			for range 29 {
				pass(10 * time.Minute)
				i.tokens(id)
			}
			pass(10 * time.Minute)
			i.refused(id, websession.ErrNoSession)
		})
	})
	// The store keeps nothing for ever, also if it does not know of time itself.
	t.Run("not by the store", func(t *testing.T) {
		bubble(t, 60, func(t *testing.T, s *service, _ *store.Memory) {
			still := &store.Memory{Now: func() time.Time { return time.Unix(0, 0) }}
			i := newInstance(t, s, still, options)
			id := i.create(s.signIn(t, "ada", nil))
			pass(time.Hour)
			i.refused(id, websession.ErrNoSession)
			s.wantRefreshes(t, "ada", 0)
		})
	})
	// The options of today count.
	t.Run("shortened", func(t *testing.T) {
		bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
			id := newInstance(t, s, shared).create(s.signIn(t, "ada", nil))
			pass(time.Hour)
			newInstance(t, s, shared, options).refused(id, websession.ErrNoSession)
		})
	})
}

// A request costs one read. The time of the last one is written every tenth of Idle.
func TestCostInOperations(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		long := s.signIn(t, "ada", nil)
		long.Expiry = long.Expiry.Add(100 * time.Hour) // no refresh comes in between
		i := newInstance(t, s, shared, func(o *websession.Options) { o.Idle = time.Hour })
		id := i.create(long)
		gets, puts := i.store.counted(&i.store.gets), i.store.counted(&i.store.puts)
		const requests = 600
		for range requests {
			pass(time.Minute)
			i.tokens(id)
			i.idle()
		}
		if got := i.store.counted(&i.store.gets) - gets; got != requests {
			t.Errorf("%d requests read the store %d times", requests, got)
		}
		if got, want := i.store.counted(&i.store.puts)-puts, requests/6; got != want {
			t.Errorf("%d requests wrote %d times, want %d", requests, got, want)
		}
		if s.refreshes("ada") != 0 {
			t.Error("there was a refresh")
		}
	})
}

// Data are decrypted if their version is another one than that in memory.
func TestMemoryGoesByTheVersion(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared, func(o *websession.Options) { o.CacheSize = 2 })
		ids := []websession.ID{i.create(s.signIn(t, "ada", nil)), i.create(s.signIn(t, "bob", nil))}
		sound := func(ctx context.Context, name string) (store.Record, error) { return shared.Get(ctx, name) }
		garbled := func(ctx context.Context, name string) (store.Record, error) {
			r, err := shared.Get(ctx, name)
			r.Data = []byte("garbled")
			return r, err
		}
		i.store.get = garbled
		for n, id := range ids {
			if got, want := i.tokens(id).Username, []string{"ada", "bob"}[n]; got != want {
				t.Errorf("got %s's tokens, want %s's", got, want)
			}
		}
		i.store.get = sound
		third := i.create(s.signIn(t, "ada", nil)) // and the first one is dropped
		i.store.get = garbled
		i.tokens(third)
		i.tokens(ids[1])
		i.refused(ids[0], websession.ErrStore)
	})
}

// The store sees no token, no identifier and no name.
func TestStoreSeesNoSecrets(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		var seen bytes.Buffer
		i.store.put = func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			seen.WriteString(name)
			seen.Write(data)
			return shared.Put(ctx, name, data, version, expires)
		}
		tokens := s.signIn(t, "ada", nil)
		id := i.create(tokens)
		pass(lifetime)
		next := i.tokens(id)
		i.idle()
		for _, hidden := range []string{
			id.Reveal(), tokens.RefreshToken.Reveal()[:20], tokens.AccessToken.Reveal()[:20], tokens.AccessToken.Reveal()[100:120],
			next.RefreshToken.Reveal()[:20], tokens.Subject, "username", `"form"`,
		} {
			if strings.Contains(seen.String(), hidden) {
				t.Errorf("the store has seen %q", hidden)
			}
		}
	})
}

// Managers, identifiers, web sessions and errors do not print secrets.
func TestSecretsDoNotPrint(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		tokens := s.signIn(t, "ada", nil)
		id := i.create(tokens)
		i.tokens(id)
		request := i.request(id)
		session := websession.FromContext(request.Context())
		if _, err := session.Tokens(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := i.line.driver(t, app, nil).SignOut(t.Context(), tokens); err != nil {
			t.Fatal(err)
		}
		pass(lifetime)
		refusal := i.refused(id, flow.TokenRefused)
		i.store.fail()
		down := i.refused(id, websession.ErrStore)
		hidden := []string{id.Reveal(), tokens.RefreshToken.Reveal(), tokens.AccessToken.Reveal(), clientSecret}
		var log bytes.Buffer
		for name, value := range map[string]any{
			"manager": i.Manager, "ID": id, "web session": session, "refusal": refusal, "outage": down,
			"told": i.told(), "record": websession.Loaded(i.Manager, id),
		} {
			nested := struct{ value, pointer any }{value, &value}
			for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d") {
				for _, v := range []any{value, nested} {
					text := fmt.Sprintf(verb, v)
					for _, h := range hidden {
						if strings.Contains(text, h) || strings.Contains(text, fmt.Sprintf("%x", h)) {
							t.Errorf("%s is printed by %s", name, verb)
						}
					}
				}
			}
			if name != "record" { // a program cannot reach a record, and its JSON has the tokens
				slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", value)
				slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", value)
			}
		}
		for _, h := range hidden {
			if strings.Contains(log.String(), h) {
				t.Error("a secret is logged")
			}
		}
		if text, err := json.Marshal(map[string]any{"id": id}); err != nil || strings.Contains(string(text), id.Reveal()) {
			t.Errorf("got %s, %v", text, err)
		}
	})
}

// One clock counts in the pool, the driver, the sealer, the store and the manager.
func TestClock(t *testing.T) {
	clock := cognitotest.NewClock(time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC))
	now := clock.Now
	s := newService(t, 0, now, "ada")
	l := &line{service: s}
	sealer, err := seal.New(app, [][]byte{key}, func(o *seal.Options) { o.Now = now })
	if err != nil {
		t.Fatal(err)
	}
	m, err := websession.New(l.driver(t, app, now), &store.Memory{Now: now}, sealer, func(o *websession.Options) {
		o.Now = now
		o.Idle = time.Hour
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := m.Create(t.Context(), s.signIn(t, "ada", now))
	if err != nil {
		t.Fatal(err)
	}
	for n, step := range []time.Duration{lifetime, lifetime, 50 * time.Minute} {
		clock.Advance(step)
		tokens, err := m.Tokens(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if !now().Before(tokens.Expiry) {
			t.Error("the tokens have expired")
		}
		s.wantRefreshes(t, "ada", n+1)
	}
	clock.Advance(time.Hour)
	if _, err := m.Tokens(t.Context(), id); !errors.Is(err, websession.ErrNoSession) {
		t.Errorf("got %v", err)
	}
}

// Tokens returns for odd tokens: without a lifetime, expired, without a refresh token, and
// of a device that is not confirmed.
func TestOddTokens(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		over := *s.signIn(t, "ada", nil)
		over.Expiry = time.Time{}
		i.tokens(i.create(&over))
		s.wantRefreshes(t, "ada", 1)

		without := *s.signIn(t, "bob", nil)
		without.RefreshToken = secret.String{}
		id := i.create(&without)
		i.tokens(id)
		pass(lifetime)
		i.refused(id, flow.TokenRefused)
		s.wantRefreshes(t, "bob", 0)

		unconfirmed := *s.signIn(t, "ada", nil)
		unconfirmed.Device = flow.DeviceOutcome{Key: "local-1_11111111-2222-3333-4444-555555555555", GroupKey: "g", State: flow.DeviceUnconfirmed}
		i.told()
		i.tokens(i.create(&unconfirmed))
		i.idle()
		s.wantRefreshes(t, "ada", 2)
		if told := i.told(); len(told) != 1 || !strings.Contains(told[0].Error(), "ConfirmDevice") {
			t.Errorf("OnError was told %v, want the fault of the device", told)
		}

		ever := *s.signIn(t, "ada", nil)
		ever.Expiry = time.Now().Add(290 * 365 * 24 * time.Hour)
		id = i.create(&ever)
		pass(23 * time.Hour)
		i.tokens(id)
		i.idle()
		s.wantRefreshes(t, "ada", 2)
	})
}

func TestOddMargins(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		long := newInstance(t, s, shared, func(o *websession.Options) { o.Margin = time.Hour })
		id := long.create(s.signIn(t, "ada", nil))
		pass(lifetime/3 - time.Second)
		long.tokens(id)
		long.idle()
		s.wantRefreshes(t, "ada", 0)
		// As good as none: the token is not used until its very end.
		short := newInstance(t, s, shared, func(o *websession.Options) { o.Margin = time.Nanosecond })
		id = short.create(s.signIn(t, "bob", nil))
		pass(lifetime - 6*time.Second)
		short.tokens(id)
		short.idle()
		s.wantRefreshes(t, "bob", 0)
		pass(2 * time.Second)
		short.tokens(id)
		s.wantRefreshes(t, "bob", 1)
	})
}

func TestMargin(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared, func(o *websession.Options) { o.Margin = 20 * time.Second })
		id := i.create(s.signIn(t, "ada", nil))
		pass(lifetime - 41*time.Second)
		i.tokens(id)
		i.idle()
		s.wantRefreshes(t, "ada", 0)
		pass(21 * time.Second)
		i.tokens(id)
		i.idle()
		s.wantRefreshes(t, "ada", 1)
	})
}

// A record that a later release has written is kept, and its JSON is not quoted.
func TestLaterForms(t *testing.T) {
	bubble(t, 0, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		for _, plain := range []string{`{"form":2}`, `{"form":"hush-7Fq"}`, `hush-7Fq`} {
			data := sealed(t, newSealer(t, app, key), i.Name(id), plain)
			got, err := shared.Get(t.Context(), i.Name(id))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := shared.Put(t.Context(), i.Name(id), data, got.Version, time.Time{}); err != nil {
				t.Fatal(err)
			}
			if err := newInstance(t, s, shared).refused(id, websession.ErrStore); strings.Contains(err.Error(), "hush") {
				t.Errorf("got %v", err)
			}
		}
	})
}

func sealed(t *testing.T, s *seal.Sealer, name, plain string) []byte {
	t.Helper()
	data, err := websession.SealRecord(s, name, json.RawMessage(plain))
	if err != nil {
		// Not JSON: sealed as it is.
		data, err = websession.SealText(s, name, plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}
