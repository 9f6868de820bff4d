package websession

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/cognitoflow/cognitoflow/flow"
)

// Session is the web session of one request. [Manager.Handler] puts it into the
// request's context, also for a request that has none. A Session is safe for concurrent
// use.
type Session struct {
	manager *Manager

	mu     sync.Mutex
	id     ID
	tokens *record // nil until Tokens is called
}

type contextKey struct{}

// Handler returns a handler that puts a [Session] into the context of each request and
// calls next. The identifier is that of [Manager.FromRequest]. Handler answers no request
// itself. The store is read when next calls Tokens.
func (m *Manager) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &Session{manager: m, id: m.FromRequest(r)}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, s)))
	})
}

// FromContext returns the Session that [Manager.Handler] has put into a request's
// context, and nil if there is none. The methods of a nil Session work.
func FromContext(ctx context.Context) *Session {
	s, _ := ctx.Value(contextKey{}).(*Session)
	return s
}

// ID returns the identifier, and the zero ID if the request has none. ID does not check
// whether the web session has ended.
func (s *Session) ID() ID {
	if s == nil {
		return ID{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Tokens returns valid tokens, as [Manager.Tokens] does. The store is read once for a
// request, unless the tokens expire meanwhile. The error of a nil Session is
// [ErrNoSession].
func (s *Session) Tokens(ctx context.Context) (*flow.Tokens, error) {
	if s == nil {
		return nil, ErrNoSession
	}
	s.mu.Lock()
	id, r := s.id, s.tokens
	s.mu.Unlock()
	if r == nil || !r.isValid(s.manager.now()) {
		var err error
		if r, err = s.manager.current(ctx, id); err != nil {
			return nil, err
		}
		s.mu.Lock()
		if s.id.Reveal() == id.Reveal() {
			s.tokens = r
		}
		s.mu.Unlock()
	}
	return cloneTokens(&r.Tokens), nil
}

// Format prints a placeholder for every verb.
func (s *Session) Format(w fmt.State, _ rune) { fmt.Fprint(w, "websession.Session") }

// become changes the identifier of s to id, for the rest of the request.
func (s *Session) become(id ID) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.tokens = id, nil
}

// FromRequest returns the identifier in the header Authorization, with the scheme Bearer,
// or else the identifier in the cookie. Without either, FromRequest returns the zero ID.
//
// A page of another site cannot make a browser send the header. The browser sends the
// cookie from another site only when it follows a link.
func (m *Manager) FromRequest(r *http.Request) ID {
	if scheme, text, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		if id, err := ParseID(text); err == nil {
			return id
		}
	}
	cookie, err := r.Cookie(m.cookieName())
	if err != nil {
		return ID{}
	}
	id, err := ParseID(cookie.Value)
	if err != nil {
		return ID{}
	}
	return id
}

// sessionOf returns the Session that Handler of this manager has put into a request, and
// nil if there is none.
func (m *Manager) sessionOf(r *http.Request) *Session {
	if s := FromContext(r.Context()); s != nil && s.manager == m {
		return s
	}
	return nil
}

// present returns the identifier of a request, after any Begin or End for the request.
func (m *Manager) present(r *http.Request) ID {
	if s := m.sessionOf(r); s != nil {
		return s.ID()
	}
	return m.FromRequest(r)
}

// Begin makes a web session of the tokens of a sign-in, and sets its cookie in the
// response w. Call Begin before you write the body of the response. Errors are as those of
// [Manager.Create].
//
// The identifier is new. A former web session of the request ends, and its tokens are
// revoked. If that fails, Options.OnError is told.
func (m *Manager) Begin(w http.ResponseWriter, r *http.Request, t *flow.Tokens) error {
	former := m.present(r)
	id, err := m.Create(r.Context(), t)
	if err != nil {
		return err
	}
	m.setCookie(w, id)
	m.sessionOf(r).become(id)
	if !former.IsZero() {
		m.report(m.sessionName(former), m.SignOut(r.Context(), former))
	}
	return nil
}

// End ends the web session of the request, and deletes the cookie in the response w. Call
// End before you write the body of the response. Errors are as those of
// [Manager.SignOut]. The cookie is deleted also after an error.
func (m *Manager) End(w http.ResponseWriter, r *http.Request) error {
	id := m.present(r)
	m.setCookie(w, ID{})
	m.sessionOf(r).become(ID{})
	return m.SignOut(r.Context(), id)
}

// setCookie sets the cookie, and deletes the cookie for the zero ID.
func (m *Manager) setCookie(w http.ResponseWriter, id ID) {
	c := &http.Cookie{
		Name: m.cookieName(), Value: id.Reveal(), Path: "/",
		Secure: !m.options.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	switch {
	case id.IsZero():
		c.MaxAge = -1
	case m.options.Persistent:
		c.MaxAge = int(m.options.Lifetime.Seconds())
	}
	// Of two cookies with one name the browser may keep either.
	headers := w.Header()
	headers["Set-Cookie"] = append(slices.DeleteFunc(headers["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, c.Name+"=")
	}), c.String())
}

// cookieName adds the prefix __Host-. Browsers refuse such a cookie from a neighbouring
// host and without Secure.
func (m *Manager) cookieName() string {
	if m.options.Insecure {
		return m.options.CookieName
	}
	return "__Host-" + m.options.CookieName
}
