package seal_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/device/devicetest"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

// browser keeps the cookies of one host, as net/http's jar does.
type browser struct {
	*cookiejar.Jar
	host *url.URL
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{jar, &url.URL{Scheme: "https", Host: "app.example.com"}}
}

func (b browser) cookies() []*http.Cookie { return b.Cookies(b.host) }

func (b browser) request() *http.Request {
	r := httptest.NewRequest("GET", b.host.String(), nil)
	for _, c := range b.cookies() {
		r.AddCookie(c)
	}
	return r
}

// visit is one request, and the response that serve makes.
func (b browser) visit(serve func(http.ResponseWriter, *http.Request)) http.Header {
	w := httptest.NewRecorder()
	serve(w, b.request())
	b.SetCookies(b.host, w.Result().Cookies())
	return w.Header()
}

// signIn is the visit of a user whose device is enrolled or used.
func (b browser) signIn(t *testing.T, s *seal.Sealer, user string, e device.Entry) http.Header {
	t.Helper()
	return b.visit(func(w http.ResponseWriter, r *http.Request) {
		if err := wallet(s, w, r).Put(t.Context(), user, e); err != nil {
			t.Errorf("%.80s: %v", user, err)
		}
	})
}

func (b browser) wantDevice(t *testing.T, s *seal.Sealer, name, key string) {
	t.Helper()
	b.visit(func(w http.ResponseWriter, r *http.Request) { wantDevice(t, wallet(s, w, r), name, key) })
}

func wallet(s *seal.Sealer, w http.ResponseWriter, r *http.Request) device.Wallet {
	return s.Device(w, r).Wallet(app.UserPoolID, app.ClientID)
}

// wantDevice wants a name to lead to the device with this key, "" for none.
func wantDevice(t *testing.T, w device.Wallet, name, key string) {
	t.Helper()
	e, err := w.Find(t.Context(), name)
	if e.Key != key || err != nil && !(key == "" && errors.Is(err, device.ErrNotFound)) {
		t.Errorf("Find(%.80q) = %q, %v, want %q", name, e.Key, err, key)
	}
}

// entry is the device with this number. The parts of the device have their greatest length.
func entry(i int) device.Entry {
	return device.Entry{State: device.Unconfirmed, Used: goldenTime, Credentials: device.Credentials{
		Key: fmt.Sprintf("us_%052x", i), GroupKey: strings.Repeat("g", 55), Password: secret.New(fmt.Sprintf("%056d", i)),
	}}
}

