// Package devices tests package device/sqlstore on an engine. The tests of that
// package start the engine and run these ones: go test ./device/sqlstore -v
package devices

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/device/devicetest"
	"github.com/cognitoflow/cognitoflow/device/sqlstore"
	"github.com/cognitoflow/cognitoflow/internal/enginetest"
)

var dialect = enginetest.Dialect()

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

// newStore returns a store over a new table of this name.
func newStore(t *testing.T, table string, optFns ...func(*sqlstore.Options)) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	return enginetest.NewTable(t, func(db *sql.DB) (*sqlstore.Store, error) {
		return sqlstore.New(db, dialect, append(optFns, func(o *sqlstore.Options) { o.Table = table })...)
	})
}

func TestStore(t *testing.T) {
	store, _ := newStore(t, "") // the default
	devicetest.TestStore(t, func(*testing.T) device.Store { return store })
}

func TestTablesAreApart(t *testing.T) {
	first, _ := newStore(t, "first")
	second, _ := newStore(t, "Second_2")
	if err := first.Put(t.Context(), "user", []byte("record")); err != nil {
		t.Fatal(err)
	}
	if data, err := second.Get(t.Context(), "user"); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("the other table has the record: %q, %v", data, err)
	}
}

// clock is a clock that a test sets.
type clock struct{ now time.Time }

func (c *clock) option(lifetime time.Duration) func(*sqlstore.Options) {
	return func(o *sqlstore.Options) {
		o.Now = func() time.Time { return c.now }
		o.Lifetime = lifetime
	}
}

func wantRecord(t *testing.T, store device.Store, name, want string) {
	t.Helper()
	if data, err := store.Get(t.Context(), name); err != nil || string(data) != want {
		t.Errorf("Get(%s) returned %q, %v, want %q", name, data, err, want)
	}
}

func wantNone(t *testing.T, store device.Store, name string) {
	t.Helper()
	if data, err := store.Get(t.Context(), name); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("Get(%s) returned %q, %v, want device.ErrNotFound", name, data, err)
	}
}

func wantSwap(t *testing.T, store device.Swapper, name string, old, new []byte, want bool) {
	t.Helper()
	if swapped, err := store.Swap(t.Context(), name, old, new); err != nil || swapped != want {
		t.Errorf("Swap(%s, %q, %q) returned %v, %v, want %v", name, old, new, swapped, err, want)
	}
}

func wantDeleted(t *testing.T, store *sqlstore.Store, want int64) {
	t.Helper()
	if n, err := store.DeleteExpired(t.Context()); err != nil || n != want {
		t.Errorf("DeleteExpired returned %d, %v, want %d", n, err, want)
	}
}

