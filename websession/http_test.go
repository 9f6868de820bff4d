package websession_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

const cookieName = "__Host-web-session"

// request returns a request of a browser that has this identifier, as a handler behind
// Manager.Handler sees it.
func (i *instance) request(id websession.ID) *http.Request {
	i.t.Helper()
	r := httptest.NewRequestWithContext(i.t.Context(), "GET", "/", nil)
	if !id.IsZero() {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: id.Reveal()})
	}
	return i.handled(r)
}

func (i *instance) handled(r *http.Request) *http.Request {
	var seen *http.Request
	i.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r })).ServeHTTP(httptest.NewRecorder(), r)
	return seen
}

// set returns the one cookie that a response sets.
func set(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("the response sets %d cookies: %v", len(cookies), w.Header()["Set-Cookie"])
	}
	return cookies[0]
}

func parse(t *testing.T, c *http.Cookie) websession.ID {
	t.Helper()
	id, err := websession.ParseID(c.Value)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestBrowser(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)

		// Not signed in.
		r, w := i.request(websession.ID{}), httptest.NewRecorder()
		session := websession.FromContext(r.Context())
		if _, err := session.Tokens(t.Context()); !errors.Is(err, websession.ErrNoSession) || !session.ID().IsZero() {
			t.Errorf("got %v", err)
		}
		first := s.signIn(t, "ada", nil)
		if err := i.Begin(w, r, first); err != nil {
			t.Fatal(err)
		}
		cookie := set(t, w)
		if cookie.Name != cookieName || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode ||
			cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 0 || !cookie.Expires.IsZero() {
			t.Errorf("got %v", cookie)
		}
		if tokens, err := session.Tokens(t.Context()); err != nil || tokens.AccessToken.Reveal() != first.AccessToken.Reveal() {
			t.Errorf("later in the same request: %v", err)
		}

		// The next request, and another sign-in.
		r, w = i.request(parse(t, cookie)), httptest.NewRecorder()
		if tokens, err := websession.FromContext(r.Context()).Tokens(t.Context()); err != nil || tokens.Username != "ada" {
			t.Errorf("got %v", err)
		}
		if err := i.Begin(w, r, s.signIn(t, "ada", nil)); err != nil {
			t.Fatal(err)
		}
		second := set(t, w)
		if second.Value == cookie.Value {
			t.Error("the identifier is the same after a sign-in")
		}
		i.refused(parse(t, cookie), websession.ErrNoSession)
		if !s.isRevoked(t, first) {
			t.Error("the tokens from before the sign-in still work")
		}
		i.tokens(parse(t, second))

		// The end.
		r, w = i.request(parse(t, second)), httptest.NewRecorder()
		if _, err := websession.FromContext(r.Context()).Tokens(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := i.End(w, r); err != nil {
			t.Fatal(err)
		}
		if gone := set(t, w); gone.Name != cookieName || gone.MaxAge >= 0 || gone.Value != "" || !gone.Secure {
			t.Errorf("got %v", gone)
		}
		i.refused(parse(t, second), websession.ErrNoSession)
		if _, err := websession.FromContext(r.Context()).Tokens(t.Context()); !errors.Is(err, websession.ErrNoSession) {
			t.Errorf("later in the same request: %v", err)
		}
	})
}

// Begin after End in one request leaves one cookie, and other cookies alone.
func TestOneCookie(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		r, w := i.request(i.create(s.signIn(t, "ada", nil))), httptest.NewRecorder()
		http.SetCookie(w, &http.Cookie{Name: cookieName + "-2", Value: "other"})
		if err := errors.Join(i.End(w, r), i.Begin(w, r, s.signIn(t, "ada", nil))); err != nil {
			t.Fatal(err)
		}
		cookies := w.Result().Cookies()
		if len(cookies) != 2 || cookies[0].Value != "other" {
			t.Fatalf("the response sets %v", w.Header()["Set-Cookie"])
		}
		i.tokens(parse(t, cookies[1]))
	})
}

// If the store is down, End deletes the cookie.
func TestEndWithoutAStore(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		r, w := i.request(i.create(s.signIn(t, "ada", nil))), httptest.NewRecorder()
		i.store.fail()
		if err := i.End(w, r); !errors.Is(err, websession.ErrStore) {
			t.Errorf("got %v", err)
		}
		if set(t, w).MaxAge >= 0 {
			t.Error("the cookie stays")
		}
		// A sign-in fails, and the cookie stays.
		w = httptest.NewRecorder()
		if err := i.Begin(w, i.request(websession.ID{}), s.signIn(t, "ada", nil)); !errors.Is(err, websession.ErrStore) || len(w.Header()) > 0 {
			t.Errorf("got %v, %v", err, w.Header())
		}
	})
}