func TestCookiesAreADeviceStore(t *testing.T) {
	devicetest.TestStore(t, func(t *testing.T) device.Store {
		return newSealer(t, app, [][]byte{newKey()}).Cookies(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	})
}

func TestRecordsOfNobody(t *testing.T) {
	w := httptest.NewRecorder()
	store := newSealer(t, app, [][]byte{newKey()}).Cookies(w, httptest.NewRequest("GET", "/", nil))
	for name, err := range map[string]error{
		"Get": second(store.Get(t.Context(), "")), "Put": store.Put(t.Context(), "", []byte("record")), "Delete": store.Delete(t.Context(), ""),
	} {
		if err == nil || errors.Is(err, device.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.Header()) != 0 {
		t.Errorf("a cookie was set: %v", w.Header())
	}
}

// All users of a browser share one cookie. A browser keeps some 50 cookies of a host, and a
// server refuses a request with a long header.
func TestManyUsersOfOneBrowserHaveOneCookie(t *testing.T) {
	const users, maxLine = 25, 3 * 1024
	sealer, b := newSealer(t, app, [][]byte{newKey()}), newBrowser(t)
	name := func(i int) string { return fmt.Sprintf("%02048d", i) }
	for i := range users {
		b.wantDevice(t, sealer, name(i), "")
		lines := b.signIn(t, sealer, name(i), entry(i))["Set-Cookie"]
		if len(lines) != 1 || len(lines[0]) > maxLine {
			t.Fatalf("user %d: %d cookies, the first of %d bytes; want one of %d at most", i, len(lines), len(lines[0]), maxLine)
		}
		if len(b.cookies()) != 1 {
			t.Fatalf("user %d: the browser has %d cookies", i, len(b.cookies()))
		}
		b.wantDevice(t, sealer, name(i), entry(i).Key)
	}
	b.wantDevice(t, sealer, name(users-2), entry(users-2).Key)
	b.wantDevice(t, sealer, name(0), "")
}

func TestAttributesOfTheCookie(t *testing.T) {
	for _, insecure := range []bool{false, true} {
		sealer := newSealer(t, app, [][]byte{newKey()}, func(o *seal.Options) {
			o.Insecure, o.DeviceLifetime = insecure, time.Hour
		})
		b := newBrowser(t)
		lines := b.signIn(t, sealer, "ada@example.com", entry(1))["Set-Cookie"]
		lines = append(lines, b.visit(func(w http.ResponseWriter, r *http.Request) {
			if err := wallet(sealer, w, r).Remove(t.Context(), "ada@example.com", entry(1).Key); err != nil {
				t.Error(err)
			}
		})["Set-Cookie"]...)
		if len(lines) != 2 || len(b.cookies()) != 0 {
			t.Fatalf("cookies %q, of which %d are left; want one that is set and deleted", lines, len(b.cookies()))
		}
		for i, maxAge := range []int{3600, -1} {
			c, err := http.ParseSetCookie(lines[i])
			if err != nil {
				t.Fatal(err)
			}
			if c.Secure == insecure || strings.HasPrefix(c.Name, "__Host-") == insecure {
				t.Errorf("insecure is %v: %s", insecure, lines[i])
			}
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != maxAge {
				t.Errorf("want HttpOnly, SameSite=Lax, Path=/, no Domain and an age of %d: %s", maxAge, lines[i])
			}
			if strings.Contains(lines[i], "ada") {
				t.Errorf("the cookie tells the user's name: %s", lines[i])
			}
		}
	}
}

// A handler may call Device twice, for example for a sign-out and then a sign-in.
func TestHoldersOfOneRequestSeeEachOther(t *testing.T) {
	sealer, b := newSealer(t, app, [][]byte{newKey()}), newBrowser(t)
	b.signIn(t, sealer, "ada", entry(1))
	header := b.visit(func(w http.ResponseWriter, r *http.Request) {
		first, second := wallet(sealer, w, r), wallet(sealer, w, r)
		wantDevice(t, second, "ada", entry(1).Key)
		if err := first.Put(t.Context(), "bob", entry(2)); err != nil {
			t.Error(err)
		}
		wantDevice(t, second, "bob", entry(2).Key)
		if err := second.Remove(t.Context(), "ada", entry(1).Key); err != nil {
			t.Error(err)
		}
		wantDevice(t, first, "ada", "") // although the request has the cookie
		if err := first.Put(t.Context(), "carol", entry(3)); err != nil {
			t.Error(err)
		}
	})
	if lines := header["Set-Cookie"]; len(lines) != 1 {
		t.Errorf("the response sets %d cookies, want one: %q", len(lines), lines)
	}
	for name, key := range map[string]string{"ada": "", "bob": entry(2).Key, "carol": entry(3).Key} {
		b.wantDevice(t, sealer, name, key)
	}

	b.visit(func(w http.ResponseWriter, r *http.Request) {
		first, second := wallet(sealer, w, r), wallet(sealer, w, r)
		for name, i := range map[string]int{"bob": 2, "carol": 3} {
			if err := first.Remove(t.Context(), name, entry(i).Key); err != nil {
				t.Error(err)
			}
		}
		wantDevice(t, second, "bob", "") // the deletion counts, too
	})
	if left := b.cookies(); len(left) != 0 {
		t.Errorf("%d cookies are left", len(left))
	}
}

// Device leaves other cookies of the handler alone, also cookies that no browser accepts.
func TestOtherLinesOfTheResponseStay(t *testing.T) {
	sealer, b := newSealer(t, app, [][]byte{newKey()}), newBrowser(t)
	others := []string{"theme=dark; Path=/", "", "no cookie", "=;;\x00", "a b=c", "__Host-device-0=x; Path=/; Secure", "theme=light; Path=/app"}
	header := b.visit(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Set-Cookie"] = slices.Clone(others)
		for i, user := range []string{"ada", "bob", "ada"} {
			if err := wallet(sealer, w, r).Put(t.Context(), user, entry(i)); err != nil {
				t.Error(err)
			}
			wantDevice(t, wallet(sealer, w, r), user, entry(i).Key)
		}
	})
	lines := header["Set-Cookie"]
	if len(lines) != len(others)+1 || !slices.Equal(lines[:len(others)], others) {
		t.Errorf("Set-Cookie is %q, want %q and one more", lines, others)
	}
	header = b.visit(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Set-Cookie"] = append([]string{lines[len(others)]}, others...)
		for user, i := range map[string]int{"ada": 2, "bob": 1} {
			if err := wallet(sealer, w, r).Remove(t.Context(), user, entry(i).Key); err != nil {
				t.Error(err)
			}
		}
	})
	if lines := header["Set-Cookie"]; len(lines) != len(others)+1 || !slices.Equal(lines[:len(others)], others) {
		t.Errorf("after Remove, Set-Cookie is %q, want %q and one more", lines, others)
	}
}

