package site

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/websession"
)

// sealedSessions keeps the tokens in cookies of the browser, sealed and bound to the browser's
// ID. The backend keeps no tokens.
type sealedSessions struct{ *site }

func (s *site) inCookies() sessionKeeping {
	sealed := sealedSessions{s}
	return sessionKeeping{
		sessions: sealed,
		special:  special{"/refresh", "Refresh the tokens", sealed.refresh},
		devices:  s.sealer.Device,
		within:   func(next http.Handler) http.Handler { return next },
		close:    func(context.Context) error { return nil },
	}
}

const (
	purposeTokens = "tokens"

	// tokensLifetime is the default lifetime of refresh tokens at the service. Without a
	// refresh, the sealed tokens expire after this time.
	tokensLifetime = 30 * 24 * time.Hour

	// maxPart is the most bytes in a cookie. Browsers keep 4,096 bytes with the name and the
	// attributes.
	maxPart = 3800
)

// begin gives the tokens to the browser, and revokes the former tokens of the browser. If the
// revocation fails, the site logs the error. The former tokens are then valid until they
// expire, but no browser has them.
func (s sealedSessions) begin(w http.ResponseWriter, r *http.Request, id []byte, tokens *flow.Tokens) error {
	former := s.kept(r)
	if err := s.keep(w, r, id, tokens); err != nil || former == nil {
		return err
	}
	if err := s.driver.SignOut(r.Context(), former); err != nil {
		s.log.Warn("former tokens", "error", err)
	}
	return nil
}

// keep gives the tokens to the browser, in one or more cookies. keep leaves the ID token out to
// save space. If a site needs claims in each request, the site can seal these claims.
func (s sealedSessions) keep(w http.ResponseWriter, r *http.Request, id []byte, tokens *flow.Tokens) error {
	kept := *tokens
	kept.IDToken = secret.String{}
	data, err := json.Marshal(kept)
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

func (s sealedSessions) tokens(w http.ResponseWriter, r *http.Request) (*flow.Tokens, error) {
	tokens := s.kept(r)
	if tokens == nil {
		return nil, websession.ErrNoSession
	}
	if !s.isLastMinute(tokens) {
		s.confirmDevice(w, r, tokens)
		return tokens, nil
	}
	return s.refreshed(w, r, tokens)
}

// kept returns the tokens in the cookies, or nil if the browser is not signed in.
func (s sealedSessions) kept(r *http.Request) *flow.Tokens {
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

// confirmDevice confirms the device if the confirmation failed during the sign-in. The service
// refuses to refresh tokens of an unconfirmed device. If confirmDevice fails, the site logs
// the error, and the next request tries again.
func (s sealedSessions) confirmDevice(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens) {
	if tokens.Device.State != flow.DeviceUnconfirmed {
		return
	}
	confirmed, err := s.driver.ConfirmDevice(r.Context(), tokens, s.options(w, r))
	if err == nil {
		tokens.Device = confirmed
		err = s.keep(w, r, s.browser(r), tokens)
	}
	if err != nil {
		s.log.Warn("device", "error", err)
	}
}

// refreshed gets fresh tokens and gives them to the browser. If the service refuses the old
// tokens, refreshed deletes the cookies.
//
// Two requests of one browser may refresh at the same time, at two instances. If the pool
// rotates refresh tokens, give the app client a grace period (RetryGracePeriodSeconds).
// Otherwise the service refuses the second refresh.
func (s sealedSessions) refreshed(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens) (*flow.Tokens, error) {
	fresh, err := s.driver.Refresh(r.Context(), tokens, s.options(w, r))
	switch {
	case err == nil:
		return fresh, s.keep(w, r, s.browser(r), fresh)
	case !mayPass(err):
		s.dropParts(w, r, 0)
	}
	return nil, err
}

// refresh gets fresh tokens at once, for a button of the account page. tokens refreshes before
// the expiry.
func (s sealedSessions) refresh(w http.ResponseWriter, r *http.Request) error {
	tokens := s.kept(r)
	if tokens == nil {
		return websession.ErrNoSession
	}
	_, err := s.refreshed(w, r, tokens)
	return err
}

func (s sealedSessions) end(w http.ResponseWriter, r *http.Request) error {
	s.dropParts(w, r, 0)
	tokens := s.kept(r)
	if tokens == nil {
		return nil
	}
	return s.driver.SignOut(r.Context(), tokens)
}

// dropParts deletes the cookies of the request from part n on.
func (s sealedSessions) dropParts(w http.ResponseWriter, r *http.Request, n int) {
	for ; ; n++ {
		if _, err := r.Cookie(s.cookieName(tokensPart(n))); err != nil {
			return
		}
		http.SetCookie(w, s.cookie(tokensPart(n), ""))
	}
}

func tokensPart(n int) string { return fmt.Sprintf("tokens-%d", n) }
