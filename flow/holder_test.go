package flow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/seal"
)

// backend is a web backend with one driver for many browsers. The pool demands a second factor
// of each user, and remembers devices.
type backend struct {
	*desk
	perDriver []func(*flow.Options)
	perCall   func(browser) func(*flow.Options) // nil for no option
	steps     bool

	deviceErr error // Device.Err of the last sign-in
}

// browser is one request of a browser.
type browser struct {
	w http.ResponseWriter
	r *http.Request

	id device.ID // from a cookie
}

// visitor is a browser with its cookies.
type visitor struct {
	cookies []*http.Cookie
	id      string
}

// visit returns the next request of the browser.
func (v *visitor) visit() browser {
	r := httptest.NewRequest(http.MethodPost, "https://example.com/", nil)
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	if v.id == "" {
		v.id = device.NewID().Reveal()
	}
	id, err := device.ParseID(v.id)
	if err != nil {
		panic(err)
	}
	return browser{httptest.NewRecorder(), r, id}
}

func (v *visitor) leave(b browser) {
	v.cookies = append(v.cookies, b.w.(*httptest.ResponseRecorder).Result().Cookies()...)
}

func (b *backend) newDriver() (*flow.Driver, error) {
	app := appOf(b.pool, b.client)
	return flow.New(b.pool.Client(), app, append([]func(*flow.Options){b.clock.use}, b.perDriver...)...)
}

// signIn signs in from a browser, and returns the number of questions to the person.
func (b *backend) signIn(d *flow.Driver, v *visitor, typed string) (asked int, err error) {
	b.asked = 0
	options := func() (browser, []func(*flow.Options)) {
		at := v.visit()
		if b.perCall == nil {
			return at, nil
		}
		return at, []func(*flow.Options){b.perCall(at)}
	}
	at, optFns := options()
	if !b.steps {
		inServer := context.WithValue(b.t.Context(), http.ServerContextKey, new(http.Server)) // as in an http.Handler
		tokens, err := d.SignIn(inServer, srpAuth(typed), b, optFns...)
		v.leave(at)
		if err == nil {
			b.deviceErr = tokens.Device.Err
		}
		return b.asked, err
	}
	step, err := d.Start(b.t.Context(), srpAuth(typed), optFns...)
	v.leave(at)
	for err == nil && step.Prompt != nil {
		var a challenge.Answer
		if a, err = b.Answer(b.t.Context(), step.Prompt.Challenge()); err != nil {
			break
		}
		at, optFns = options()
		step, err = d.Respond(b.t.Context(), step.Prompt, a, optFns...)
		v.leave(at)
	}
	if err == nil {
		b.deviceErr = step.Tokens.Device.Err
	}
	return b.asked, err
}

