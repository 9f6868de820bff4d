package seal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/cognitoflow/cognitoflow/device"
)

// Device returns the browser of the request r as the holder of its remembered devices. The
// devices are in one cookie for each app client, of 3 KB at most. The response w sets the
// cookie.
//
// Use the holder for this request only, on one goroutine at a time, and before you write
// the body of the response. After the end of the request the holder returns errors, so
// that one holder cannot serve all browsers. If you call Device several times for one
// request, the holders see each other's changes.
//
// The cookie is sealed, and bound to the name of its record. The cookie is not bound to a
// browser session, because devices outlive browser sessions. The cookie is HttpOnly,
// SameSite=Lax and, unless Options.Insecure is set, Secure with the prefix __Host-. If the
// cookie does not open, a sign-in does without a device, and the next change replaces the
// cookie.
func (s *Sealer) Device(w http.ResponseWriter, r *http.Request) device.Holder {
	return device.InBrowser(&cookies{sealer: s, w: w, r: r})
}

// cookies is a store with one cookie for each record. The records are only in r and w, so
// that two stores of one request are the same.
type cookies struct {
	sealer *Sealer
	r      *http.Request

	mu sync.Mutex // of the response's header
	w  http.ResponseWriter
}

// CarriedByBrowser implements [device.BrowserStore].
func (c *cookies) CarriedByBrowser() {}

// cookieName hashes the record's name, because a cookie's name cannot have all characters.
func (c *cookies) cookieName(name string) string {
	digest := sha256.Sum256([]byte("cognitoflow/seal cookie\x00" + name))
	short := "device-" + hex.EncodeToString(digest[:12])
	if c.sealer.options.Insecure {
		return short
	}
	return "__Host-" + short
}

func (c *cookies) check(ctx context.Context, name string) error {
	if c.r.Context().Err() != nil { // net/http ends the context with the handler
		return errors.New("seal: the request of this holder has ended: call Sealer.Device for each request")
	}
	return checkName(ctx, name)
}

func checkName(ctx context.Context, name string) error {
	if name == "" {
		return errors.New("seal: the name of a record is empty")
	}
	return ctx.Err()
}

func (c *cookies) Get(ctx context.Context, name string) ([]byte, error) {
	if err := c.check(ctx, name); err != nil {
		return nil, err
	}
	value := c.value(c.cookieName(name))
	if value == "" {
		return nil, device.ErrNotFound
	}
	data, err := c.sealer.open("device", value, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", device.ErrUnusable, err)
	}
	return data, nil
}

// value returns the cookie of the browser after this response, and "" for no cookie.
func (c *cookies) value(cookieName string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	cookie, err := c.r.Cookie(cookieName)
	for _, line := range c.w.Header()["Set-Cookie"] {
		if set := parse(line, cookieName); set != nil {
			cookie, err = set, nil // the last line counts
		}
	}
	if err != nil || cookie.MaxAge < 0 {
		return ""
	}
	return cookie.Value
}

// parse returns the cookie of a Set-Cookie line, and nil if the cookie has another name.
func parse(line, cookieName string) *http.Cookie {
	if cookie, err := http.ParseSetCookie(line); err == nil && cookie.Name == cookieName {
		return cookie
	}
	return nil
}

func (c *cookies) Put(ctx context.Context, name string, data []byte) error {
	lifetime := c.sealer.options.DeviceLifetime
	value := c.sealer.seal("device", data, []byte(name), c.sealer.options.Now().Add(lifetime))
	return c.set(ctx, name, value, int(lifetime.Seconds()))
}

func (c *cookies) Delete(ctx context.Context, name string) error {
	return c.set(ctx, name, "", -1)
}

func (c *cookies) set(ctx context.Context, name, value string, maxAge int) error {
	if err := c.check(ctx, name); err != nil {
		return err
	}
	cookie := &http.Cookie{
		Name: c.cookieName(name), Value: value, Path: "/", MaxAge: maxAge,
		Secure: !c.sealer.options.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// Of two cookies with one name the browser may keep either.
	headers := c.w.Header()
	others := slices.DeleteFunc(slices.Clone(headers["Set-Cookie"]), func(line string) bool { return parse(line, cookie.Name) != nil })
	headers["Set-Cookie"] = append(others, cookie.String())
	return nil
}