func TestExpiry(t *testing.T) {
	clock := &clock{time.Unix(2_000_000_000, 0)}
	store, _ := newStore(t, "expiry", clock.option(time.Hour))
	for _, name := range []string{"put", "put again", "swapped", "swapped for itself"} {
		if err := store.Put(t.Context(), name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	wantSwap(t, store, "inserted", nil, []byte("inserted"), true)

	clock.now = clock.now.Add(time.Hour - time.Second)
	if err := store.Put(t.Context(), "put again", []byte("put again")); err != nil {
		t.Fatal(err)
	}
	wantSwap(t, store, "swapped", []byte("swapped"), []byte("by another"), true)
	wantSwap(t, store, "swapped for itself", []byte("swapped for itself"), []byte("swapped for itself"), true)
	wantRecord(t, store, "put", "put")
	wantDeleted(t, store, 0)

	clock.now = clock.now.Add(time.Second)
	for _, name := range []string{"put", "inserted"} {
		wantNone(t, store, name)
		wantSwap(t, store, name, []byte(name), []byte("new"), false)
		wantSwap(t, store, name, []byte(name), []byte(name), false)
		wantSwap(t, store, name, []byte(name), nil, false)
		wantNone(t, store, name)
	}
	wantSwap(t, store, "inserted", nil, nil, true)
	wantSwap(t, store, "inserted", nil, []byte("new"), true)
	wantRecord(t, store, "inserted", "new")
	wantRecord(t, store, "put again", "put again")
	wantRecord(t, store, "swapped", "by another")
	wantRecord(t, store, "swapped for itself", "swapped for itself")
	wantDeleted(t, store, 1) // put

	clock.now = clock.now.Add(time.Hour)
	wantDeleted(t, store, 4)
	wantDeleted(t, store, 0)
}

func TestDefaultLifetime(t *testing.T) {
	clock := &clock{time.Unix(2_000_000_000, 0)}
	store, _ := newStore(t, "lifetime", clock.option(0))
	if err := store.Put(t.Context(), "user", []byte("record")); err != nil {
		t.Fatal(err)
	}
	clock.now = clock.now.Add(400*24*time.Hour - time.Second)
	wantRecord(t, store, "user", "record")
	clock.now = clock.now.Add(time.Second)
	wantNone(t, store, "user")
}

// Of many who find an expired record, one puts the next one.
func TestSwapOfAnExpiredRecordAtOnce(t *testing.T) {
	clock := &clock{time.Unix(2_000_000_000, 0)}
	store, _ := newStore(t, "expired", clock.option(time.Hour))
	if err := store.Put(t.Context(), "user", []byte("old")); err != nil {
		t.Fatal(err)
	}
	clock.now = clock.now.Add(time.Hour)
	var group sync.WaitGroup
	results := make(chan error, 8)
	won := make(chan string, 8)
	for i := range 8 {
		group.Go(func() {
			record := fmt.Sprint("record ", i)
			swapped, err := store.Swap(t.Context(), "user", nil, []byte(record))
			if swapped {
				won <- record
			}
			results <- err
		})
	}
	group.Wait()
	close(results)
	for err := range results {
		if err != nil {
			t.Error(err)
		}
	}
	if len(won) != 1 {
		t.Fatalf("%d Swaps returned true, want 1", len(won))
	}
	wantRecord(t, store, "user", <-won)
}

// Operations of all kinds on neighbouring names wait for each other inside of the
// engine. MySQL ends such waits by undoing a statement.
func TestAllOperationsAtOnce(t *testing.T) {
	const goroutines, rounds = 8, 100
	store, _ := newStore(t, "crowded")
	names := []string{"a", "b", "c"}
	first, second := []byte("first"), []byte("second")
	errs := make([]error, goroutines)
	var group sync.WaitGroup
	for i := range goroutines {
		group.Go(func() {
			for round := range rounds {
				name := names[(i+round)%len(names)]
				_, insertErr := store.Swap(t.Context(), name, nil, first)
				_, updateErr := store.Swap(t.Context(), name, first, second)
				_, removeErr := store.Swap(t.Context(), name, second, nil)
				putErr := store.Put(t.Context(), name, first)
				deleteErr := store.Delete(t.Context(), name)
				_, expiredErr := store.DeleteExpired(t.Context())
				errs[i] = errors.Join(errs[i], insertErr, updateErr, removeErr, putErr, deleteErr, expiredErr)
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	store, _ := newStore(t, "limits")
	name := strings.Repeat("n", 1024)
	largest := bytes.Repeat([]byte("d"), 16<<10)
	if err := store.Put(t.Context(), name, largest); err != nil {
		t.Fatal(err)
	}
	wantRecord(t, store, name, string(largest))
	wantSwap(t, store, name, largest, []byte("small"), true)
	wantSwap(t, store, name, []byte("small"), largest, true)

	swap := func(name string, old, new []byte) error {
		_, err := store.Swap(t.Context(), name, old, new)
		return err
	}
	_, getErr := store.Get(t.Context(), name+"n")
	for what, err := range map[string]error{
		"Get of a long name":            getErr,
		"Put of a long name":            store.Put(t.Context(), name+"n", []byte("x")),
		"Delete of a long name":         store.Delete(t.Context(), name+"n"),
		"Swap of a long name":           swap(name+"n", nil, []byte("x")),
		"Put without a name":            store.Put(t.Context(), "", []byte("x")),
		"Swap without a name":           swap("", nil, []byte("x")),
		"Put of a long record":          store.Put(t.Context(), name, append(largest, 'd')),
		"Swap of a long record":         swap(name, largest, append(largest, 'd')),
		"Put of an empty record":        store.Put(t.Context(), name, []byte{}),
		"Put of no record":              store.Put(t.Context(), name, nil),
		"Swap of an empty record":       swap(name, largest, []byte{}),
		"Swap of nothing for no record": swap("nobody", nil, []byte{}),
	} {
		if err == nil || errors.Is(err, device.ErrNotFound) {
			t.Errorf("%s: error %v", what, err)
		}
	}
	wantRecord(t, store, name, string(largest))
}

// A write that waits for another one ends with its context.
func TestContextEndsAWait(t *testing.T) {
	store, db := newStore(t, "waits")
	if err := store.Put(t.Context(), "user", []byte("old")); err != nil {
		t.Fatal(err)
	}
	other, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Rollback()
	if _, err := other.ExecContext(t.Context(), "UPDATE waits SET expires = expires + 1"); err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := store.Put(soon, "user", []byte("new")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Put: error %v, want context.DeadlineExceeded", err)
	}
	if swapped, err := store.Swap(soon, "user", []byte("old"), []byte("new")); swapped || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Swap: %v, error %v, want context.DeadlineExceeded", swapped, err)
	}
}

// A database that cannot be used is no missing record.
func TestErrors(t *testing.T) {
	const secret = "a device password"
	store, _ := newStore(t, "errors")
	db, err := enginetest.Open()
	if err != nil {
		t.Fatal(err)
	}
	noTable, err := sqlstore.New(db, dialect, func(o *sqlstore.Options) { o.Table = "missing" })
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	closedDB, err := enginetest.Open()
	if err != nil {
		t.Fatal(err)
	}
	closedDB.Close()
	closed, err := sqlstore.New(closedDB, dialect)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })

	for _, tt := range []struct {
		ctx   context.Context
		store *sqlstore.Store
		table string
		wraps error // nil: the driver's, which has no name
	}{
		{t.Context(), noTable, "missing", nil},
		{ended, store, "errors", context.Canceled},
		{t.Context(), closed, "cognitoflow_devices", nil},
	} {
		_, getErr := tt.store.Get(tt.ctx, "user")
		_, insertErr := tt.store.Swap(tt.ctx, "user", nil, []byte(secret))
		_, updateErr := tt.store.Swap(tt.ctx, "user", []byte(secret), []byte(secret+"!"))
		_, removeErr := tt.store.Swap(tt.ctx, "user", []byte(secret), nil)
		_, nothingErr := tt.store.Swap(tt.ctx, "user", nil, nil)
		_, expiredErr := tt.store.DeleteExpired(tt.ctx)
		for _, result := range []struct {
			operation string
			err       error
		}{
			{"get", getErr}, {"put", tt.store.Put(tt.ctx, "user", []byte(secret))}, {"delete", tt.store.Delete(tt.ctx, "user")},
			{"swap", insertErr}, {"swap", updateErr}, {"swap", removeErr}, {"get", nothingErr}, {"delete expired records", expiredErr},
		} {
			switch err := result.err; {
			case err == nil || errors.Is(err, device.ErrNotFound):
				t.Errorf("table %s: %s: error %v", tt.table, result.operation, err)
			case !strings.HasPrefix(err.Error(), "sqlstore: "+result.operation+" in table "+tt.table+": "):
				t.Errorf("table %s: %s: the error names something else: %v", tt.table, result.operation, err)
			case errors.Unwrap(err) == nil || tt.wraps != nil && !errors.Is(err, tt.wraps):
				t.Errorf("table %s: %s: error %v does not wrap the driver's", tt.table, result.operation, err)
			case strings.Contains(err.Error(), secret):
				t.Errorf("table %s: %s: the error prints the record: %v", tt.table, result.operation, err)
			}
		}
	}
}
