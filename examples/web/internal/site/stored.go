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

// storedSessions has web sessions in a store. The browser keeps their identifiers.
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

// endAll ends all web sessions of the user who is signed in. After an error the user can
// try again. A revocation that fails is no such error: the web sessions have ended.
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

// deviceLifetime is the most that browsers grant a cookie.
const deviceLifetime = 400 * 24 * time.Hour

// deviceID returns the ID under which the store has the browser's devices. A browser that
// brings none gets a new one. Call deviceID once for a request. The cookie begins its
// lifetime anew each time.
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
// password in it: an error must not quote the address. The site calls close when no
// request is left. If the store has a method DeleteExpired, the site calls it every hour.
type Opener func(ctx context.Context, address string) (s store.Store, close func() error, err error)

// Where -sessions keeps who is signed in, unless it has a URL.
const (
	inCookies = "cookie"
	inMemory  = "memory"
)

// elsewhere are the schemes of the program in examples/web/stores.
var elsewhere = []string{"postgres", "postgresql", "redis", "rediss"}

// openStore opens the store that -sessions says.
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

// validateSessions does not quote -sessions, which may have a password in it.
func (s settings) validateSessions() error {
	address := s.sessionsIn.Reveal()
	switch {
	case address == inMemory && s.instances > 1:
		return fmt.Errorf("-instances %d: with -sessions memory each instance would have users of its own; give -sessions cookie, or the URL of a store", s.instances)
	case address == inMemory, address == inCookies:
		return nil
	}
	scheme, _, _ := strings.Cut(address, "://")
	if s.openers[scheme] == nil {
		if slices.Contains(elsewhere, scheme) {
			return fmt.Errorf("-sessions %s://...: this program has no client for it; \"go -C examples/web/stores run . -sessions ...\" has one", scheme)
		}
		return errors.New("-sessions: give cookie, memory, or a URL that begins with postgres:// or redis://")
	}
	if _, err := url.Parse(address); err != nil {
		return fmt.Errorf("-sessions %s://...: the URL is not well formed; write special characters of the password as in %%23", scheme)
	}
	return nil
}

// cleanableStore is a store that keeps expired records until somebody deletes them.
type cleanableStore interface {
	DeleteExpired(ctx context.Context) (int64, error)
}

// cleaning is how often expired records are deleted.
const cleaning = time.Hour

// clean deletes expired records at once and every hour, until stop is called. An instance
// leaves that to the process that has started it.
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
