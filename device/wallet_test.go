package device_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/secret"
)

const (
	userPool   = "eu-central-1_Ab12Cd34E"
	client     = "1example23456789"
	maxDevices = 8    // of device.Wallet
	maxRecord  = 2048 // of device.Store
)

// entry is the device with this number. The keys and the password of the device are as long
// as those of a pool in the region with the longest name.
func entry(i int) device.Entry {
	return device.Entry{Credentials: device.Credentials{
		Key:      fmt.Sprintf("ap-southeast-1_%08x-4e5f-6789-abcd-ef0123456789", i),
		GroupKey: "-Ex_mple1",
		Password: secret.New(fmt.Sprintf("%055d=", i)),
	}}
}

func user(i int) string { return fmt.Sprint("user ", i) }

// wantDevice wants the names to lead to the device with this key.
func wantDevice(t *testing.T, w device.Wallet, key string, names ...string) device.Entry {
	t.Helper()
	e, err := w.Find(t.Context(), names...)
	if err != nil || e.Key != key {
		t.Errorf("Find(%.80q) = %q, %v, want %q", names, e.Key, err, key)
	}
	return e
}

func wantNoDevice(t *testing.T, w device.Wallet, names ...string) {
	t.Helper()
	if e, err := w.Find(t.Context(), names...); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("Find(%.80q) = %q, %v, want ErrNotFound", names, e.Key, err)
	}
}

// wantKey wants the wallet to have the device with this key, or not.
func wantKey(t *testing.T, w device.Wallet, key string, want bool) device.Entry {
	t.Helper()
	e, err := w.FindKey(t.Context(), key)
	if err != nil && !errors.Is(err, device.ErrNotFound) || (err == nil) != want || want && e.Key != key {
		t.Errorf("FindKey(%q) = %q, %v; want a device: %v", key, e.Key, err, want)
	}
	return e
}

// pending is the device with this number before ConfirmDevice.
func pending(i int) device.Entry {
	e := entry(i)
	e.State = device.Unconfirmed
	return e
}

