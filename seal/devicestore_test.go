package seal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/device/devicetest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
)

var storeApp = flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}

func storeSealer(t *testing.T, keys ...string) *seal.Sealer {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, []byte(strings.Repeat(k, seal.KeySize)))
	}
	s, err := seal.New(storeApp, all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDeviceStore(t *testing.T) {
	devicetest.TestStore(t, func(t *testing.T) device.Store { return storeSealer(t, "a").DeviceStore(new(store.Memory)) })
}

func TestDeviceStoreSwaps(t *testing.T) {
	d := storeSealer(t, "a").DeviceStore(new(store.Memory))
	for n, step := range []struct {
		old, new string // "": nil
		want     bool
		after    string
	}{
		{"", "", true, ""}, {"x", "", false, ""}, {"x", "y", false, ""},
		{"", "a", true, "a"}, {"", "b", false, "a"}, {"b", "c", false, "a"}, {"a", "b", true, "b"},
		{"b", "b", true, "b"}, {"", "", false, "b"}, {"a", "", false, "b"}, {"b", "", true, ""}, {"b", "", false, ""},
	} {
		part := func(text string) []byte {
			if text == "" {
				return nil
			}
			return []byte(text)
		}
		swapped, err := d.Swap(t.Context(), "user", part(step.old), part(step.new))
		if err != nil || swapped != step.want {
			t.Fatalf("step %d: got %v, %v, want %v", n, swapped, err, step.want)
		}
		got, err := d.Get(t.Context(), "user")
		if string(got) != step.after || errors.Is(err, device.ErrNotFound) != (step.after == "") {
			t.Fatalf("step %d: the record is %q, %v, want %q", n, got, err, step.after)
		}
	}
	if _, err := d.Swap(t.Context(), "", nil, []byte("x")); err == nil {
		t.Error("Swap takes an empty name")
	}
}

func deviceKey(n int) string {
	return fmt.Sprintf("eu-central-1_0000000%d-1111-2222-3333-444444444444", n)
}

// Users of one browser enrol their devices at several instances at once.
func TestDeviceStoreLosesNoDevice(t *testing.T) {
	shared, id := new(store.Memory), device.NewID()
	id, err := device.ParseID(id.Reveal()) // as in the next request of the browser
	if err != nil {
		t.Fatal(err)
	}
	const users = 8
	var all sync.WaitGroup
	for n := range users {
		all.Go(func() {
			w := device.Browser(storeSealer(t, "a").DeviceStore(shared), id).Wallet(storeApp.UserPoolID, storeApp.ClientID)
			e := device.Entry{Credentials: device.Credentials{Key: deviceKey(n), GroupKey: "g", Password: secret.New("p")}, Used: time.Now()}
			if err := w.Put(t.Context(), fmt.Sprint("user-", n), e); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w := device.Browser(storeSealer(t, "a").DeviceStore(shared), id).Wallet(storeApp.UserPoolID, storeApp.ClientID)
	for n := range users {
		if e, err := w.Find(t.Context(), fmt.Sprint("user-", n)); err != nil || e.Key != deviceKey(n) {
			t.Errorf("user %d: got %q, %v", n, e.Key, err)
		}
	}
}

// spiedStore records the calls of a store, and can fail.
type spiedStore struct {
	store.Memory
	seen strings.Builder
	down error
	lost bool // the reply to the next Put
}

func (s *spiedStore) Get(ctx context.Context, name string) (store.Record, error) {
	if s.down != nil {
		return store.Record{}, s.down
	}
	return s.Memory.Get(ctx, name)
}

func (s *spiedStore) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	fmt.Fprint(&s.seen, name, string(data))
	next, err := s.Memory.Put(ctx, name, data, version, expires)
	if s.lost {
		s.lost = false
		return "", store.ErrConflict // as if the client had repeated the request
	}
	return next, err
}

func TestDeviceStoreSeals(t *testing.T) {
	shared := new(spiedStore)
	const name, record = "app/of-ada", "the record of ada"
	d := storeSealer(t, "a").DeviceStore(shared)
	if err := d.Put(t.Context(), name, []byte(record)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(shared.seen.String(), "ada") {
		t.Error("the store sees the name or the record")
	}
	get := func(keys ...string) error {
		got, err := storeSealer(t, keys...).DeviceStore(shared).Get(t.Context(), name)
		if err == nil && string(got) != record {
			t.Errorf("got %q", got)
		}
		return err
	}
	if err := get("b", "a"); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	if err := get("b"); !errors.Is(err, device.ErrUnusable) || !errors.Is(err, seal.ErrKey) {
		t.Errorf("without the key: %v", err)
	}
	other := storeSealer(t, "b").DeviceStore(shared)
	if swapped, err := other.Swap(t.Context(), name, nil, []byte("x")); swapped || !errors.Is(err, device.ErrUnusable) {
		t.Errorf("Swap of a record that does not open: %v, %v", swapped, err)
	}
	if err := other.Put(t.Context(), name, []byte(record)); err != nil {
		t.Fatal(err)
	}
	if err := get("b"); err != nil {
		t.Errorf("a record that does not open is not replaced: %v", err)
	}
	// A writer of the store gives ada the record of bob.
	if err := other.Put(t.Context(), "app/of-bob", []byte("the record of bob")); err != nil {
		t.Fatal(err)
	}
	bobs, err := shared.Memory.Get(t.Context(), store.Name("device", "app/of-bob"))
	if err != nil {
		t.Fatal(err)
	}
	adas, err := shared.Memory.Get(t.Context(), store.Name("device", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shared.Memory.Put(t.Context(), store.Name("device", name), bobs.Data, adas.Version, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := get("b"); !errors.Is(err, seal.ErrForeign) {
		t.Errorf("with the record of bob: %v", err)
	}
}

func TestDeviceStoreFails(t *testing.T) {
	shared := new(spiedStore)
	d := storeSealer(t, "a").DeviceStore(shared)
	shared.lost = true
	if swapped, err := d.Swap(t.Context(), "user", nil, []byte("a")); !swapped || err != nil {
		t.Errorf("a swap whose reply is lost: %v, %v", swapped, err)
	}
	shared.down = errors.New("connection refused")
	_, getErr := d.Get(t.Context(), "user")
	_, swapErr := d.Swap(t.Context(), "user", []byte("a"), []byte("b"))
	for operation, err := range map[string]error{"Get": getErr, "Swap": swapErr, "Put": d.Put(t.Context(), "user", []byte("b"))} {
		if !errors.Is(err, shared.down) || errors.Is(err, device.ErrNotFound) {
			t.Errorf("%s: %v", operation, err)
		}
	}
}