func TestCookieOptions(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared, func(o *websession.Options) {
			o.Insecure, o.Persistent, o.CookieName, o.Lifetime = true, true, "signed-in", 48*time.Hour
		})
		w := httptest.NewRecorder()
		if err := i.Begin(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil), s.signIn(t, "ada", nil)); err != nil {
			t.Fatal(err)
		}
		cookie := set(t, w)
		if cookie.Name != "signed-in" || cookie.Secure || !cookie.HttpOnly || cookie.MaxAge != 48*3600 {
			t.Errorf("got %v", cookie)
		}
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.AddCookie(cookie)
		if i.FromRequest(r).Reveal() != cookie.Value {
			t.Error("the cookie is not found")
		}
	})
}

func TestIdentifierOfARequest(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		a, b := i.create(s.signIn(t, "ada", nil)), i.create(s.signIn(t, "bob", nil))
		for name, test := range map[string]struct {
			authorization, cookie string
			want                  websession.ID
		}{
			"nothing":                    {"", "", websession.ID{}},
			"a header":                   {"Bearer " + a.Reveal(), "", a},
			"its scheme in lower case":   {"bearer " + a.Reveal(), "", a},
			"a header before a cookie":   {"Bearer " + a.Reveal(), b.Reveal(), a},
			"a token of somebody else's": {"Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln", b.Reveal(), b},
			"another scheme":             {"Basic " + a.Reveal(), b.Reveal(), b},
			"a scheme alone":             {"Bearer", "", websession.ID{}},
			"a cookie":                   {"", b.Reveal(), b},
			"a cookie of another form":   {"", "x", websession.ID{}},
			"a longer cookie":            {"", b.Reveal() + "A", websession.ID{}},
		} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			if test.cookie != "" {
				r.AddCookie(&http.Cookie{Name: cookieName, Value: test.cookie})
			}
			got := websession.FromContext(i.handled(r).Context()).ID()
			if got.Reveal() != test.want.Reveal() {
				t.Errorf("%s: another identifier", name)
			}
		}
	})
}

// The store is read when a handler calls Tokens, once in a request.
func TestSessionIsLazy(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		id := i.create(s.signIn(t, "ada", nil))
		reads := i.store.counted(&i.store.gets)
		r := i.request(id)
		want := func(n int) {
			t.Helper()
			if got := i.store.counted(&i.store.gets) - reads; got != n {
				t.Fatalf("the store was read %d times, want %d", got, n)
			}
		}
		want(0)
		session := websession.FromContext(r.Context())
		for range 3 {
			tokens, err := session.Tokens(r.Context())
			if err != nil {
				t.Fatal(err)
			}
			tokens.Username = "changed"
		}
		want(1)
		if tokens, err := session.Tokens(r.Context()); err != nil || tokens.Username != "ada" {
			t.Errorf("got %v", err)
		}
		pass(lifetime) // a request that lasts
		if tokens, err := session.Tokens(r.Context()); err != nil || !time.Now().Before(tokens.Expiry) {
			t.Errorf("got %v", err)
		}
		s.wantRefreshes(t, "ada", 1)
	})
}

// A handler outside of Manager.Handler, and one of another manager.
func TestWithoutHandler(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		session := websession.FromContext(context.Background())
		if _, err := session.Tokens(t.Context()); session != nil || !errors.Is(err, websession.ErrNoSession) || !session.ID().IsZero() {
			t.Errorf("got %v", err)
		}
		i := newInstance(t, s, shared)
		other := newInstance(t, s, shared, func(o *websession.Options) { o.CookieName = "other" })
		id := i.create(s.signIn(t, "ada", nil))
		w := httptest.NewRecorder()
		if err := other.End(w, i.request(id)); err != nil {
			t.Fatal(err)
		}
		if gone := set(t, w); !strings.HasSuffix(gone.Name, "other") {
			t.Errorf("got %v", gone)
		}
		i.tokens(id)
	})
}

// A failure to end the former web session does not fail a sign-in.
func TestBeginReportsTheFormer(t *testing.T) {
	bubble(t, 60, func(t *testing.T, s *service, shared *store.Memory) {
		i := newInstance(t, s, shared)
		r := i.request(i.create(s.signIn(t, "ada", nil)))
		i.line.before = func(context.Context, string) error { return errDown }
		if err := i.Begin(httptest.NewRecorder(), r, s.signIn(t, "ada", nil)); err != nil {
			t.Fatal(err)
		}
		if told := i.told(); len(told) != 1 || !errors.Is(told[0], errDown) {
			t.Errorf("OnError was told %v", told)
		}
	})
}