// If the response deletes the cookie before a call of Device, the holder has no devices.
func TestCookieThatTheResponseDeletes(t *testing.T) {
	sealer, b := newSealer(t, app, [][]byte{newKey()}), newBrowser(t)
	b.signIn(t, sealer, "ada", entry(1))
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.Cookies() {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/", MaxAge: -1})
		}
		wantDevice(t, wallet(sealer, w, r), "ada", "")
	})
}

func TestCookiesThatDoNotOpen(t *testing.T) {
	clock := time.Now()
	now := func(o *seal.Options) { o.Now = func() time.Time { return clock } }
	keys := [][]byte{newKey()}
	sealer := newSealer(t, app, keys, now)
	otherApp := app
	otherApp.ClientID = "client2"
	for name, tt := range map[string]struct {
		sealer *seal.Sealer
		spoil  func(c *http.Cookie)
		after  time.Duration
		want   error
	}{
		"another key": {newSealer(t, app, [][]byte{newKey()}, now), nil, 0, seal.ErrKey},
		"another app": {newSealer(t, otherApp, keys, now), nil, 0, seal.ErrForeign},
		"expired":     {sealer, nil, 400 * 24 * time.Hour, seal.ErrExpired},
		"altered": {sealer, func(c *http.Cookie) {
			at := len(c.Value) / 2
			c.Value = c.Value[:at] + strings.Repeat("A", 4) + c.Value[at+4:]
		}, 0, seal.ErrForeign},
		"cut off":  {sealer, func(c *http.Cookie) { c.Value = c.Value[:20] }, 0, seal.ErrForm},
		"not ours": {sealer, func(c *http.Cookie) { c.Value = "dark" }, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			start := clock
			defer func() { clock = start }()
			b := newBrowser(t)
			b.signIn(t, sealer, "ada", entry(1))
			clock = clock.Add(tt.after)
			if tt.spoil != nil {
				c := b.cookies()[0]
				tt.spoil(c)
				c.Path = "/"
				b.SetCookies(b.host, []*http.Cookie{c})
			}
			b.visit(func(w http.ResponseWriter, r *http.Request) {
				wallet := wallet(tt.sealer, w, r)
				_, err := wallet.Find(t.Context(), "ada")
				if !errors.Is(err, device.ErrUnusable) || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("Find: error %v, want ErrUnusable and %v", err, tt.want)
				}
				if err != nil && strings.Contains(err.Error(), b.cookies()[0].Value) {
					t.Errorf("the error quotes the cookie: %v", err)
				}
				if err := wallet.Put(t.Context(), "bob", entry(2)); err != nil {
					t.Error(err)
				}
			})
			if n := len(b.cookies()); n != 1 {
				t.Errorf("the browser has %d cookies, want one that took the place of the other", n)
			}
			b.wantDevice(t, tt.sealer, "bob", entry(2).Key)
			b.wantDevice(t, tt.sealer, "ada", "")
		})
	}
}

// A renamed cookie does not open: the record is bound to its name.
func TestRenamedCookies(t *testing.T) {
	sealer := newSealer(t, app, [][]byte{newKey()})
	w := httptest.NewRecorder()
	store := sealer.Cookies(w, httptest.NewRequest("GET", "/", nil))
	for _, name := range []string{"ada", "bob"} {
		if err := store.Put(t.Context(), name, []byte("record")); err != nil {
			t.Fatal(err)
		}
	}
	set := w.Result().Cookies()
	forged := httptest.NewRequest("GET", "/", nil)
	forged.AddCookie(&http.Cookie{Name: set[1].Name, Value: set[0].Value})
	_, err := sealer.Cookies(httptest.NewRecorder(), forged).Get(t.Context(), "bob")
	if !errors.Is(err, device.ErrUnusable) || !errors.Is(err, seal.ErrForeign) {
		t.Errorf("error %v, want ErrUnusable and ErrForeign", err)
	}
}
