package site

import (
	"crypto/rand"
	"net/http"
)

// cookie makes a cookie that lasts as long as the browser's session, or ends it
// where value is empty.
func (s *site) cookie(name, value string) *http.Cookie {
	c := &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/",
		HttpOnly: true, Secure: !s.insecureCookies, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// cookieName adds the prefix by which browsers refuse the cookie from a
// neighbouring host, or without Secure.
func (s *site) cookieName(name string) string {
	if s.insecureCookies {
		return name
	}
	return "__Host-" + name
}

// browser returns the ID of the browser's session, to which everything sealed
// is bound. It is nil if the browser has none.
func (s *site) browser(r *http.Request) []byte {
	c, err := r.Cookie(s.cookieName("browser"))
	if err != nil || c.Value == "" {
		return nil
	}
	return []byte(c.Value)
}

// ensureBrowser gives a browser an ID unless it has one: before the first form.
func (s *site) ensureBrowser(w http.ResponseWriter, r *http.Request) {
	if s.browser(r) == nil {
		s.newBrowser(w)
	}
}

func (s *site) newBrowser(w http.ResponseWriter) []byte {
	id := rand.Text()
	http.SetCookie(w, s.cookie("browser", id))
	return []byte(id)
}
