package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/store"
)

// flaky is a store that fails if a test says so. DeleteExpired deletes nothing.
type flaky struct {
	store.Memory
	down    atomic.Bool
	cleaned sync.Once
	clean   chan struct{} // closed by DeleteExpired
}

func newFlaky() *flaky { return &flaky{clean: make(chan struct{})} }

var errDown = errors.New("the store is down")

func (f *flaky) Get(ctx context.Context, name string) (store.Record, error) {
	if f.down.Load() {
		return store.Record{}, errDown
	}
	return f.Memory.Get(ctx, name)
}

func (f *flaky) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if f.down.Load() {
		return "", errDown
	}
	return f.Memory.Put(ctx, name, data, version, expires)
}

func (f *flaky) Delete(ctx context.Context, name, version string) error {
	if f.down.Load() {
		return errDown
	}
	return f.Memory.Delete(ctx, name, version)
}

func (f *flaky) DeleteExpired(context.Context) (int64, error) {
	f.cleaned.Do(func() { close(f.clean) })
	return 0, nil
}

func startFlaky(t *testing.T, config cognitotest.PoolConfig) (*rig, *flaky) {
	t.Helper()
	shared := newFlaky()
	if config.Users == nil {
		config.Users = []cognitotest.UserConfig{user("ada")}
	}
	return startOver(t, shared, config, "-sessions", "test://host"), shared
}

func TestSignOutEverywhere(t *testing.T) {
	r, _ := startFlaky(t, cognitotest.PoolConfig{})
	phone := r.browser().signIn("ada").at(200, "Hello, ada")
	desk := r.another().browser().signIn("ada").at(200, "Hello, ada")

	desk.post("/signout-everywhere", nil).at(200, "Sign in")
	desk.get("/").at(200, "Sign in")
	phone.get("/").at(200, "Sign in")
	if n := r.operations("RevokeToken"); n != 2 {
		t.Errorf("%d revocations, want one for each browser", n)
	}
	phone.post("/signout-everywhere", nil).at(200, "Sign in") // nobody is signed in
	phone.signIn("ada").at(200, "Hello, ada")
}

// If the store fails for a while, users stay signed in. The instance that knows the tokens goes
// on. Other instances ask the user to try again.
func TestStoreIsDown(t *testing.T) {
	r, shared := startFlaky(t, cognitotest.PoolConfig{})
	b := r.browser().signIn("ada").at(200, "Hello, ada")
	elsewhere := b.atInstance(r.another())

	shared.down.Store(true)
	b.get("/").at(200, "Hello, ada")
	elsewhere.get("/").at(503, "Try again")
	b.post("/signout-everywhere", nil).at(503, "Try again")
	elsewhere.get("/signin").at(200, "Sign in").signIn("ada").at(503, "Try again")

	shared.down.Store(false)
	b.get("/").at(200, "Hello, ada")
	elsewhere.get("/").at(200, "Hello, ada")
}

// Two instances get requests of one browser at the same time. Refresh tokens rotate without a
// grace period, so a second refresh with the same token would sign the user out.
func TestOneRefreshOfTwoInstances(t *testing.T) {
	passed := new(clock)
	r, _ := startFlaky(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{RefreshTokenRotation: "ENABLED"}}, Now: passed.now,
	})
	b := r.browser().signIn("ada").at(200, "Hello, ada")
	other := r.another()
	for n, wait := range []time.Duration{untilDue, untilExpired, untilDue, untilExpired} {
		passed.pass(wait)
		var requests sync.WaitGroup
		for range 10 {
			for _, same := range []*browser{b.atInstance(r), b.atInstance(other)} {
				requests.Go(func() {
					if err := same.isSignedIn(); err != nil {
						t.Error(err)
					}
				})
			}
		}
		requests.Wait()
		refreshes := func() int { return r.operations("GetTokensFromRefreshToken") }
		waitFor(t, "refresh", func() bool { return refreshes() > n }) // in the background, while the tokens are valid
		for _, instance := range []*rig{r, other} {
			// The lifetime of the new tokens begins with the arrival of the reply.
			if err := instance.site.keeping.sessions.(storedSessions).Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if refreshes() != n+1 {
			t.Fatalf("%d refreshes of %d tokens", refreshes(), n+1)
		}
	}
}