// TestDeviceHolders has two browsers sign in as one user. The test tries each way to set holders
// that compiles. With each way, the second browser is asked for the code, or the call is an
// error before a question to the person.
func TestDeviceHolders(t *testing.T) {
	t.Parallel()
	shared := device.NewID()
	stores := map[string]func(*testing.T) device.Store{
		"Memory": func(*testing.T) device.Store { return new(device.Memory) },
		"Dir":    func(t *testing.T) device.Store { return device.Dir(filepath.Join(t.TempDir(), "devices")) },
		"plain":  func(*testing.T) device.Store { return struct{ device.Store }{new(device.Memory)} }, // without device.Swapper
	}
	ways := []struct {
		name      string
		perDriver func(device.Store) func(*flow.Options)
		perCall   func(device.Store, *seal.Sealer) func(browser) func(*flow.Options)

		remembers bool   // the first browser is not asked again
		told      string // a part of Device.Err
		refused   string // a part of the error of New or the first call
	}{
		{name: "no holder"},
		{name: "ThisBrowser with an ID of its own", perCall: func(s device.Store, _ *seal.Sealer) func(browser) func(*flow.Options) {
			return func(b browser) func(*flow.Options) { return flow.ThisBrowser(device.Browser(s, b.id)) }
		}, remembers: true},
		{name: "ThisBrowser with cookies", perCall: func(_ device.Store, sealer *seal.Sealer) func(browser) func(*flow.Options) {
			return func(b browser) func(*flow.Options) { return flow.ThisBrowser(sealer.Device(b.w, b.r)) }
		}, remembers: true},
		{name: "ThisBrowser with one new ID for all", told: "Make a new ID for each browser", perCall: func(s device.Store, _ *seal.Sealer) func(browser) func(*flow.Options) {
			return func(browser) func(*flow.Options) { return flow.ThisBrowser(device.Browser(s, shared)) }
		}},
		{name: "ThisBrowser with a new ID each time", perCall: func(s device.Store, _ *seal.Sealer) func(browser) func(*flow.Options) {
			return func(browser) func(*flow.Options) { return flow.ThisBrowser(device.Browser(s, device.NewID())) }
		}},
		{name: "ThisBrowser without an ID", perCall: func(s device.Store, _ *seal.Sealer) func(browser) func(*flow.Options) {
			return func(browser) func(*flow.Options) { return flow.ThisBrowser(device.Browser(s, device.ID{})) }
		}, refused: "the ID is zero"},
		{name: "ThisBrowser without a store", perCall: func(device.Store, *seal.Sealer) func(browser) func(*flow.Options) {
			return func(b browser) func(*flow.Options) { return flow.ThisBrowser(device.Browser(nil, b.id)) }
		}, refused: "the store is nil"},
		{name: "ThisBrowser at New", perDriver: func(s device.Store) func(*flow.Options) {
			return flow.ThisBrowser(device.Browser(s, shared))
		}, refused: "give it to each call"},
		{name: "ThisMachine at New", perDriver: flow.ThisMachine, refused: "give flow.ThisBrowser"},
		{name: "ThisMachine in each call", perCall: func(s device.Store, _ *seal.Sealer) func(browser) func(*flow.Options) {
			return func(browser) func(*flow.Options) { return flow.ThisMachine(s) }
		}, refused: "give flow.ThisBrowser"},
		{name: "a machine as ThisBrowser", perCall: func(s device.Store, _ *seal.Sealer) func(browser) func(*flow.Options) {
			return func(browser) func(*flow.Options) { return flow.ThisBrowser(device.Machine(s)) }
		}, refused: "give flow.ThisBrowser"},
		{name: "ThisMachine without a store", perDriver: func(device.Store) func(*flow.Options) { return flow.ThisMachine(nil) }, refused: "the store is nil"},
		{name: "ThisMachine at New and ThisBrowser", perDriver: flow.ThisMachine, perCall: func(s device.Store, _ *seal.Sealer) func(browser) func(*flow.Options) {
			return func(b browser) func(*flow.Options) { return flow.ThisBrowser(device.Browser(s, b.id)) }
		}, remembers: true},
	}
	all := byname.Asked(t)
	for storeName, store := range stores {
		for n, way := range ways {
			for _, mode := range []string{"handler", "step by step"} {
				for _, client := range []string{"public", "secret"} {
					for _, typed := range []string{"ada", "ada@example.com"} {
						if !all && (client == "secret") != (typed == "ada") {
							continue // half of the combinations still have each client and each name
						}
						if !all && !byname.RaceDetector && ((client == "secret") != (mode == "handler") || (mode == "handler") != (n%2 == 0)) {
							continue // an eighth of the combinations still has each way in one mode
						}
						t.Run(strings.Join([]string{storeName, way.name, mode, client, typed}, "/"), func(t *testing.T) {
							t.Parallel()
							b := newBackend(t, client, mode != "handler")
							s := store(t)
							if way.perDriver != nil {
								b.perDriver = append(b.perDriver, way.perDriver(s))
							}
							if way.perCall != nil {
								b.perCall = way.perCall(s, b.sealer())
							}
							b.check(typed, way.remembers, way.told, way.refused)
						})
					}
				}
			}
		}
	}
}

func newBackend(t *testing.T, client string, steps bool) *backend {
	t.Helper()
	d := newDesk(t, func(c *cognitotest.PoolConfig) { c.MFA = "ON" })
	d.client = client
	return &backend{desk: d, steps: steps}
}

func (b *backend) sealer() *seal.Sealer {
	b.t.Helper()
	s, err := seal.New(appOf(b.pool, b.client), [][]byte{make([]byte, seal.KeySize)}, func(o *seal.Options) { o.Now = b.clock.Now })
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *backend) check(typed string, remembers bool, told, refused string) {
	t := b.t
	d, err := b.newDriver()
	var first, second visitor
	var asked []int
	for _, v := range []*visitor{&first, &first, &second, &first, &second} {
		if err != nil {
			break
		}
		var n int
		n, err = b.signIn(d, v, typed)
		asked = append(asked, n)
	}
	if refused != "" {
		if err == nil || !strings.Contains(err.Error(), refused) || b.asked != 0 || len(b.pool.Requests()) != 0 {
			t.Errorf("got %v after %d requests, want an error with %q at once", err, len(b.pool.Requests()), refused)
		}
		return
	}
	want := []int{1, 1, 1, 1, 1}
	if remembers {
		want = []int{1, 0, 1, 0, 0}
	}
	if err != nil || !slices.Equal(asked, want) {
		t.Errorf("the sign-ins asked for %v codes, want %v, with the error %v", asked, want, err)
	}
	if got := fmt.Sprint(b.deviceErr); (told == "") != (b.deviceErr == nil) || !strings.Contains(got, told) {
		t.Errorf("Device.Err is %v, want %q", got, told)
	}
}

