package seal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/cognitoflow/cognitoflow/device"
)

// Cookies returns a device.Store in the browser's cookies: it reads those of r
// and sets those of w. Use it for this request alone, and before anything of
// the response's body is written.
//
// A record is sealed under its name, so that the record of one user does not
// serve another. It is not bound to a browser session: it is there to outlive
// sessions. Cookies are HttpOnly, SameSite=Lax and, unless Options.Insecure is
// set, Secure with the prefix __Host-.
func (s *Sealer) Cookies(w http.ResponseWriter, r *http.Request) device.Store {
	return &cookies{sealer: s, w: w, r: r, written: map[string]*http.Cookie{}}
}

type cookies struct {
	sealer *Sealer
	w      http.ResponseWriter
	r      *http.Request

	mu      sync.Mutex
	written map[string]*http.Cookie // by name, to read what this request wrote
}

// maxCookie is what browsers keep of a cookie, name and attributes included.
const maxCookie = 4096

// cookieName hides the user's name, which need not be in every request.
func (c *cookies) cookieName(name string) string {
	digest := sha256.Sum256([]byte("cognitoflow/seal cookie\x00" + name))
	short := "device-" + hex.EncodeToString(digest[:12])
	if c.sealer.options.Insecure {
		return short
	}
	return "__Host-" + short
}

func checkName(ctx context.Context, name string) error {
	if name == "" {
		return errors.New("seal: the name of a record is empty")
	}
	return ctx.Err()
}

func (c *cookies) Get(ctx context.Context, name string) ([]byte, error) {
	if err := checkName(ctx, name); err != nil {
		return nil, err
	}
	c.mu.Lock()
	cookie := c.written[c.cookieName(name)]
	c.mu.Unlock()
	if cookie == nil {
		var err error
		if cookie, err = c.r.Cookie(c.cookieName(name)); err != nil {
			return nil, device.ErrNotFound
		}
	}
	if cookie.Value == "" {
		return nil, device.ErrNotFound
	}
	data, err := c.sealer.open("device", cookie.Value, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", device.ErrUnusable, err)
	}
	return data, nil
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
	if err := checkName(ctx, name); err != nil {
		return err
	}
	cookie := &http.Cookie{
		Name: c.cookieName(name), Value: value, Path: "/", MaxAge: maxAge,
		Secure: !c.sealer.options.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if len(cookie.String()) > maxCookie {
		return fmt.Errorf("seal: the record is too large for a cookie: %d bytes of %d", len(cookie.String()), maxCookie)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written[cookie.Name] = cookie
	// The header has to hold one cookie of a name: of two the browser may keep either.
	headers := c.w.Header()
	kept := headers["Set-Cookie"][:0:0]
	for _, line := range headers["Set-Cookie"] {
		if other, err := http.ParseSetCookie(line); err != nil || other.Name != cookie.Name {
			kept = append(kept, line)
		}
	}
	headers["Set-Cookie"] = append(kept, cookie.String())
	return nil
}