// isSignedIn reports whether the account page is there. Unlike get, isSignedIn works in goroutines.
func (b *browser) isSignedIn() error {
	response, err := b.client.Get(b.URL + "/")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if !strings.Contains(string(page), "Hello, <bdi>ada</bdi>") {
		return fmt.Errorf("status %d, and no user is signed in: %s\n%s", response.StatusCode, page, b.log)
	}
	return nil
}

// With a store, the device records are in the store and not in cookies. The site finds the
// records by the ID in the cookie of the browser.
func TestDevicesAreInTheStore(t *testing.T) {
	config := cognitotest.PoolConfig{
		MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true},
	}
	r, _ := startFlaky(t, config)
	b := r.browser().signIn("ada")
	b.submit("code", r.pool.LastCode("ada").Code, "remember", "yes").at(200, "Hello, ada")
	device := func() string {
		for _, c := range b.client.Jar.Cookies(b.address()) {
			if c.Name == "__Host-device" {
				return c.Value
			}
		}
		return ""
	}
	id := device()
	if len(id) == 0 || len(id) > 64 {
		t.Fatalf("the cookie of the device has %d bytes, want those of an ID", len(id))
	}
	proofs := r.operations("RespondToAuthChallenge")
	b.post("/signout", nil).at(200, "Sign in")
	b.atInstance(r.another()).signIn("ada").at(200, "Hello, ada")
	if device() != id {
		t.Error("the browser has become another device")
	}
	if n := r.operations("RespondToAuthChallenge") - proofs; n != 3 { // one proof of the password, and two requests of the device
		t.Errorf("%d challenges were answered, want those of the device too", n)
	}
}

func TestExpiredRecordsAreDeleted(t *testing.T) {
	_, shared := startFlaky(t, cognitotest.PoolConfig{})
	select {
	case <-shared.clean:
	case <-time.After(30 * time.Second):
		t.Error("the site has not deleted expired records")
	}
}

// A URL may have a password. No error and no command line of an instance has the URL.
func TestSessionsAtAURL(t *testing.T) {
	const password = "Tr0ub4dor"
	t.Setenv(envSealingKeys, goodKey)
	for address, want := range map[string]string{
		"postgres://u:" + password + "@host/db":  "go -C examples/web/stores run . -help",
		"redis://:" + password + "@host":         "go -C examples/web/stores run . -help",
		"mysql://u:" + password + "@host/db":     "give cookie, memory, or a URL",
		"u:" + password + "@host":                "give cookie, memory, or a URL",
		"test://u:" + password + "%zz@host":      "the URL is malformed",
		"test://u:" + password + "#x@host/db":    "the URL is malformed",
		"test://u:" + password + "@broken":       errDown.Error(),
		"test://u:" + password + "@host:5432/db": "",
	} {
		t.Setenv(envSessions, address)
		openers := map[string]Opener{"test": func(_ context.Context, got string) (store.Store, func() error, error) {
			if got != address {
				t.Errorf("the opener got %q", got)
			}
			if strings.HasSuffix(got, "broken") {
				return nil, nil, errDown
			}
			return new(store.Memory), func() error { return nil }, nil
		}}
		s, err := parse([]string{"-user-pool-id", "local-1_x", "-client-id", "x", "-endpoint", "http://localhost"}, openers, io.Discard)
		if err == nil {
			_, err = newSite(t.Context(), s, nil)
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", address, err, want)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the error quotes the password: %v", err)
		}
		if strings.Contains(strings.Join(s.instanceArgs(), " "), password) {
			t.Error("the password is on the command line of an instance")
		}
	}
}
