package device_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
)

func TestIDsAreReadBack(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{32}$`)
	seen := map[string]bool{}
	for range 200 {
		id := device.NewID()
		text := id.Reveal()
		if !form.MatchString(text) {
			t.Fatalf("an ID reads %q, want 32 letters, digits, hyphens and underscores", text)
		}
		if id.IsZero() || seen[text] {
			t.Fatal("an ID is zero, or came twice")
		}
		seen[text] = true
		read, err := device.ParseID(text)
		if err != nil || read.Reveal() != text {
			t.Fatalf("ParseID returned another ID, %v", err)
		}
	}
	if !(device.ID{}).IsZero() {
		t.Error("the zero ID is not zero")
	}
}

// Such texts come from configuration files, databases and sessions. If one of them were an
// ID, users would share a device.
func TestTextsThatAreNoIDs(t *testing.T) {
	id := device.NewID().Reveal()
	random := make([]byte, 24)
	for name, text := range map[string]string{
		"nothing":             "",
		"a constant":          "web",
		"a longer constant":   strings.Repeat("web_app-", 4),
		"all the same":        strings.Repeat("A", 32),
		"zero bytes":          base64.RawURLEncoding.EncodeToString(random),
		"the ID of a user":    "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
		"a user's ID, 32":     "0a1b2c3d4e5f6789abcdef0123456789",
		"what is printed":     fmt.Sprint(device.NewID()),
		"cut by one":          id[:31],
		"cut by a byte":       id[:28],
		"longer by one":       id + "A",
		"longer by a byte":    id + "AAAA",
		"twice":               id + id,
		"padded":              id + "=",
		"space in front":      " " + id,
		"line end":            id + "\n",
		"line end of Windows": id + "\r\n",
		"line end within":     id[:16] + "\n" + id[16:],
		"32 with line ends":   id[:30] + "\r\n",
		"line ends alone":     strings.Repeat("\n", 32),
		"no base64":           strings.Repeat("?", 32),
	} {
		got, err := device.ParseID(text)
		if err == nil || !got.IsZero() {
			t.Errorf("%s: ParseID(%q) returned an ID, %v", name, text, err)
			continue
		}
		if len(text) >= 28 && strings.Contains(err.Error(), text[:8]) {
			t.Errorf("%s: the error quotes the text: %v", name, err)
		}
	}
}

func TestAlteredIDs(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	id := device.NewID().Reveal()
	for at := range id {
		for _, other := range alphabet {
			if rune(id[at]) == other {
				continue
			}
			altered := id[:at] + string(other) + id[at+1:]
			if got, err := device.ParseID(altered); err == nil || !got.IsZero() {
				t.Fatalf("ParseID takes an ID with character %d changed", at)
			}
		}
	}
}

func TestNothingPrintsAnID(t *testing.T) {
	id := device.NewID()
	type config struct {
		Exported device.ID
		hidden   device.ID
		list     []device.ID
		byName   map[string]*device.ID
		holder   device.Holder
		wallet   device.Wallet
		any      any
	}
	holder := device.Browser(new(device.Memory), id)
	nested := config{id, id, []device.ID{id}, map[string]*device.ID{"k": &id}, holder, holder.Wallet("pool", "client"), id}
	for _, v := range []any{id, &id, holder, &holder, nested.wallet, &nested.wallet, nested, &nested} {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %t %e %c %U %p") {
			wantNoID(t, id, fmt.Sprintf(verb, v))
		}
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		wantNoID(t, id, out.String())
		if data, err := json.Marshal(v); err == nil {
			wantNoID(t, id, string(data))
		}
	}
	for out, want := range map[string]string{fmt.Sprint(id): "[redacted]", fmt.Sprintf("%+v", struct{ ID device.ID }{id}): "{ID:[redacted]}"} {
		if out != want {
			t.Errorf("an ID prints as %q, want %q", out, want)
		}
	}
}

// An ID in JSON reads with an error, and not as the zero ID.
func TestJSONDoesNotLoseAnID(t *testing.T) {
	type session struct{ Browser device.ID }
	data, err := json.Marshal(session{device.NewID()})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, new(session)); err == nil {
		t.Errorf("json.Unmarshal took %s for a session with an ID", data)
	}
}

// wantNoID looks for the ID as text, in hexadecimal and as decimal bytes.
func wantNoID(t *testing.T, id device.ID, out string) {
	t.Helper()
	for _, format := range []string{"%s", "%x", "%X", "%d"} {
		form := strings.Trim(fmt.Sprintf(format, []byte(id.Reveal())), "[]")
		if strings.Contains(out, form[:len(form)/2]) {
			t.Errorf("the ID is printed: %s", out)
		}
	}
}

// brought is an ID that a browser has brought back.
func brought(t *testing.T) device.ID {
	t.Helper()
	id, err := device.ParseID(device.NewID().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// One ID in a variable of the program, for all browsers, does not use devices.
func TestNewIDUsesNoDevice(t *testing.T) {
	store, id := new(device.Memory), device.NewID()
	fresh := device.Browser(store, id).Wallet(userPool, client)
	wantNoDevice(t, fresh, "ada")
	put(t, fresh, 0)
	if _, err := fresh.Find(t.Context(), user(0)); err == nil || errors.Is(err, device.ErrNotFound) || !strings.Contains(err.Error(), "ParseID") {
		t.Errorf("got %v, want an error that says what to do", err)
	}
	if _, err := fresh.FindKey(t.Context(), entry(0).Key); err != nil { // to confirm the device
		t.Error(err)
	}
	back, err := device.ParseID(id.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	wantDevice(t, device.Browser(store, back).Wallet(userPool, client), entry(0).Key, user(0))
}

// A device does not replace another one before the device is confirmed.
func TestUnconfirmedDeviceBesideAConfirmedOne(t *testing.T) {
	ctx, w := t.Context(), device.Machine(new(device.Memory)).Wallet(userPool, client)
	put(t, w, 0)
	for _, pending := range []device.Entry{entry(1), entry(2)} {
		pending.State = device.Unconfirmed
		if err := w.Put(ctx, user(0), pending, "alias"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.FindKey(ctx, entry(1).Key); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("two devices are unconfirmed: %v", err)
	}
	wantDevice(t, w, entry(0).Key, user(0))
	use(t, w, 0)
	pending, err := w.FindKey(ctx, entry(2).Key)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Change(ctx, pending, func(e *device.Entry) { e.State = device.Confirmed }); err != nil {
		t.Fatal(err)
	}
	wantDevice(t, w, entry(2).Key, user(0))
	wantDevice(t, w, entry(2).Key, "alias")
	if _, err := w.FindKey(ctx, entry(0).Key); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("the user has two devices: %v", err)
	}
}