// put keeps devices of users, the one with number i for user i.
func put(t *testing.T, w device.Wallet, numbers ...int) {
	t.Helper()
	for _, i := range numbers {
		if err := w.Put(t.Context(), user(i), entry(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// use has the device of user i be the last used one.
func use(t *testing.T, w device.Wallet, i int) {
	t.Helper()
	e := wantDevice(t, w, entry(i).Key, user(i))
	if err := w.Change(t.Context(), e, func(e *device.Entry) { e.Used = time.Unix(1_700_000_000, 0) }); err != nil {
		t.Fatal(err)
	}
}

// plain is a store that is no Swapper.
type plain struct{ device.Store }

// stores are of the two kinds that a wallet can be in.
func stores() map[string]device.Store {
	return map[string]device.Store{"a Swapper": new(device.Memory), "no Swapper": plain{new(device.Memory)}}
}

func TestEntriesAreReadBack(t *testing.T) {
	for kind, store := range stores() {
		for _, state := range []device.State{device.Confirmed, device.Unconfirmed, device.Suspect} {
			w := device.Machine(store).Wallet(userPool, client)
			e := entry(1)
			e.State, e.Used = state, time.Date(2026, 11, 26, 19, 22, 57, 999, time.UTC)
			if err := w.Put(t.Context(), "ada", e); err != nil {
				t.Fatal(err)
			}
			got := wantDevice(t, w, e.Key, "ada")
			if got.GroupKey != e.GroupKey || got.Password.Reveal() != e.Password.Reveal() || got.State != state {
				t.Errorf("%s: Find = %+v, want %+v", kind, got, e)
			}
			if want := e.Used.Truncate(time.Second); !got.Used.Equal(want) {
				t.Errorf("%s: used at %v, want %v", kind, got.Used, want)
			}
			if !w.IsOf(got, "ada") || w.IsOf(got, "Ada") || w.IsOf(got, "") {
				t.Errorf("%s: IsOf does not tell users apart", kind)
			}
		}
		w := device.Machine(store).Wallet(userPool, client)
		put(t, w, 2)
		if got := wantDevice(t, w, entry(2).Key, user(2)); !got.Used.IsZero() {
			t.Errorf("%s: a device that was never used is of %v", kind, got.Used)
		}
	}
}

func TestPutReplacesTheDeviceOfTheUser(t *testing.T) {
	w := device.Machine(new(device.Memory)).Wallet(userPool, client)
	put(t, w, 1, 2)
	if err := w.Put(t.Context(), user(1), entry(3), "alias"); err != nil {
		t.Fatal(err)
	}
	if err := w.Put(t.Context(), user(1), entry(4)); err != nil {
		t.Fatal(err)
	}
	wantDevice(t, w, entry(4).Key, user(1))
	wantDevice(t, w, entry(4).Key, "alias") // which the first device has led to
	wantDevice(t, w, entry(2).Key, user(2))
}

// The pool may not know a device before ConfirmDevice has succeeded. Until then the user
// signs in with the other device.
func TestUnconfirmedDevices(t *testing.T) {
	ctx := t.Context()
	confirm := func(e *device.Entry) { e.State = device.Confirmed }
	for name, tt := range map[string]struct {
		then func(w device.Wallet) error
		want int    // the device that Find returns
		kept []int  // all devices of ada
		lost string // the alias that leads nowhere
	}{
		"alone":                      {func(device.Wallet) error { return nil }, 1, []int{1, 3}, ""},
		"another is enrolled":        {func(w device.Wallet) error { return w.Put(ctx, "ada", pending(4)) }, 1, []int{1, 4}, ""},
		"the same is enrolled again": {func(w device.Wallet) error { return w.Put(ctx, "ada", pending(3)) }, 1, []int{1, 3}, ""},
		"confirmed": {func(w device.Wallet) error {
			return w.Change(ctx, wantKey(t, w, entry(3).Key, true), confirm)
		}, 3, []int{3}, ""},
		"another is confirmed at once": {func(w device.Wallet) error { return w.Put(ctx, "ada", entry(4)) }, 4, []int{4}, ""},
		"the other is used": {func(w device.Wallet) error {
			return w.Change(ctx, wantKey(t, w, entry(1).Key, true), func(e *device.Entry) { e.Used = time.Unix(1_700_000_000, 0) })
		}, 1, []int{1, 3}, ""},
		"the other is refused": {func(w device.Wallet) error {
			return w.Change(ctx, wantKey(t, w, entry(1).Key, true), func(e *device.Entry) { e.State = device.Suspect })
		}, 1, []int{1, 3}, ""},
		"the other is removed": {func(w device.Wallet) error { return w.Remove(ctx, "ada", entry(1).Key) }, 3, []int{3}, "old"},
		"removed":              {func(w device.Wallet) error { return w.Remove(ctx, "ada", entry(3).Key) }, 1, []int{1}, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			w := device.Machine(new(device.Memory)).Wallet(userPool, client)
			for _, err := range []error{
				w.Put(ctx, "ada", entry(1), "old"), w.Put(ctx, "bob", entry(2)), w.Put(ctx, "ada", pending(3), "new"), tt.then(w),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			for i := range 5 {
				wantKey(t, w, entry(i).Key, i == 2 || slices.Contains(tt.kept, i))
			}
			wantDevice(t, w, entry(tt.want).Key, "ada")
			for _, alias := range []string{"old", "new"} {
				if alias == tt.lost {
					wantNoDevice(t, w, alias)
				} else {
					wantDevice(t, w, entry(tt.want).Key, alias)
				}
			}
		})
	}
}

// The aliases of an entry of one user stay with that user.
func TestEntryThatIsPutForAnotherUser(t *testing.T) {
	w := device.Machine(new(device.Memory)).Wallet(userPool, client)
	if err := w.Put(t.Context(), "ada", entry(1), "info"); err != nil {
		t.Fatal(err)
	}
	found := wantDevice(t, w, entry(1).Key, "ada")
	if err := w.Put(t.Context(), "bob", found); err != nil {
		t.Fatal(err)
	}
	if e := wantDevice(t, w, entry(1).Key, "info"); !w.IsOf(e, "ada") {
		t.Error("the alias of one user leads to another one")
	}
	if e := wantDevice(t, w, entry(1).Key, "bob"); !w.IsOf(e, "bob") {
		t.Error("the device is not that of the user it was put for")
	}
}

func TestIncompleteDevicesAreNotKept(t *testing.T) {
	store := newSpy()
	w := device.Machine(store).Wallet(userPool, client)
	put(t, w, 1, 2)
	before := len(store.writes)
	for name, spoil := range map[string]func(*device.Entry){
		"no key":            func(e *device.Entry) { e.Key = "" },
		"no group key":      func(e *device.Entry) { e.GroupKey = "" },
		"no password":       func(e *device.Entry) { e.Password = secret.String{} },
		"a group key of 56": func(e *device.Entry) { e.GroupKey = strings.Repeat("g", 56) },
	} {
		e := entry(3)
		spoil(&e)
		for operation, err := range map[string]error{
			"Put":    w.Put(t.Context(), "ada", e),
			"Change": w.Change(t.Context(), wantDevice(t, w, entry(1).Key, user(1)), spoil),
		} {
			if !errors.Is(err, device.ErrUnusable) {
				t.Errorf("%s, %s: error %v, want ErrUnusable", operation, name, err)
			}
		}
	}
	if len(store.writes) != before {
		t.Errorf("%d writes", len(store.writes)-before)
	}
	wantDevice(t, w, entry(1).Key, user(1))
	wantDevice(t, w, entry(2).Key, user(2))
}

func TestNamesThatLeadToADevice(t *testing.T) {
	w := device.Machine(new(device.Memory)).Wallet(userPool, client)
	ctx := t.Context()
	for _, err := range []error{
		w.Put(ctx, "ada", entry(1), "ada@example.com", "bob"), // bob is the alias of one and the name of another
		w.Put(ctx, "bob", entry(2), "bob@example.com"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		names []string
		want  int
	}{
		{[]string{"ada"}, 1},
		{[]string{"bob"}, 2},
		{[]string{"ada@example.com"}, 1},
		{[]string{"ada", "bob"}, 1},
		{[]string{"bob", "ada"}, 2},
		{[]string{"nobody", "ada"}, 1},
		{[]string{"", "ada"}, 1},
		{[]string{"ada@example.com", "bob@example.com"}, 1},
		{[]string{"bob@example.com", "ada@example.com"}, 2},
		{[]string{"ada@example.com", "bob"}, 2}, // a user before an alias
	} {
		wantDevice(t, w, entry(tt.want).Key, tt.names...)
	}
	wantNoDevice(t, w)
	wantNoDevice(t, w, "")
	wantNoDevice(t, w, "Ada", "ada ", "bob@example.co")
}

// An address that another user has by now leads to that user alone.
func TestAliasesMove(t *testing.T) {
	for name, move := range map[string]func(device.Wallet) error{
		"Put": func(w device.Wallet) error { return w.Put(t.Context(), user(2), entry(2), "info") },
		"Change": func(w device.Wallet) error {
			return w.Change(t.Context(), wantDevice(t, w, entry(2).Key, user(2)), func(*device.Entry) {}, "info")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := device.Machine(new(device.Memory)).Wallet(userPool, client)
			put(t, w, 2)
			if err := w.Put(t.Context(), user(1), entry(1), "info"); err != nil {
				t.Fatal(err)
			}
			wantDevice(t, w, entry(1).Key, "info")
			if err := move(w); err != nil {
				t.Fatal(err)
			}
			wantDevice(t, w, entry(2).Key, "info")
			if err := w.Remove(t.Context(), user(2), entry(2).Key); err != nil {
				t.Fatal(err)
			}
			wantNoDevice(t, w, "info") // also not to the first user again
			wantDevice(t, w, entry(1).Key, user(1))
		})
	}
}

// A record has room for three aliases of a user.
func TestLastThreeAliasesLead(t *testing.T) {
	w := device.Machine(new(device.Memory)).Wallet(userPool, client)
	for _, aliases := range [][]string{{"a"}, {"b"}, {"c"}, {"b", "b", "", user(1)}, {"d"}} {
		if err := w.Put(t.Context(), user(1), entry(1), aliases...); err != nil {
			t.Fatal(err)
		}
	}
	wantNoDevice(t, w, "a")
	for _, alias := range []string{"b", "c", "d"} {
		wantDevice(t, w, entry(1).Key, alias)
	}
}

func TestLeastRecentlyUsedDeviceGoesFirst(t *testing.T) {
	w := device.Machine(new(device.Memory)).Wallet(userPool, client)
	put(t, w, 0, 1, 2, 3, 4, 5, 6, 7)
	for i := range maxDevices {
		wantDevice(t, w, entry(i).Key, user(i)) // Find does not count as a use
	}
	use(t, w, 0)
	put(t, w, 2)
	for _, step := range []struct{ in, out int }{{8, 1}, {9, 3}, {10, 4}, {11, 5}, {12, 6}, {13, 7}, {14, 0}, {15, 2}} {
		put(t, w, step.in)
		wantNoDevice(t, w, user(step.out))
		wantDevice(t, w, entry(step.in).Key, user(step.in))
	}
	for i := range maxDevices {
		wantDevice(t, w, entry(8+i).Key, user(8+i))
	}
}

// fill puts devices with names and aliases of the greatest length. fill returns the number
// of devices that are kept, and the size of the longest record.
func fill(t *testing.T, deviceOf func(i int) device.Entry) (kept, longest int) {
	t.Helper()
	const users = 12
	store := newSpy()
	w := device.Machine(store).Wallet(userPool, client)
	long := func(kind string, i int) string { return fmt.Sprintf("%s%0*d", kind, 2048-len(kind), i) }
	for i := range users {
		if err := w.Put(t.Context(), long("u", i), deviceOf(i), long("a", i), long("b", i), long("c", i)); err != nil {
			t.Fatal(err)
		}
		e := wantDevice(t, w, deviceOf(i).Key, long("u", i))
		if e.Password.Reveal() != deviceOf(i).Password.Reveal() || e.GroupKey != deviceOf(i).GroupKey {
			t.Errorf("the device of user %d is kept as another", i)
		}
		wantDevice(t, w, deviceOf(i).Key, long("a", i))
	}
	for _, record := range store.writes {
		longest = max(longest, len(record))
	}
	for i := range users {
		if _, err := w.Find(t.Context(), long("u", i)); err == nil {
			kept++
		}
	}
	return kept, longest
}

// A browser drops a cookie that is too long, and with it all devices.
func TestRecordsNeverExceedTheSizeOfAStore(t *testing.T) {
	const maxKey = 55
	longest := func(groupKey string) func(int) device.Entry {
		return func(i int) device.Entry {
			return device.Entry{State: device.Unconfirmed, Used: time.Unix(1<<33, 0), Credentials: device.Credentials{
				Key: fmt.Sprintf("us_%052x", i), GroupKey: groupKey, Password: secret.New(fmt.Sprintf("%056d", i)),
			}}
		}
	}
	if e := longest("g")(0); len(e.Key) != maxKey || e.Validate() != nil {
		t.Fatalf("not the longest key: %v", e.Validate())
	}
	most := 0
	for size := range maxKey {
		for _, groupKey := range []string{strings.Repeat("g", 1+size), strings.Repeat("<", 1+size)} { // "<" takes six bytes of JSON
			_, record := fill(t, longest(groupKey))
			if record > maxRecord {
				t.Errorf("a group key of %d %q: a record of %d bytes", 1+size, groupKey[:1], record)
			}
			most = max(most, record)
		}
	}
	if most <= maxRecord-maxDevices { // a longer group key adds a byte for each device
		t.Errorf("the longest record has %d bytes: the limit was not tried", most)
	}
}

func TestEightDevicesOfTheUsualSizeFit(t *testing.T) {
	kept, record := fill(t, func(i int) device.Entry {
		e := entry(i)
		e.State, e.Used = device.Unconfirmed, time.Unix(1_700_000_000, 0)
		return e
	})
	if kept != maxDevices || record > maxRecord {
		t.Errorf("%d devices are kept in %d bytes, want %d in %d at most", kept, record, maxDevices, maxRecord)
	}
}

func TestDeviceThatDoesNotFit(t *testing.T) {
	w := device.Machine(new(device.Memory)).Wallet(userPool, client)
	put(t, w, 1)
	e := entry(2)
	e.Password = secret.New(strings.Repeat("s3cret", 400))
	if err := w.Put(t.Context(), user(2), e); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v, want one without the password", err)
	}
	wantDevice(t, w, entry(1).Key, user(1))
	wantNoDevice(t, w, user(2))
}

func TestChangeIsForTheDeviceThatWasFound(t *testing.T) {
	store := newSpy()
	w := device.Machine(store).Wallet(userPool, client)
	put(t, w, 1, 2)
	found := wantDevice(t, w, entry(1).Key, user(1))
	if err := w.Put(t.Context(), user(1), entry(3)); err != nil { // another process has enrolled another device meanwhile
		t.Fatal(err)
	}
	before := len(store.writes)
	spoil := func(*device.Entry) { t.Error("another device is edited") }
	if err := w.Change(t.Context(), found, spoil, "alias"); err != nil {
		t.Error(err)
	}
	other := wantDevice(t, w, entry(2).Key, user(2))
	other.Key = entry(3).Key // that of another user
	if err := w.Change(t.Context(), other, spoil, "alias"); err != nil {
		t.Error(err)
	}
	if len(store.writes) != before {
		t.Errorf("%d writes", len(store.writes)-before)
	}
	wantNoDevice(t, w, "alias")
	if e := wantDevice(t, w, entry(3).Key, user(1)); e.State != device.Confirmed {
		t.Errorf("the state of the present device is %q", e.State)
	}
}

func TestChangeEdits(t *testing.T) {
	for kind, store := range stores() {
		w := device.Machine(store).Wallet(userPool, client)
		put(t, w, 1, 2)
		used := time.Unix(1_700_000_000, 0)
		edit := func(e *device.Entry) { e.State, e.Used = device.Suspect, used }
		if err := w.Change(t.Context(), wantDevice(t, w, entry(1).Key, user(1)), edit, "alias"); err != nil {
			t.Fatal(err)
		}
		if e := wantDevice(t, w, entry(1).Key, "alias"); e.State != device.Suspect || !e.Used.Equal(used) {
			t.Errorf("%s: %q, used at %v", kind, e.State, e.Used)
		}
		if e := wantDevice(t, w, entry(2).Key, user(2)); e.State != device.Confirmed || !e.Used.IsZero() {
			t.Errorf("%s: the other device is %q, used at %v", kind, e.State, e.Used)
		}
	}
}

// A call that changes nothing does not write.
func TestChangesThatChangeNothing(t *testing.T) {
	memory := newSpy()
	for kind, store := range map[string]device.Store{"a Swapper": memory, "no Swapper": plain{memory}} {
		w := device.Machine(store).Wallet(userPool, client)
		if err := w.Put(t.Context(), user(1), entry(1), "alias"); err != nil {
			t.Fatal(err)
		}
		found := wantDevice(t, w, entry(1).Key, user(1))
		before := len(memory.writes)
		for operation, err := range map[string]error{
			"Change":                   w.Change(t.Context(), found, func(*device.Entry) {}),
			"Change of the same alias": w.Change(t.Context(), found, func(*device.Entry) {}, "alias"),
			"Put":                      w.Put(t.Context(), user(1), entry(1), "alias"),
			"Remove":                   w.Remove(t.Context(), user(2), entry(2).Key, "alias 2"),
		} {
			if err != nil {
				t.Errorf("%s, %s: %v", kind, operation, err)
			}
		}
		if n := len(memory.writes) - before; n != 0 {
			t.Errorf("%s: %d writes, want none", kind, n)
		}
	}
}

func TestRemoveIsForUserAndKey(t *testing.T) {
	for kind, store := range stores() {
		t.Run(kind, func(t *testing.T) {
			w := device.Machine(store).Wallet(userPool, client)
			ctx := t.Context()
			for _, err := range []error{
				w.Put(ctx, "ada", entry(1), "a", "info"),
				w.Put(ctx, "bob", entry(2), "b"),
				w.Remove(ctx, "ada", entry(2).Key),         // bob's device
				w.Remove(ctx, "ada", entry(3).Key, "info"), // of no user
				w.Remove(ctx, "ada@example.com", entry(1).Key),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			wantDevice(t, w, entry(1).Key, "ada")
			wantDevice(t, w, entry(1).Key, "info")
			wantDevice(t, w, entry(2).Key, "bob")

			// The pool has told that info is bob by now: ada's device stays.
			if err := w.Remove(ctx, "bob", entry(1).Key, "info", "b"); err != nil {
				t.Fatal(err)
			}
			wantNoDevice(t, w, "info")
			wantDevice(t, w, entry(1).Key, "ada")
			wantDevice(t, w, entry(1).Key, "a")
			wantDevice(t, w, entry(2).Key, "b")

			if err := w.Remove(ctx, "ada", entry(1).Key); err != nil {
				t.Fatal(err)
			}
			wantNoDevice(t, w, "ada", "a")
			wantDevice(t, w, entry(2).Key, "bob")
		})
	}
}

func TestLastRemovedDeviceLeavesNoRecord(t *testing.T) {
	for kind, plainly := range map[string]bool{"a Swapper": false, "no Swapper": true} {
		memory := newSpy()
		var store device.Store = memory
		if plainly {
			store = plain{memory}
		}
		w := device.Machine(store).Wallet(userPool, client)
		put(t, w, 1)
		if err := w.Remove(t.Context(), user(1), entry(1).Key); err != nil {
			t.Fatal(err)
		}
		for name := range memory.names {
			if data, err := memory.Memory.Get(t.Context(), name); !errors.Is(err, device.ErrNotFound) {
				t.Errorf("%s: the store has %q under %q, %v", kind, data, name, err)
			}
		}
		put(t, w, 2)
		wantDevice(t, w, entry(2).Key, user(2))
	}
}

// unusable are records that are not the record of a wallet. Some of them have a password.
var unusable = map[string]string{
	"nothing":         ``,
	"torn":            `{"version":2,"devices":[{"k":"` + key + `","p":"` + password,
	"not an object":   `"` + password + `"`,
	"null":            `null`,
	"credentials":     recordJSON,
	"no version":      `{"devices":[{"k":"` + key + `","g":"` + groupKey + `","p":"` + password + `","u":"u"}]}`,
	"next version":    `{"version":3,"devices":[{"k":"` + key + `","g":"` + groupKey + `","p":"` + password + `","u":"u"}]}`,
	"no key":          `{"version":2,"devices":[{"g":"` + groupKey + `","p":"` + password + `","u":"u"}]}`,
	"no password":     `{"version":2,"devices":[{"k":"` + key + `","g":"` + groupKey + `","u":"u"}]}`,
	"a password as k": `{"version":2,"devices":[{"k":"` + password + `","g":"` + groupKey + `","p":"` + key + `","u":"u"}]}`,
	"a number":        `{"version":2,"devices":[{"k":"` + key + `","g":"` + groupKey + `","p":4815162342,"u":"u"}]}`,
	"of two wallets":  `{"version":2,"devices":[]}{"version":2,"devices":[]}`,
}

func TestUnusableRecords(t *testing.T) {
	for name, data := range unusable {
		t.Run(name, func(t *testing.T) {
			store := newSpy()
			w := device.Machine(store).Wallet(userPool, client)
			put(t, w, 1)
			found := wantDevice(t, w, entry(1).Key, user(1))
			for record := range store.names { // there is one
				if err := store.Memory.Put(t.Context(), record, []byte(data)); err != nil {
					t.Fatal(err)
				}
			}
			before := len(store.writes)
			_, err := w.Find(t.Context(), user(1))
			if !errors.Is(err, device.ErrUnusable) || errors.Is(err, device.ErrNotFound) {
				t.Fatalf("Find: error %v, want ErrUnusable", err)
			}
			if _, err := w.FindKey(t.Context(), found.Key); !errors.Is(err, device.ErrUnusable) {
				t.Errorf("FindKey: error %v, want ErrUnusable", err)
			}
			if leaks(err.Error()) || strings.Contains(err.Error(), "4815162342") {
				t.Errorf("the error quotes the record: %v", err)
			}
			// A release that cannot read the record leaves it to one that can,
			// unless there is something to keep.
			for operation, err := range map[string]error{
				"Change": w.Change(t.Context(), found, func(*device.Entry) {}, "alias"),
				"Remove": w.Remove(t.Context(), user(1), found.Key, "alias"),
			} {
				if err != nil {
					t.Errorf("%s: %v", operation, err)
				}
			}
			if n := len(store.writes) - before; n != 0 {
				t.Errorf("%d writes of changes that have nothing to change", n)
			}
			put(t, w, 2)
			wantDevice(t, w, entry(2).Key, user(2))
			wantNoDevice(t, w, user(1))
		})
	}
}

// closed is a store that encrypts and cannot open its records, until they are written again.
type closed struct {
	*device.Memory
	opened bool
}

func (c *closed) Get(ctx context.Context, name string) ([]byte, error) {
	if !c.opened {
		return nil, fmt.Errorf("no key opens it: %w", device.ErrUnusable)
	}
	return c.Memory.Get(ctx, name)
}

func (c *closed) Put(ctx context.Context, name string, data []byte) error {
	c.opened = true
	return c.Memory.Put(ctx, name, data)
}

func TestRecordThatTheStoreCannotOpen(t *testing.T) {
	for _, swaps := range []bool{true, false} {
		memory := new(device.Memory)
		put(t, device.Machine(memory).Wallet(userPool, client), 1)
		var store device.Store = &closed{Memory: memory}
		if !swaps {
			store = plain{store}
		}
		w := device.Machine(store).Wallet(userPool, client)
		if _, err := w.Find(t.Context(), user(1)); !errors.Is(err, device.ErrUnusable) {
			t.Fatalf("Find: error %v, want ErrUnusable", err)
		}
		put(t, w, 2)
		wantDevice(t, w, entry(2).Key, user(2))
	}
}

// meeting is a store in which the first readers wait for each other. All of them
// have read the same record when the first one writes.
type meeting struct {
	*device.Memory
	readers int32
	arrived atomic.Int32
	all     chan struct{}
}

func (m *meeting) Get(ctx context.Context, name string) ([]byte, error) {
	data, err := m.Memory.Get(ctx, name)
	n := m.arrived.Add(1)
	if n == m.readers {
		close(m.all)
	}
	if n <= m.readers {
		<-m.all
	}
	return data, err
}

func TestConcurrentChangesAreNotLost(t *testing.T) {
	memory := new(device.Memory)
	put(t, device.Machine(memory).Wallet(userPool, client), 1)
	store := &meeting{Memory: memory, readers: maxDevices, all: make(chan struct{})}
	w := device.Machine(store).Wallet(userPool, client)
	errs := make([]error, maxDevices)
	var group sync.WaitGroup
	for i := range maxDevices - 1 {
		group.Go(func() { errs[i] = w.Put(t.Context(), user(2+i), entry(2+i)) })
	}
	group.Go(func() { errs[maxDevices-1] = w.Remove(t.Context(), user(1), entry(1).Key) })
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	wantNoDevice(t, w, user(1))
	for i := range maxDevices - 1 {
		wantDevice(t, w, entry(2+i).Key, user(2+i))
	}
}

// refusing is a Swapper that reports a conflict every time.
type refusing struct {
	*device.Memory
	swaps int
}

func (r *refusing) Swap(context.Context, string, []byte, []byte) (bool, error) {
	r.swaps++
	return false, nil
}

func TestSwapThatIsAlwaysRefused(t *testing.T) {
	store := &refusing{Memory: new(device.Memory)}
	w := device.Machine(store).Wallet(userPool, client)
	err := w.Put(t.Context(), user(1), entry(1))
	if err == nil || errors.Is(err, device.ErrNotFound) || errors.Is(err, device.ErrUnusable) {
		t.Errorf("error %v, want one of its own", err)
	}
	if store.swaps < 2 {
		t.Errorf("%d tries, want several", store.swaps)
	}
	wantNoDevice(t, w, user(1))
}

var errDown = errors.New("connection refused")

// failing is a store whose operations fail.
type failing struct {
	*device.Memory
	get, put, delete, swap bool
}

func (f *failing) Get(ctx context.Context, name string) ([]byte, error) {
	if f.get {
		return nil, errDown
	}
	return f.Memory.Get(ctx, name)
}

func (f *failing) Put(ctx context.Context, name string, data []byte) error {
	if f.put {
		return errDown
	}
	return f.Memory.Put(ctx, name, data)
}

func (f *failing) Delete(ctx context.Context, name string) error {
	if f.delete {
		return errDown
	}
	return f.Memory.Delete(ctx, name)
}

func (f *failing) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	if f.swap {
		return false, errDown
	}
	return f.Memory.Swap(ctx, name, old, new)
}

// A store that is down is not an empty wallet.
func TestErrorsOfTheStorePassThrough(t *testing.T) {
	for name, tt := range map[string]struct {
		fault failing
		reads bool // fail, too
	}{
		"Get":    {failing{get: true}, true},
		"Swap":   {failing{swap: true}, false},
		"Put":    {failing{put: true}, false},
		"Delete": {failing{delete: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			memory := new(device.Memory)
			sound := device.Machine(memory).Wallet(userPool, client)
			put(t, sound, 1)
			found := wantDevice(t, sound, entry(1).Key, user(1))
			fault := &tt.fault
			fault.Memory = memory
			var store device.Store = fault
			if fault.put || fault.delete {
				store = plain{fault}
			}
			w := device.Machine(store).Wallet(userPool, client)
			if _, err := w.Find(t.Context(), user(1)); errors.Is(err, errDown) != tt.reads {
				t.Errorf("Find: %v", err)
			}
			errs := map[string]error{}
			if !fault.put { // the removal of the only device is a Delete
				errs["Remove"] = w.Remove(t.Context(), user(1), found.Key)
			}
			if !fault.delete {
				errs["Put"] = w.Put(t.Context(), user(2), entry(2))
				errs["Change"] = w.Change(t.Context(), found, func(e *device.Entry) { e.State = device.Suspect })
			}
			for operation, err := range errs {
				if !errors.Is(err, errDown) {
					t.Errorf("%s: error %v, want the store's", operation, err)
				}
			}
			if e := wantDevice(t, sound, entry(1).Key, user(1)); e.State != device.Confirmed {
				t.Errorf("the state became %q", e.State)
			}
		})
	}
}
