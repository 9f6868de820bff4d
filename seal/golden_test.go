package seal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/golden"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/store"
)

const (
	sealFormat    = "seal-v1"
	goldenSession = "golden-session-0123456789"
)

var goldenTime = time.Unix(1_700_000_000, 0)

// goldenSealer has a key that is no secret, and a clock at the golden time.
func goldenSealer(t testing.TB) *seal.Sealer {
	return newSealer(t, app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)}, func(o *seal.Options) {
		o.Now = func() time.Time { return goldenTime }
	})
}

// goldenID is that of a browser that does not exist.
const goldenID = "Z29sZGVuIGJyb3dzZXIgbm8u9ixHiNUy"

// goldenDevice is the device of ada in the golden cookie and the golden record.
var goldenDevice = entry(7)

// sealed has for each kind of string the function that makes the string, and the function
// with which a later release goes on. A line end follows a string.
var sealed = map[string]struct {
	made  func(*testing.T, *seal.Sealer) string
	check func(*testing.T, *seal.Sealer, string) error
}{
	"prompt": {
		func(t *testing.T, s *seal.Sealer) string {
			d := goldenDriver(t)
			step, err := d.Start(t.Context(), flow.UserAuth{Username: "ada"})
			return must(t, s, step.Prompt, err)
		},
		func(t *testing.T, s *seal.Sealer, text string) error {
			p, err := s.OpenPrompt(text, binding)
			if err != nil {
				return err
			}
			if c := p.Challenge(); c.Name != challenge.EmailOTP || c.Username != "ada" || c.Delivery().Destination != "a***@e***" {
				t.Errorf("the prompt asks %+v", c)
			}
			_, err = goldenDriver(t).Respond(t.Context(), p, challenge.Code("123456"))
			return err
		},
	},
	"sign-up": {
		func(t *testing.T, s *seal.Sealer) string {
			text, err := s.SignUp(signUp(t, goldenSession, goldenTime), binding)
			if err != nil {
				t.Fatal(err)
			}
			return text
		},
		func(t *testing.T, s *seal.Sealer, text string) error {
			opened, err := s.OpenSignUp(text, binding)
			if err == nil && (opened.SignIn().Session.Reveal() != goldenSession || opened.Username() != "bea@example.com") {
				t.Errorf("the sign-up is of %q", opened.Username())
			}
			return err
		},
	},
	"of-the-caller": {
		func(t *testing.T, s *seal.Sealer) string {
			return s.Seal("tokens", []byte("golden data"), binding, goldenTime.Add(time.Hour))
		},
		func(t *testing.T, s *seal.Sealer, text string) error {
			data, err := s.Open("tokens", text, binding)
			if err == nil && string(data) != "golden data" {
				t.Errorf("the data are %q", data)
			}
			return err
		},
	},
	"device-cookie": { // with the name of the cookie
		func(t *testing.T, s *seal.Sealer) string {
			b := newBrowser(t)
			b.signIn(t, s, "ada", goldenDevice)
			c := b.cookies()[0]
			return c.Name + "=" + c.Value
		},
		func(t *testing.T, s *seal.Sealer, text string) error {
			b := newBrowser(t)
			name, value, _ := strings.Cut(text, "=")
			b.SetCookies(b.host, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
			b.signIn(t, s, "bob", entry(8))
			b.wantDevice(t, s, "ada", goldenDevice.Key)
			_, err := wallet(s, httptest.NewRecorder(), b.request()).Find(t.Context(), "ada")
			return err
		},
	},
	"device-record": { // with the name of the record in the shared store
		func(t *testing.T, s *seal.Sealer) string {
			shared := &spied{Memory: store.Memory{Now: func() time.Time { return goldenTime }}}
			if err := storedWallet(t, s, shared).Put(t.Context(), "ada", goldenDevice); err != nil {
				t.Fatal(err)
			}
			got, err := shared.Get(t.Context(), shared.name)
			if err != nil {
				t.Fatal(err)
			}
			return shared.name + "=" + string(got.Data)
		},
		func(t *testing.T, s *seal.Sealer, text string) error {
			shared := new(store.Memory)
			name, data, _ := strings.Cut(text, "=")
			if _, err := shared.Put(t.Context(), name, []byte(data), "", time.Time{}); err != nil {
				return err
			}
			e, err := storedWallet(t, s, shared).Find(t.Context(), "ada")
			if err == nil && e.Key != goldenDevice.Key {
				t.Errorf("the device is %q", e.Key)
			}
			return err
		},
	},
}

// spied is a store that notes the name of its record.
type spied struct {
	store.Memory
	name string
}

func (s *spied) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	s.name = name
	return s.Memory.Put(ctx, name, data, version, expires)
}

