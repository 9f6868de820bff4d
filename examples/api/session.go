package main

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
)

// sessionLifetime is the default lifetime of refresh tokens at the service.
const sessionLifetime = 30 * 24 * time.Hour

// signedIn is the part of a reply for a user who is signed in.
type signedIn struct {
	Username    string    `json:"username"`
	AccessToken string    `json:"accessToken"`
	ExpiresAt   time.Time `json:"expiresAt"` // the expiry of the access token
	Session     string    `json:"session"`   // all tokens, sealed
}

func (b *backend) signedIn(c *call, t *flow.Tokens) (*signedIn, error) {
	if t.Device.Err != nil {
		b.log.Warn("device", "error", t.Device.Err) // the sign-in has succeeded without the device
	}
	data, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	session := b.sealer.Seal("session", data, c.id, b.driver.Now().Add(sessionLifetime))
	return &signedIn{t.Username, t.AccessToken.Reveal(), t.Expiry, session}, nil
}

// tokens opens the session of a call.
func (b *backend) tokens(c *call) (t *flow.Tokens, err error) {
	data, err := b.sealer.Open("session", c.Session, c.id)
	if err != nil {
		return nil, err
	}
	return t, json.Unmarshal(data, &t)
}

const browserCookie = "__Host-browser"

// browser returns the ID in the cookie of the browser that sent r. A browser without the
// cookie gets a new ID.
func browser(w http.ResponseWriter, r *http.Request) []byte {
	if c, err := r.Cookie(browserCookie); err == nil && c.Value != "" {
		return []byte(c.Value)
	}
	return newBrowser(w)
}

// renewed gives the browser a new ID in place of an ID that it had before the request. Prompts
// of the former ID do not open any more.
func renewed(w http.ResponseWriter, r *http.Request, id []byte) []byte {
	if _, err := r.Cookie(browserCookie); err != nil {
		return id // it is new
	}
	return newBrowser(w)
}

func newBrowser(w http.ResponseWriter) []byte {
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: browserCookie, Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return []byte(id)
}
