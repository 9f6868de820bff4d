package site

import (
	"crypto/rand"
	"net/http"
)

// cookie returns a cookie that ends when the browser closes. With an empty value, the cookie
// is deleted.
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

// cookieName adds the prefix __Host-. Browsers refuse a cookie with the prefix from another
// host of the domain, and without Secure.
func (s *site) cookieName(name string) string {
	if s.insecureCookies {
		return name
	}
	return "__Host-" + name
}

// browser returns the ID of the browser session, or nil if the browser has no ID. All sealed
// texts are bound to the ID.
func (s *site) browser(r *http.Request) []byte {
	c, err := r.Cookie(s.cookieName("browser"))
	if err != nil || c.Value == "" {
		return nil
	}
	return []byte(c.Value)
}

// ensureBrowser gives an ID to a browser without an ID. A page with a form calls ensureBrowser.
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