func storedWallet(t *testing.T, s *seal.Sealer, shared store.Store) device.Wallet {
	t.Helper()
	id, err := device.ParseID(goldenID)
	if err != nil {
		t.Fatal(err)
	}
	return device.Browser(s.DeviceStore(shared), id).Wallet(app.UserPoolID, app.ClientID)
}

func goldenDriver(t *testing.T) *flow.Driver {
	t.Helper()
	service := asks{"EMAIL_OTP", map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}, goldenSession}
	d, err := flow.New(service, app, func(o *flow.Options) { o.Now = func() time.Time { return goldenTime } })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func must(t *testing.T, s *seal.Sealer, p *flow.Prompt, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Prompt(p, binding)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestGoldenSeals(t *testing.T) {
	var names []string
	for name, tt := range sealed {
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			s := goldenSealer(t)
			data := golden.Data(t, sealFormat, name, func(t *testing.T) []byte { return []byte(tt.made(t, s) + "\n") })
			if err := tt.check(t, s, strings.TrimSpace(string(data))); err != nil {
				golden.Broke(t, sealFormat, name, "%v", err)
			}
			if t.Failed() {
				golden.Broke(t, sealFormat, name, "see above")
			}
		})
	}
	golden.Covered(t, sealFormat, names...)
}

// FuzzOpen opens any text. A text that opens has the sealed content.
func FuzzOpen(f *testing.F) {
	golden := goldenText(f, "prompt")
	f.Add(golden, string(binding))
	f.Add(golden, "another browser")
	f.Add(golden[:len(golden)/2], string(binding))
	f.Add(goldenText(f, "sign-up"), string(binding))
	sealer := goldenSealer(f)
	f.Fuzz(func(t *testing.T, text, bound string) {
		p, err := sealer.OpenPrompt(text, []byte(bound))
		if (p == nil) == (err == nil) {
			t.Fatalf("got %v and %v", p, err)
		}
		if err == nil && (text != golden || bound != string(binding)) {
			t.Errorf("opened what was never sealed: %q", text)
		}
	})
}

func goldenText(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", sealFormat, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

// FuzzDeviceCookie takes any Cookie header of a browser.
func FuzzDeviceCookie(f *testing.F) {
	text := goldenText(f, "device-cookie")
	f.Add(text)
	f.Add(text[:len(text)-4])
	name, _, _ := strings.Cut(text, "=")
	f.Add(name + "=" + base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{1}, 60)))
	f.Add(name + `="x"; ` + text)
	sealer := goldenSealer(f)
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "https://app.example.com/", nil)
		r.Header["Cookie"] = []string{header}
		w := httptest.NewRecorder()
		e, err := wallet(sealer, w, r).Find(t.Context(), "ada")
		if err == nil && (e.Key != goldenDevice.Key || !strings.Contains(header, name)) {
			t.Fatalf("found %q in %q", e.Key, header)
		}
		if err := wallet(sealer, w, r).Put(t.Context(), "bob", entry(8)); err != nil {
			t.Fatalf("Put: %v", err)
		}
		wantDevice(t, wallet(sealer, w, r), "bob", entry(8).Key)
	})
}
