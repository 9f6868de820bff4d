package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
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

const (
	purposeTokens = "tokens"

	// tokensLifetime ends a session that is not refreshed: the service's
	// default lifetime of refresh tokens.
	tokensLifetime = 30 * 24 * time.Hour

	// maxPart leaves room for a cookie's name and attributes in the 4,096
	// bytes that browsers keep of it.
	maxPart = 3800
)

// keep makes the browser keep the tokens, sealed and in as many cookies as it
// takes. The ID token is left out: who needs its claims all the time seals the
// few that matter.
func (s *site) keep(w http.ResponseWriter, r *http.Request, id []byte, tokens flow.Tokens) error {
	tokens.IDToken = secret.String{}
	data, err := json.Marshal(tokens)
	if err != nil {
		return err
	}
	sealed := s.sealer.Seal(purposeTokens, data, id, s.driver.Now().Add(tokensLifetime))
	n := 0
	for ; sealed != ""; n++ {
		part := sealed[:min(maxPart, len(sealed))]
		sealed = sealed[len(part):]
		http.SetCookie(w, s.cookie(tokensPart(n), part))
	}
	s.dropParts(w, r, n)
	return nil
}

// kept returns the tokens that the browser keeps, nil if it is not signed in.
func (s *site) kept(r *http.Request) *flow.Tokens {
	var sealed strings.Builder
	for n := 0; ; n++ {
		c, err := r.Cookie(s.cookieName(tokensPart(n)))
		if err != nil {
			break
		}
		sealed.WriteString(c.Value)
	}
	data, err := s.sealer.Open(purposeTokens, sealed.String(), s.browser(r))
	if err != nil {
		return nil
	}
	var tokens flow.Tokens
	if err := json.Unmarshal(data, &tokens); err != nil {
		return nil
	}
	return &tokens
}

// dropTokens signs the browser out. Remembered devices stay.
func (s *site) dropTokens(w http.ResponseWriter, r *http.Request) { s.dropParts(w, r, 0) }

// dropParts ends the cookies of the request from part n on.
func (s *site) dropParts(w http.ResponseWriter, r *http.Request, n int) {
	for ; ; n++ {
		if _, err := r.Cookie(s.cookieName(tokensPart(n))); err != nil {
			return
		}
		http.SetCookie(w, s.cookie(tokensPart(n), ""))
	}
}

func tokensPart(n int) string { return fmt.Sprintf("tokens-%d", n) }
