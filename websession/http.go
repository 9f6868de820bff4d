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
	tokens *record // once asked for
}

type contextKey struct{}

// Handler returns next with a [Session] in the context of each request. Handler reads
// the identifier as [Manager.FromRequest] does, and answers no request itself. The store is
// read when next asks for tokens.
func (m *Manager) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &Session{manager: m, id: m.FromRequest(r)}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, s)))
	})
}

// FromContext returns the Session that [Manager.Handler] has put into a request's
// context, nil if there is none.
func FromContext(ctx context.Context) *Session {
	s, _ := ctx.Value(contextKey{}).(*Session)
	return s
}

// ID returns the identifier, the zero ID if the request has none. The web
// session may have ended.
func (s *Session) ID() ID {
	if s == nil {
		return ID{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Tokens returns tokens that are valid, as [Manager.Tokens] does. The store is read
// once for a request, unless the tokens expire meanwhile. The error of a nil Session is
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

// become makes s the web session under id, for the rest of the request.
func (s *Session) become(id ID) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.tokens = id, nil
}

// FromRequest returns the identifier that a request carries, the zero ID if it carries
// none: in the header Authorization, with the scheme Bearer, or else in the cookie.
// Clients without cookies, such as apps, get the identifier in JSON after Create and
// send the header. A page of another site can send neither the header nor, but for
// links, the cookie.
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

// sessionOf returns the Session that Handler has given a request, nil if there is none
// or if it is another manager's.
func (m *Manager) sessionOf(r *http.Request) *Session {
	if s := FromContext(r.Context()); s != nil && s.manager == m {
		return s
	}
	return nil
}

// present is the identifier of a request, or the one that it has got since.
func (m *Manager) present(r *http.Request) ID {
	if s := m.sessionOf(r); s != nil {
		return s.ID()
	}
	return m.FromRequest(r)
}

// Begin makes a web session of the tokens of a sign-in, and has the response w set its
// cookie. The identifier is a new one. The web session that the request had ends, and
// its tokens are revoked; a failure of that is told to Options.OnError. Call Begin
// before anything of the response's body is written. Errors are as those of Create.
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

// End has the response w delete the cookie, and ends the web session of the request.
// Errors are as those of [Manager.SignOut]; the cookie is deleted whatever happens.
func (m *Manager) End(w http.ResponseWriter, r *http.Request) error {
	id := m.present(r)
	m.setCookie(w, ID{})
	m.sessionOf(r).become(ID{})
	return m.SignOut(r.Context(), id)
}

// setCookie sets or, for the zero ID, deletes the cookie. SameSite=Lax and HttpOnly keep
// it from other sites and from scripts.
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
	// The header has to hold one cookie of a name: of two the browser may keep either.
	headers := w.Header()
	headers["Set-Cookie"] = append(slices.DeleteFunc(headers["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, c.Name+"=")
	}), c.String())
}

// cookieName adds the prefix by which browsers refuse the cookie from a neighbouring
// host, or without Secure.
func (m *Manager) cookieName() string {
	if m.options.Insecure {
		return m.options.CookieName
	}
	return "__Host-" + m.options.CookieName
}
