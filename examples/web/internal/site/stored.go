package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// storedSessions keeps web sessions in a store. The browser keeps the ID of its web session.
type storedSessions struct {
	*websession.Manager
	log *slog.Logger
}

func (s *site) inStore(shared store.Store, closeStore func() error) (sessionKeeping, error) {
	manager, err := websession.New(s.driver, shared, s.sealer, func(o *websession.Options) {
		o.Insecure = s.insecureCookies
		o.Now = s.now
		o.OnError = func(err error) { s.log.Warn("web session", "error", err) }
	})
	if err != nil {
		return sessionKeeping{}, errors.Join(err, closeStore())
	}
	stopCleaning := s.clean(shared)
	stored := storedSessions{manager, s.log}
	records := s.sealer.DeviceStore(shared)
	return sessionKeeping{
		sessions: stored,
		special:  special{"/signout-everywhere", "Sign out everywhere", stored.endAll},
		devices: func(w http.ResponseWriter, r *http.Request) device.Holder {
			return device.Browser(records, s.deviceID(w, r))
		},
		within: manager.Handler,
		close: func(ctx context.Context) error {
			stopCleaning()
			return errors.Join(manager.Wait(ctx), closeStore())
		},
	}, nil
}

func (s storedSessions) begin(w http.ResponseWriter, r *http.Request, _ []byte, tokens *flow.Tokens) error {
	return s.Begin(w, r, tokens)
}

func (s storedSessions) tokens(_ http.ResponseWriter, r *http.Request) (*flow.Tokens, error) {
	return websession.FromContext(r.Context()).Tokens(r.Context())
}

func (s storedSessions) end(w http.ResponseWriter, r *http.Request) error { return s.End(w, r) }

// endAll ends all web sessions of the user who is signed in. If the store fails, endAll returns
// the error, and the user can try again. If a revocation fails, the site logs the error,
// because the web sessions have ended.
func (s storedSessions) endAll(w http.ResponseWriter, r *http.Request) error {
	tokens, err := s.tokens(w, r)
	if err != nil {
		return err
	}
	err = s.SignOutUser(r.Context(), cmp.Or(tokens.Subject, tokens.Username))
	if errors.Is(err, websession.ErrStore) {
		return err
	}
	if err := errors.Join(err, s.End(w, r)); err != nil {
		s.log.Warn("sign-out", "error", err)
	}
	return nil
}

// deviceLifetime is the longest lifetime of a cookie in browsers.
const deviceLifetime = 400 * 24 * time.Hour

// deviceID returns the ID of the browser for the device records in the store. A browser
// without an ID gets a new ID, so call deviceID once for a request. Each call starts the
// lifetime of the cookie again.
func (s *site) deviceID(w http.ResponseWriter, r *http.Request) device.ID {
	id := device.NewID()
	if c, err := r.Cookie(s.cookieName("device")); err == nil {
		if brought, err := device.ParseID(c.Value); err == nil {
			id = brought
		}
	}
	c := s.cookie("device", id.Reveal())
	c.MaxAge = int(deviceLifetime.Seconds())
	http.SetCookie(w, c)
	return id
}

// Opener opens a store that all instances share. The address is a URL, which may have a
// password, so an error must not quote the address. The site calls close after the last
// request. If the store has a method DeleteExpired, the site calls DeleteExpired every hour.
type Opener func(ctx context.Context, address string) (s store.Store, close func() error, err error)

// The values of -sessions that are no URLs.
const (
	inCookies = "cookie"
	inMemory  = "memory"
)

// elsewhere are the schemes that the program examples/web/stores can open.
var elsewhere = []string{"postgres", "postgresql", "redis", "rediss"}

// openStore opens the store for -sessions.
func (s settings) openStore(ctx context.Context) (store.Store, func() error, error) {
	address := s.sessionsIn.Reveal()
	if address == inMemory {
		return new(store.Memory), func() error { return nil }, nil
	}
	scheme, _, _ := strings.Cut(address, "://")
	shared, closeStore, err := s.openers[scheme](ctx, address)
	if err != nil {
		return nil, nil, fmt.Errorf("-sessions %s://...: %w", scheme, err)
	}
	return shared, closeStore, nil
}

// validateSessions checks -sessions. The errors do not quote -sessions, which may have a
// password.
func (s settings) validateSessions() error {
	address := s.sessionsIn.Reveal()
	switch {
	case address == inMemory && s.instances > 1:
		return fmt.Errorf("-instances %d: with -sessions memory each instance has separate users (give -sessions cookie or the URL of a store)", s.instances)
	case address == inMemory, address == inCookies:
		return nil
	}
	scheme, _, _ := strings.Cut(address, "://")
	if s.openers[scheme] == nil {
		if slices.Contains(elsewhere, scheme) {
			return fmt.Errorf("-sessions %s://...: this program has no client for the store (see go -C examples/web/stores run . -help)", scheme)
		}
		return errors.New("-sessions: give cookie, memory, or a URL that begins with postgres:// or redis://")
	}
	if _, err := url.Parse(address); err != nil {
		return fmt.Errorf("-sessions %s://...: the URL is malformed (write special characters of the password as in %%23)", scheme)
	}
	return nil
}

// cleanableStore is a store that keeps expired records until somebody deletes them.
type cleanableStore interface {
	DeleteExpired(ctx context.Context) (int64, error)
}

// cleaning is the time between two deletions of expired records.
const cleaning = time.Hour

// clean deletes expired records at once and every hour, until stop is called. With -instances,
// the process with the proxy deletes, and the instances do not. An error goes to the log.
func (s *site) clean(shared store.Store) (stop func()) {
	records, ok := shared.(cleanableStore)
	if !ok || s.listen == inherited {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(cleaning); ; {
			if _, err := records.DeleteExpired(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("expired records", "error", err)
			}
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}