// An alias passes to another user. The device of the browser stays the first user's.
func TestDeviceHoldersAliasOfAnotherUser(t *testing.T) {
	t.Parallel()
	for _, steps := range []bool{false, true} {
		b := newBackend(t, "secret", steps)
		store := new(device.Memory)
		b.perCall = func(at browser) func(*flow.Options) { return flow.ThisBrowser(device.Browser(store, at.id)) }
		d, err := b.newDriver()
		if err != nil {
			t.Fatal(err)
		}
		var v visitor
		if _, err := b.signIn(d, &v, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		if err := b.pool.AddUser(deskUser("bob")); err != nil {
			t.Fatal(err)
		}
		id, err := device.ParseID(v.id)
		if err != nil {
			t.Fatal(err)
		}
		// The wallet of the browser has bob's address as ada's.
		wallet := device.Browser(store, id).Wallet(b.pool.ID(), b.client)
		adas, err := wallet.Find(t.Context(), "ada")
		if err == nil {
			err = wallet.Change(t.Context(), adas, func(*device.Entry) {}, "bob@example.com")
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, typed := range []string{"bob@example.com", "bob@example.com", "ada"} {
			asked, err := b.signIn(d, &v, typed)
			if want := []int{1, 0, 0}[i]; err != nil || asked != want {
				t.Errorf("%s was asked %d times, want %d, with the error %v", typed, asked, want, err)
			}
		}
	}
}

// A program whose user is at this machine gives ThisMachine to New or to SignIn.
func TestThisMachine(t *testing.T) {
	d := newDesk(t, nil)
	for _, optFns := range [][]func(*flow.Options){{flow.ThisMachine(d.store)}, {}} {
		driver := d.driver(optFns...)
		var perCall []func(*flow.Options)
		if len(optFns) == 0 {
			perCall = append(perCall, flow.ThisMachine(d.store))
		}
		if _, err := driver.SignIn(t.Context(), srpAuth("ada"), d, perCall...); err != nil {
			t.Fatal(err)
		}
	}
	if d.asked != 1 {
		t.Errorf("the person was asked %d times, want once for the machine", d.asked)
	}
}

// A fault of the network ends SignIn with a prompt. The user goes on from that prompt, and
// the machine is remembered. A stored prompt may be of a user elsewhere.
func TestThisMachineGoesOnAfterAFault(t *testing.T) {
	d := newDesk(t, nil)
	driver := d.driver(flow.ThisMachine(d.store))
	d.pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Skip: 1, Error: "TooManyRequestsException"})
	_, err := driver.SignIn(t.Context(), srpAuth("ada"), d)
	var e *flow.Error
	if !errors.As(err, &e) || e.Remedy() != flow.TryLater || e.Prompt == nil {
		t.Fatalf("SignIn: %v", err)
	}
	a, err := d.Answer(t.Context(), e.Prompt.Challenge())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := driver.Respond(t.Context(), reread(t, e.Prompt), a); err == nil || !strings.Contains(err.Error(), "give flow.ThisBrowser") {
		t.Errorf("a stored prompt: %v", err)
	}
	step, err := driver.Respond(t.Context(), e.Prompt, a)
	if err != nil {
		t.Fatal(err)
	}
	if step.Tokens.Device.Err != nil || !step.Tokens.Device.Kept {
		t.Errorf("the device is %+v", step.Tokens.Device)
	}
}

// The last call of a sign-in remembers the device. If Start alone has a holder, Device.Err
// tells the mistake.
func TestHolderInStartAlone(t *testing.T) {
	d := newDesk(t, nil)
	step, err := d.driver().Start(t.Context(), srpAuth("ada"), d.here)
	if err != nil {
		t.Fatal(err)
	}
	a, err := d.Answer(t.Context(), step.Prompt.Challenge())
	if err != nil {
		t.Fatal(err)
	}
	step, err = d.driver().Respond(t.Context(), reread(t, step.Prompt), a)
	if err != nil {
		t.Fatal(err)
	}
	if e := step.Tokens.Device.Err; e == nil || !strings.Contains(e.Error(), "give ThisBrowser to Respond") || step.Tokens.Device.State != flow.DeviceConfirmed {
		t.Errorf("Device is %+v", step.Tokens.Device)
	}
	if _, err := d.wallet().Find(t.Context(), "ada"); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("the wallet: %v", err)
	}
}
