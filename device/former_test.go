package device_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
)

// The release before wrote recordJSON under these names, and the name of a user
// under that of an alias.
func formerUser(name string) string  { return userPool + "/" + client + "/user/" + name }
func formerAlias(name string) string { return userPool + "/" + client + "/alias/" + name }

// suspectJSON is the record of a device that the pool has refused.
var suspectJSON = strings.TrimSuffix(recordJSON, "}") + `,"suspect":true}`

// plant writes former records, by their names.
func plant(t *testing.T, store device.Store, records map[string]string) {
	t.Helper()
	for name, data := range records {
		if err := store.Put(t.Context(), name, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
}

func has(t *testing.T, store device.Store, name string) bool {
	t.Helper()
	_, err := store.Get(t.Context(), name)
	if err != nil && !errors.Is(err, device.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// ownStores are the holders with a store of their own.
var ownStores = map[string]func(device.Store) device.Holder{
	"Machine":   device.Machine,
	"InBrowser": func(s device.Store) device.Holder { return device.InBrowser(carried{s}) },
}

// eachOwnStore runs a test with former records for each kind of holder.
func eachOwnStore(t *testing.T, records map[string]string, test func(t *testing.T, store device.Store, w device.Wallet)) {
	t.Helper()
	for kind, holder := range ownStores {
		t.Run(kind, func(t *testing.T) {
			store := new(device.Memory)
			plant(t, store, records)
			test(t, store, holder(store).Wallet(userPool, client))
		})
	}
}

// other is the record of another device.
func other(t *testing.T, i int) string {
	t.Helper()
	data, err := entry(i).Credentials.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestFormerRecordsMoveIntoTheWallet(t *testing.T) {
	for name, tt := range map[string]struct {
		record, find string
		state        device.State
	}{
		"by name":             {recordJSON, "ada", device.Confirmed},
		"by alias":            {recordJSON, "ada@example.com", device.Confirmed},
		"a suspect":           {suspectJSON, "ada", device.Suspect},
		"a suspect, by alias": {suspectJSON, "ada@example.com", device.Suspect},
	} {
		t.Run(name, func(t *testing.T) {
			records := map[string]string{formerUser("ada"): tt.record, formerAlias("ada@example.com"): "ada", formerUser("bob"): other(t, 2)}
			eachOwnStore(t, records, func(t *testing.T, store device.Store, w device.Wallet) {
				put(t, w, 1)
				for i := range 2 { // the second time in the wallet
					e := wantDevice(t, w, key, tt.find)
					if i == 0 && !has(t, store, formerUser("ada")) {
						t.Error("to find the device moved it: anybody can type a name")
					}
					signedIn(t, w, e, tt.find, "ada@example.com")
					if e.GroupKey != groupKey || e.Password.Reveal() != password || e.State != tt.state || !e.Used.IsZero() {
						t.Errorf("Find = %+v, want the device of the record with state %q", e, tt.state)
					}
					if !w.IsOf(e, "ada") {
						t.Error("the device is not ada's")
					}
					if has(t, store, formerUser("ada")) {
						t.Error("the former record is still there")
					}
				}
				wantDevice(t, w, key, "ada")
				wantDevice(t, w, key, "ada@example.com")
				if has(t, store, formerAlias("ada@example.com")) {
					t.Error("the former record of the alias is still there")
				}
				wantDevice(t, w, entry(1).Key, user(1))
				if !has(t, store, formerUser("bob")) {
					t.Error("the former record of another user is gone")
				}
				wantDevice(t, w, entry(2).Key, "bob")
			})
		})
	}
}

// A name may be that of one user, and an alias that another one signed in by.
func TestFormerUsersCountMoreThanAliases(t *testing.T) {
	records := map[string]string{formerUser("ada"): recordJSON, formerAlias("ada"): "bob", formerUser("bob"): other(t, 2), formerAlias("info"): "bob"}
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{[]string{"ada"}, key},
		{[]string{"info", "ada"}, key},
		{[]string{"bob", "ada"}, entry(2).Key},
		{[]string{"ada", "bob"}, key},
		{[]string{"nobody", "info"}, entry(2).Key},
	} {
		eachOwnStore(t, records, func(t *testing.T, _ device.Store, w device.Wallet) {
			wantDevice(t, w, tt.want, tt.names...)
		})
	}
}

func TestFormerAliasOfADeviceInTheWallet(t *testing.T) {
	eachOwnStore(t, map[string]string{formerAlias("info"): user(1)}, func(t *testing.T, store device.Store, w device.Wallet) {
		put(t, w, 1, 2)
		signedIn(t, w, wantDevice(t, w, entry(1).Key, "info"), "info")
		if has(t, store, formerAlias("info")) {
			t.Error("the former record of the alias is still there")
		}
		wantDevice(t, w, entry(1).Key, "info")
		wantDevice(t, w, entry(2).Key, user(2))
	})
}

func TestFormerAliasOfAUserWithTwoDevices(t *testing.T) {
	eachOwnStore(t, map[string]string{formerAlias("info"): user(1)}, func(t *testing.T, _ device.Store, w device.Wallet) {
		put(t, w, 1)
		if err := w.Put(t.Context(), user(1), pending(2)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time in the wallet
			wantDevice(t, w, entry(1).Key, "info")
		}
		wantKey(t, w, entry(2).Key, true)
	})
}

func TestFormerRecordsThatLeadNowhere(t *testing.T) {
	records := map[string]string{
		formerAlias("info"):                      "nobody",
		userPool + "/" + client + "2/user/ada":   recordJSON,
		userPool + "2/" + client + "/user/ada":   recordJSON,
		userPool + "2/" + client + "/alias/info": "ada",
	}
	eachOwnStore(t, records, func(t *testing.T, _ device.Store, w device.Wallet) {
		wantNoDevice(t, w, "ada", "info", "")
	})
}

// The store of a backend has the former records of all users. No browser may get
// a device by the name of its user alone.
func TestBrowsersDoNotReadFormerRecords(t *testing.T) {
	store := newSpy()
	records := map[string]string{formerUser("ada"): recordJSON, formerAlias("info"): "ada"}
	plant(t, store.Memory, records)
	w := device.Browser(store, browserID(t)).Wallet(userPool, client)
	wantNoDevice(t, w, "ada", "info")
	put(t, w, 1)
	wantNoDevice(t, w, "ada", "info")
	if err := w.Remove(t.Context(), "ada", key, "info"); err != nil {
		t.Fatal(err)
	}
	for name, data := range records {
		if store.names[name] {
			t.Errorf("the store was asked for %s", name)
		}
		if got, err := store.Get(t.Context(), name); err != nil || string(got) != data {
			t.Errorf("%s became %q, %v", name, got, err)
		}
	}
}

// The device serves the sign-in, and moves when the store can be written again.
func TestMoveThatFailsLosesNothing(t *testing.T) {
	for _, find := range []string{"ada", "info"} {
		for name, fault := range map[string]failing{"Swap": {swap: true}, "Put": {put: true}, "Delete": {delete: true}} {
			t.Run(name+" by "+find, func(t *testing.T) {
				memory := new(device.Memory)
				plant(t, memory, map[string]string{formerUser("ada"): suspectJSON, formerAlias("info"): "ada"})
				fault.Memory = memory
				var store device.Store = &fault
				if fault.put {
					store = plain{store}
				}
				w := device.Machine(store).Wallet(userPool, client)
				var e device.Entry
				for i := range 2 {
					if e = wantDevice(t, w, key, find); e.Password.Reveal() != password || e.State != device.Suspect {
						t.Errorf("Find = %+v", e)
					}
					// The second time, a wallet whose former records could not be deleted has all.
					if err := w.Change(t.Context(), e, func(*device.Entry) {}, find); !errors.Is(err, errDown) && (i == 0 || !fault.delete) {
						t.Errorf("Change: error %v, want the store's", err)
					}
				}
				if !has(t, memory, formerUser("ada")) || !has(t, memory, formerAlias("info")) {
					t.Error("a former record is gone, though the store failed")
				}
				fault.swap, fault.put, fault.delete = false, false, false
				signedIn(t, w, e, find)
				wantDevice(t, w, key, "info")
				wantDevice(t, w, key, "ada")
			})
		}
	}
}

func TestFormerRecordsOfAStoreThatIsDown(t *testing.T) {
	memory := new(device.Memory)
	plant(t, memory, map[string]string{formerUser("ada"): recordJSON, formerAlias("info"): "ada"})
	store := &outage{Memory: memory}
	w := device.Machine(store).Wallet(userPool, client)
	for _, down := range []string{formerUser("ada"), formerAlias("info"), formerUser("info")} {
		store.down = down
		if _, err := w.Find(t.Context(), "info"); !errors.Is(err, errDown) {
			t.Errorf("%s cannot be read: error %v, want the store's", down, err)
		}
	}
	store.down = ""
	wantDevice(t, w, key, "info")
}

// outage is a store that cannot read one name.
type outage struct {
	*device.Memory
	down string
}

func (o *outage) Get(ctx context.Context, name string) ([]byte, error) {
	if name == o.down {
		return nil, errDown
	}
	return o.Memory.Get(ctx, name)
}

func TestUnusableFormerRecords(t *testing.T) {
	for name, data := range map[string]string{
		"torn":        recordJSON[:len(recordJSON)-9],
		"no password": strings.Replace(recordJSON, password, "", 1),
		"of a wallet": `{"version":2,"devices":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			eachOwnStore(t, map[string]string{formerUser("ada"): data}, func(t *testing.T, store device.Store, w device.Wallet) {
				_, err := w.Find(t.Context(), "ada")
				if !errors.Is(err, device.ErrUnusable) {
					t.Fatalf("error %v, want ErrUnusable", err)
				}
				if leaks(err.Error()) {
					t.Errorf("the error quotes the record: %v", err)
				}
				if !has(t, store, formerUser("ada")) {
					t.Error("the record was deleted")
				}
				if err := w.Put(t.Context(), "ada", entry(1)); err != nil {
					t.Fatal(err)
				}
				wantDevice(t, w, entry(1).Key, "ada")
			})
		})
	}
}

// overtaken is a store whose former record moves while it is read: another process
// signs the user in, and enrols another device.
type overtaken struct {
	*device.Memory
	overtake func()
}

func (o *overtaken) Get(ctx context.Context, name string) ([]byte, error) {
	data, err := o.Memory.Get(ctx, name)
	if name == formerUser("ada") && o.overtake != nil {
		overtake := o.overtake
		o.overtake = nil
		overtake()
	}
	return data, err
}

// signedIn notes the use of a device, as a sign-in that has succeeded does.
func signedIn(t *testing.T, w device.Wallet, e device.Entry, aliases ...string) {
	t.Helper()
	if err := w.Change(t.Context(), e, func(*device.Entry) {}, aliases...); err != nil {
		t.Fatal(err)
	}
}

func TestRemoveOfAFormerRecord(t *testing.T) {
	records := map[string]string{formerUser("ada"): recordJSON, formerAlias("info"): "ada"}
	eachOwnStore(t, records, func(t *testing.T, store device.Store, w device.Wallet) {
		// The device is ada's, and the alias is another user's by now.
		if err := w.Remove(t.Context(), "bob", key, "info"); err != nil {
			t.Fatal(err)
		}
		wantNoDevice(t, w, "info")
		wantDevice(t, w, key, "ada")
		if err := w.Remove(t.Context(), "ada", "another key"); err != nil {
			t.Fatal(err)
		}
		wantDevice(t, w, key, "ada")
		if err := w.Remove(t.Context(), "ada", key); err != nil {
			t.Fatal(err)
		}
		wantNoDevice(t, w, "ada")
	})
}

func TestMoveDoesNotReplaceANewerDevice(t *testing.T) {
	memory := new(device.Memory)
	plant(t, memory, map[string]string{formerUser("ada"): recordJSON})
	store := &overtaken{Memory: memory}
	store.overtake = func() {
		w := device.Machine(memory).Wallet(userPool, client)
		signedIn(t, w, wantDevice(t, w, key, "ada"))
		if err := w.Put(t.Context(), "ada", entry(1)); err != nil {
			t.Error(err)
		}
	}
	w := device.Machine(store).Wallet(userPool, client)
	signedIn(t, w, wantDevice(t, w, key, "ada"))
	if store.overtake != nil {
		t.Fatal("the former record was not read")
	}
	wantDevice(t, w, entry(1).Key, "ada")
}
