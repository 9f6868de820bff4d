package device_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
)

// carried is a store that one browser carries.
type carried struct{ device.Store }

func (carried) CarriedByBrowser() {}

// spy is a store that records the names of its calls and the data of its writes.
type spy struct {
	*device.Memory
	mu     sync.Mutex
	names  map[string]bool
	writes []string // the records, "" for a deletion
}

func newSpy() *spy { return &spy{Memory: new(device.Memory), names: map[string]bool{}} }

func (s *spy) note(name string, writes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name] = true
	s.writes = append(s.writes, writes...)
}

func (s *spy) Get(ctx context.Context, name string) ([]byte, error) {
	s.note(name)
	return s.Memory.Get(ctx, name)
}

func (s *spy) Put(ctx context.Context, name string, data []byte) error {
	s.note(name, string(data))
	return s.Memory.Put(ctx, name, data)
}

func (s *spy) Delete(ctx context.Context, name string) error {
	s.note(name, "")
	return s.Memory.Delete(ctx, name)
}

func (s *spy) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	s.note(name, string(new))
	return s.Memory.Swap(ctx, name, old, new)
}

// browserID is an ID that a browser has brought back.
func browserID(t *testing.T) device.ID {
	t.Helper()
	id, err := device.ParseID(device.NewID().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Browsers without an ID would share one record with its devices.
func TestHoldersThatCannotBeUsed(t *testing.T) {
	store := newSpy()
	for _, tt := range []struct {
		name    string
		holder  device.Holder
		missing string
	}{
		{"Machine without a store", device.Machine(nil), "store"},
		{"Machine without a directory", device.Machine(device.Dir("")), "path"},
		{"Browser without a store", device.Browser(nil, browserID(t)), "store"},
		{"new Browser without a store", device.Browser(nil, device.NewID()), "store"},
		{"Browser without an ID", device.Browser(store, device.ID{}), "ID"},
		{"Browser without anything", device.Browser(nil, device.ID{}), "store"},
		{"InBrowser without a store", device.InBrowser(nil), "store"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.holder.Validate()
			if want == nil || !strings.Contains(want.Error(), tt.missing) {
				t.Fatalf("Validate = %v, want an error that names the %s", want, tt.missing)
			}
			if tt.holder.IsZero() {
				t.Error("the holder counts as the zero Holder, which is valid")
			}
			w := tt.holder.Wallet(userPool, client)
			_, findErr := w.Find(t.Context(), "ada")
			_, keyErr := w.FindKey(t.Context(), entry(1).Key)
			for operation, err := range map[string]error{
				"Find": findErr, "FindKey": keyErr,
				"Put":    w.Put(t.Context(), "ada", entry(1)),
				"Change": w.Change(t.Context(), entry(1), func(*device.Entry) {}),
				"Remove": w.Remove(t.Context(), "ada", entry(1).Key),
			} {
				if !errors.Is(err, want) {
					t.Errorf("%s: error %v, want that of Validate", operation, err)
				}
			}
		})
	}
	if len(store.names) != 0 {
		t.Errorf("the store was asked for %v", store.names)
	}
}

func TestZeroHolder(t *testing.T) {
	var none device.Holder
	if err := none.Validate(); err != nil || !none.IsZero() || none.IsMachine() {
		t.Errorf("the zero Holder: Validate = %v, IsZero = %v, IsMachine = %v", err, none.IsZero(), none.IsMachine())
	}
	w := none.Wallet(userPool, client)
	for range 2 {
		if e, err := w.Find(t.Context(), "ada", "bob"); !errors.Is(err, device.ErrNotFound) {
			t.Errorf("Find = %v, %v, want ErrNotFound", e, err)
		}
		if e, err := w.FindKey(t.Context(), entry(1).Key); !errors.Is(err, device.ErrNotFound) {
			t.Errorf("FindKey = %v, %v, want ErrNotFound", e, err)
		}
		for operation, err := range map[string]error{
			"Put":    w.Put(t.Context(), "ada", entry(1), "bob"),
			"Change": w.Change(t.Context(), entry(1), func(*device.Entry) { t.Error("Change edits a device of nobody") }),
			"Remove": w.Remove(t.Context(), "ada", entry(1).Key),
		} {
			if err != nil {
				t.Errorf("%s: %v", operation, err)
			}
		}
	}
}

func TestWhatAHolderIs(t *testing.T) {
	var store device.Memory
	for _, tt := range []struct {
		name    string
		holder  device.Holder
		machine bool
	}{
		{"Machine", device.Machine(&store), true},
		{"Browser", device.Browser(&store, browserID(t)), false},
		{"new Browser", device.Browser(&store, brought(t)), false},
		{"InBrowser", device.InBrowser(carried{&store}), false},
	} {
		if err := tt.holder.Validate(); err != nil || tt.holder.IsZero() || tt.holder.IsMachine() != tt.machine {
			t.Errorf("%s: Validate = %v, IsZero = %v, IsMachine = %v", tt.name, err, tt.holder.IsZero(), tt.holder.IsMachine())
		}
	}
}

// One store serves all browsers of a backend, whose users are the same.
func TestWalletsOfOneStoreAreApart(t *testing.T) {
	store := newSpy()
	ada := device.Browser(store, browserID(t))
	wallets := map[string]device.Wallet{
		"a browser":       ada.Wallet(userPool, client),
		"another browser": device.Browser(store, browserID(t)).Wallet(userPool, client),
		"the machine":     device.Machine(store).Wallet(userPool, client),
		"another client":  ada.Wallet(userPool, client+"2"),
		"another pool":    ada.Wallet(userPool+"2", client),
	}
	i := 0
	want := map[string]string{}
	for name, w := range wallets {
		wantNoDevice(t, w, "ada")
		wantNoDevice(t, w, "alias")
		i++
		want[name] = entry(i).Key
		if err := w.Put(t.Context(), "ada", entry(i), "alias"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	written := map[string]bool{}
	for name := range store.names {
		if _, err := store.Memory.Get(t.Context(), name); err == nil {
			written[name] = true
		} else if !errors.Is(err, device.ErrNotFound) {
			t.Fatal(err)
		}
	}
	if len(written) != len(wallets) {
		t.Errorf("%d records for %d wallets: %v", len(written), len(wallets), written)
	}
	for name, w := range wallets {
		t.Run(name, func(t *testing.T) {
			wantDevice(t, w, want[name], "ada")
			wantDevice(t, w, want[name], "alias")
		})
	}
	if err := wallets["a browser"].Remove(t.Context(), "ada", want["a browser"]); err != nil {
		t.Fatal(err)
	}
	wantNoDevice(t, wallets["a browser"], "ada")
	wantDevice(t, wallets["another browser"], want["another browser"], "ada")
}

// The names of records in a backend's store reveal no ID of a browser and no name of a user.
func TestStoreSeesNeitherIDsNorNames(t *testing.T) {
	store, id := newSpy(), browserID(t)
	// No digits of a hash spell the user's name.
	w := device.Browser(store, id).Wallet(userPool, client)
	if err := w.Put(t.Context(), "zoë@example.com", entry(1), "zoë-alias"); err != nil {
		t.Fatal(err)
	}
	wantDevice(t, w, entry(1).Key, "zoë-alias")
	if len(store.names) != 1 || len(store.writes) != 1 {
		t.Fatalf("%d names and %d writes, want one of each", len(store.names), len(store.writes))
	}
	for name := range store.names {
		for _, seen := range []string{name, store.writes[0]} {
			wantNoID(t, id, seen)
			if strings.Contains(seen, "zoë") {
				t.Errorf("the store sees the user's name: %s", seen)
			}
		}
	}
}

// With one ID in a variable of the program, all users would share a browser.
func TestIDThatWasJustMadeUsesNoDevice(t *testing.T) {
	var store device.Memory
	id := device.NewID()
	w := device.Browser(&store, id).Wallet(userPool, client)
	wantNoDevice(t, w, "ada")
	if err := w.Put(t.Context(), "ada", entry(1)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ada", "bob"} {
		e, err := w.Find(t.Context(), name)
		if e.Key != "" || err == nil || errors.Is(err, device.ErrNotFound) || !strings.Contains(err.Error(), "ParseID") {
			t.Errorf("Find(%s) = %q, %v, want an error that names ParseID", name, e.Key, err)
		}
		if err != nil {
			wantNoID(t, id, err.Error())
		}
	}
	if e, err := w.FindKey(t.Context(), entry(1).Key); err != nil || e.Key != entry(1).Key { // to confirm it
		t.Errorf("FindKey = %q, %v", e.Key, err)
	}

	read, err := device.ParseID(id.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	wantDevice(t, device.Browser(&store, read).Wallet(userPool, client), entry(1).Key, "ada")
}
