// Package devices tests remembered devices in a database: the device store of package seal over
// package store/sqlstore. The tests of package device start the engine and run these tests:
// go test ./device -run 'TestPostgres|TestSQLite|TestMySQL' -v
package devices

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/device/devicetest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

const (
	poolID   = "eu-west-1_Ab12Cd34E"
	clientID = "client"
)

func TestMain(m *testing.M) {
	if os.Getenv(childTable) == "" {
		m.Run()
		return
	}
	if err := child(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// devicesIn returns the devices in a store as each process of a backend has them.
func devicesIn(shared store.Store, optFns ...func(*seal.Options)) (device.Swapper, error) {
	app := flow.App{UserPoolID: poolID, ClientID: clientID}
	sealer, err := seal.New(app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)}, optFns...)
	if err != nil {
		return nil, err
	}
	return sealer.DeviceStore(shared), nil
}

// newDevices returns the devices in a new table of this name.
func newDevices(t *testing.T, table string, now func() time.Time, optFns ...func(*seal.Options)) (device.Swapper, *sqlstore.Store) {
	t.Helper()
	shared, _ := enginetest.NewTable(t, func(db *sql.DB) (*sqlstore.Store, error) {
		return sqlstore.New(db, enginetest.Dialect(), func(o *sqlstore.Options) { o.Table, o.Now = table, now })
	})
	devices, err := devicesIn(shared, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return devices, shared
}

func TestStore(t *testing.T) {
	devices, _ := newDevices(t, "", nil) // the table of the default name
	devicetest.TestStore(t, func(*testing.T) device.Store { return devices })
}

// Each change gives a record the whole lifetime again. After the lifetime, no operation finds the
// record. A call of DeleteExpired removes the record from the table.
func TestLifetime(t *testing.T) {
	const lifetime = time.Hour
	now := time.Unix(2_000_000_000, 0)
	clock := func() time.Time { return now }
	devices, shared := newDevices(t, "lifetime", clock, func(o *seal.Options) { o.Now, o.DeviceLifetime = clock, lifetime })
	wantRecord := func(name, want string) {
		t.Helper()
		if data, err := devices.Get(t.Context(), name); err != nil || string(data) != want {
			t.Errorf("Get(%s) returned %q, %v, want %q", name, data, err, want)
		}
	}
	swap := func(name, old, new string, want bool) {
		t.Helper()
		if swapped, err := devices.Swap(t.Context(), name, []byte(old), []byte(new)); err != nil || swapped != want {
			t.Errorf("Swap(%s, %s, %s) returned %v, %v, want %v", name, old, new, swapped, err, want)
		}
	}
	wantDeleted := func(want int64) {
		t.Helper()
		if n, err := shared.DeleteExpired(t.Context()); err != nil || n != want {
			t.Errorf("DeleteExpired returned %d, %v, want %d", n, err, want)
		}
	}
	for _, name := range []string{"untouched", "swapped"} {
		if err := devices.Put(t.Context(), name, []byte("first")); err != nil {
			t.Fatal(err)
		}
	}

	now = now.Add(lifetime - time.Second)
	wantRecord("untouched", "first")
	swap("swapped", "first", "second", true)
	wantDeleted(0)

	now = now.Add(time.Second)
	if data, err := devices.Get(t.Context(), "untouched"); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("Get of an expired record returned %q, %v, want device.ErrNotFound", data, err)
	}
	swap("untouched", "first", "second", false)
	wantRecord("swapped", "second")
	wantDeleted(1)
}
