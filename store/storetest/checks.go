package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/storecheck"
	"github.com/cognitoflow/cognitoflow/store"
)

const (
	callers  = 8
	attempts = 4
)

func notFound(ctx context.Context, t trial) error { return t.wantNotFound(ctx, "nobody") }

func anyBytes(ctx context.Context, t trial) error {
	for short, data := range storecheck.AnyBytes(store.MaxData) {
		version, err := t.put(ctx, short, data, "")
		if err != nil {
			return err
		}
		if err := t.want(ctx, short, data, version); err != nil {
			return err
		}
	}
	return nil
}

func sizeOfData(ctx context.Context, t trial) error {
	for _, size := range []int{0, store.MaxData + 1} {
		if _, err := t.Store.Put(ctx, t.name("a"), make([]byte, size), "", never); err == nil || errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("of %d bytes Put returned %v, want an error that says so", size, err)
		}
		if err := t.wantNotFound(ctx, "a"); err != nil {
			return err
		}
	}
	return nil
}

func create(ctx context.Context, t trial) error {
	version, err := t.put(ctx, "a", []byte("first"), "")
	if err != nil {
		return err
	}
	return storecheck.InOrder(
		func() error { return t.wantConflict(ctx, "a", []byte("second"), "") },
		func() error { return t.want(ctx, "a", []byte("first"), version) },
	)
}

func replace(ctx context.Context, t trial) error {
	version := ""
	for _, text := range []string{"first", "a longer second", "third"} {
		next, err := t.put(ctx, "a", []byte(text), version)
		if err != nil {
			return err
		}
		if err := t.want(ctx, "a", []byte(text), next); err != nil {
			return err
		}
		version = next
	}
	return nil
}

func staleVersion(ctx context.Context, t trial) error {
	first, err := t.put(ctx, "a", []byte("first"), "")
	if err != nil {
		return err
	}
	other, err := t.put(ctx, "b", []byte("other"), "")
	if err != nil {
		return err
	}
	second, err := t.put(ctx, "a", []byte("second"), first)
	if err != nil {
		return err
	}
	for _, version := range []string{first, other, second + "x", strings.Repeat("0", store.MaxVersion)} {
		if err := t.wantConflict(ctx, "a", []byte("third"), version); err != nil {
			return err
		}
		if err := t.want(ctx, "a", []byte("second"), second); err != nil {
			return err
		}
	}
	return nil
}

func absentRecord(ctx context.Context, t trial) error {
	version, err := t.put(ctx, "a", []byte("x"), "")
	if err != nil {
		return err
	}
	return storecheck.InOrder(
		func() error { return t.delete(ctx, "a", version) },
		func() error { return t.wantConflict(ctx, "a", []byte("y"), version) },
		func() error { return t.wantNotFound(ctx, "a") },
		func() error { return t.wantConflict(ctx, "b", []byte("y"), version) },
		func() error { return t.wantNotFound(ctx, "b") },
	)
}

// versions fails for a store that counts: a count begins again after a delete.
func versions(ctx context.Context, t trial) error {
	seen := make(map[string]bool)
	for range attempts {
		version := ""
		for range 2 { // the data are always the same
			next, err := t.put(ctx, "a", []byte("x"), version)
			if err != nil {
				return err
			}
			if seen[next] {
				return fmt.Errorf("the version %q was used twice for one name", next)
			}
			seen[next], version = true, next
		}
		if err := t.delete(ctx, "a", version); err != nil {
			return err
		}
	}
	return nil
}

func deleteOne(ctx context.Context, t trial) error {
	first, err := t.put(ctx, "a", []byte("x"), "")
	if err != nil {
		return err
	}
	other, err := t.put(ctx, "b", []byte("stays"), "")
	if err != nil {
		return err
	}
	second, err := t.put(ctx, "a", []byte("y"), first)
	if err != nil {
		return err
	}
	return storecheck.InOrder(
		func() error { return t.wantNotDeleted(ctx, "a", first) },
		func() error { return t.want(ctx, "a", []byte("y"), second) },
		func() error { return t.delete(ctx, "a", second) },
		func() error { return t.wantNotFound(ctx, "a") },
		func() error { return t.wantNotDeleted(ctx, "a", second) },
		func() error { return t.delete(ctx, "a", "") },
		func() error { _, err := t.put(ctx, "a", []byte("back"), ""); return err },
		func() error { return t.delete(ctx, "a", "") },
		func() error { return t.wantNotFound(ctx, "a") },
		func() error { return t.want(ctx, "b", []byte("stays"), other) },
	)
}

// names fails for a store that cuts or folds names.
func names(ctx context.Context, t trial) error {
	const count = 64
	var written [count]string
	for i := range count {
		version, err := t.put(ctx, fmt.Sprint(i), storecheck.Repeated(i), "")
		if err != nil {
			return err
		}
		written[i] = version
	}
	for i := range count {
		if err := t.want(ctx, fmt.Sprint(i), storecheck.Repeated(i), written[i]); err != nil {
			return err
		}
	}
	return t.alike(ctx)
}

// alike writes under two names that differ in the last character alone.
func (t trial) alike(ctx context.Context) error {
	name := t.name("alike")
	changed := "0"
	if strings.HasSuffix(name, changed) {
		changed = "1"
	}
	other := name[:len(name)-1] + changed
	if _, err := t.Store.Put(ctx, name, []byte("x"), "", never); err != nil {
		return err
	}
	if _, err := t.Store.Get(ctx, other); !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("under a name that differs in the last character Get returned %v, want store.ErrNotFound", err)
	}
	return nil
}

// badNames fails for a store that accepts an empty name, which all users would share, or
// names with letters that its database folds.
func badNames(ctx context.Context, t trial) error {
	name := t.name("a")
	for _, bad := range []string{"", name[1:], name + "0", strings.ToUpper(name), " " + name[1:], name[1:] + "\x00"} {
		if bad == name {
			continue // the name has digits alone
		}
		_, getErr := t.Store.Get(ctx, bad)
		_, putErr := t.Store.Put(ctx, bad, []byte("x"), "", never)
		deleteErr := t.Store.Delete(ctx, bad, "")
		for operation, err := range map[string]error{"Get": getErr, "Put": putErr, "Delete": deleteErr} {
			if err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
				return fmt.Errorf("%s(%q) returned %v, want the error of store.CheckName", operation, bad, err)
			}
		}
	}
	return nil
}

func expired(ctx context.Context, t trial) error {
	past := time.Now().Add(-time.Hour)
	old, err := t.putUntil(ctx, "a", []byte("x"), "", past)
	if err != nil {
		return err
	}
	if err := storecheck.InOrder(
		func() error { return t.wantNotFound(ctx, "a") },
		func() error { return t.wantConflict(ctx, "a", []byte("y"), old) },
		func() error { return t.wantNotDeleted(ctx, "a", old) },
		func() error { return t.delete(ctx, "a", "") },
		func() error { return t.wantNotFound(ctx, "a") },
	); err != nil {
		return err
	}
	// Again, and with a later write.
	if old, err = t.putUntil(ctx, "a", []byte("x"), "", past); err != nil {
		return err
	}
	version, err := t.put(ctx, "a", []byte("z"), "")
	if err != nil {
		return fmt.Errorf("in place of an expired record: %w", err)
	}
	return storecheck.InOrder(
		func() error { return t.wantConflict(ctx, "a", []byte("y"), old) },
		func() error { return t.want(ctx, "a", []byte("z"), version) },
	)
}

// How long a record of the check lives, and how long the check waits at most.
const (
	short = 2 * time.Second
	long  = 30 * time.Second
	poll  = 100 * time.Millisecond
)

// expiry waits until a record has expired. The records beside it have been put with
// the same expiry and then with another one.
func expiry(ctx context.Context, t trial) error {
	expires := time.Now().Add(short)
	if _, err := t.putUntil(ctx, "short", []byte("x"), "", expires); err != nil {
		return err
	}
	kept := make(map[string]string)
	for name, later := range map[string]time.Time{"later": time.Now().Add(time.Hour), "never": never} {
		version, err := t.putUntil(ctx, name, []byte("x"), "", expires)
		if err != nil {
			return err
		}
		if kept[name], err = t.putUntil(ctx, name, []byte("y"), version, later); err != nil {
			return err
		}
	}
	if err := t.untilExpired(ctx, "short", expires); err != nil {
		return err
	}
	return storecheck.InOrder(
		func() error { return t.want(ctx, "later", []byte("y"), kept["later"]) },
		func() error { return t.want(ctx, "never", []byte("y"), kept["never"]) },
	)
}

func (t trial) untilExpired(ctx context.Context, name string, expires time.Time) error {
	for started := time.Now(); time.Since(started) < long; {
		before := time.Now()
		_, err := t.Store.Get(ctx, t.name(name))
		switch {
		case errors.Is(err, store.ErrNotFound) && before.Before(expires.Add(-short/2)):
			return fmt.Errorf("a record that expires in %v is absent already", time.Until(expires))
		case errors.Is(err, store.ErrNotFound):
			return nil
		case err != nil:
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(poll):
		}
	}
	return fmt.Errorf("a record is there %v after its expiry", time.Since(expires))
}

func putCopies(ctx context.Context, t trial) error {
	data := []byte("record")
	version, err := t.put(ctx, "a", data, "")
	if err != nil {
		return err
	}
	data[0] = 'X'
	return t.want(ctx, "a", []byte("record"), version)
}

func getCopies(ctx context.Context, t trial) error {
	version, err := t.put(ctx, "a", []byte("record"), "")
	if err != nil {
		return err
	}
	got, err := t.Store.Get(ctx, t.name("a"))
	if err != nil {
		return err
	}
	clear(got.Data)
	return t.want(ctx, "a", []byte("record"), version)
}

// endedContext does not demand an error, because a store that does not wait can finish its
// work. endedContext fails if a store reports an unfinished operation as finished.
func endedContext(ctx context.Context, t trial) error {
	version, err := t.put(ctx, "a", []byte("old"), "")
	if err != nil {
		return err
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := t.want(ended, "a", []byte("old"), version); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("with an ended context: %w", err)
	}
	data := []byte("old")
	next, err := t.put(ended, "a", []byte("new"), version)
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("with an ended context: %w", err)
	}
	if err == nil {
		data, version = []byte("new"), next
	}
	if err := t.want(ctx, "a", data, version); err != nil {
		return fmt.Errorf("after a Put with an ended context: %w", err)
	}
	err = t.delete(ended, "a", version)
	switch {
	case err == nil:
		return t.wantNotFound(ctx, "a")
	case errors.Is(err, store.ErrConflict):
		return fmt.Errorf("with an ended context: %w", err)
	}
	return t.want(ctx, "a", data, version)
}

// createAtOnce fails for a store that reads and then writes.
func createAtOnce(ctx context.Context, t trial) error {
	for round := range attempts {
		name := fmt.Sprint(round)
		var created atomic.Int32
		if err := storecheck.AtOnce(callers, func(i int) error {
			switch _, err := t.put(ctx, name, storecheck.Repeated(i), ""); {
			case err == nil:
				created.Add(1)
			case !errors.Is(err, store.ErrConflict):
				return err
			}
			return nil
		}); err != nil {
			return err
		}
		if n := created.Load(); n != 1 {
			return fmt.Errorf("of %d calls that create one record %d succeeded, want 1", callers, n)
		}
	}
	return nil
}

// replaceAtOnce counts up with several goroutines, and fails if an increment is lost.
func replaceAtOnce(ctx context.Context, t trial) error {
	if _, err := t.put(ctx, "a", []byte{1}, ""); err != nil {
		return err
	}
	if err := storecheck.AtOnce(callers, func(int) error {
		for range attempts {
			if err := t.increment(ctx, "a"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	got, err := t.Store.Get(ctx, t.name("a"))
	if err != nil {
		return err
	}
	if want := 1 + callers*attempts; int(got.Data[0]) != want {
		return fmt.Errorf("%d writes, each of which succeeded, counted up to %d: others were lost", want, got.Data[0])
	}
	return nil
}

// increment reads and writes until its write succeeds. Each conflict means that another
// increment has succeeded, so the number of tries is limited.
func (t trial) increment(ctx context.Context, name string) error {
	const most = 2 * callers * attempts
	for range most {
		got, err := t.Store.Get(ctx, t.name(name))
		if err != nil {
			return err
		}
		if _, err := t.put(ctx, name, []byte{got.Data[0] + 1}, got.Version); err == nil || !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("the version that Get returned was refused %d times in a row", most)
}

// deleteAtOnce replaces and deletes each record at once, and fails unless one of the two
// succeeds.
func deleteAtOnce(ctx context.Context, t trial) error {
	for round := range callers {
		name := fmt.Sprint(round)
		version, err := t.put(ctx, name, []byte("x"), "")
		if err != nil {
			return err
		}
		var succeeded atomic.Int32
		if err := storecheck.AtOnce(2, func(i int) error {
			var err error
			if i == 0 {
				_, err = t.put(ctx, name, []byte("y"), version)
			} else {
				err = t.delete(ctx, name, version)
			}
			if err == nil {
				succeeded.Add(1)
			} else if !errors.Is(err, store.ErrConflict) {
				return err
			}
			return nil
		}); err != nil {
			return err
		}
		if n := succeeded.Load(); n != 1 {
			return fmt.Errorf("of a Put and a Delete with one version %d succeeded, want 1", n)
		}
	}
	return nil
}

// wholeRecords fails for a store with half-written records. A reader may not see the data of
// one write with the version of another write.
func wholeRecords(ctx context.Context, t trial) error {
	version, err := t.put(ctx, "a", storecheck.Repeated(0), "")
	if err != nil {
		return err
	}
	return storecheck.AtOnce(2, func(i int) error {
		if i == 0 {
			return t.rewrite(ctx, "a", version)
		}
		byVersion := make(map[string]string)
		for range callers * attempts {
			got, err := t.Store.Get(ctx, t.name("a"))
			if err != nil {
				return fmt.Errorf("reading while others write: %w", err)
			}
			if data, ok := byVersion[got.Version]; ok && data != string(got.Data) || !isRepeated(got.Data) {
				return fmt.Errorf("reading while others write returned %s, which nobody wrote as version %q", storecheck.Quote(got.Data), got.Version)
			}
			byVersion[got.Version] = string(got.Data)
		}
		return nil
	})
}

func (t trial) rewrite(ctx context.Context, name, version string) error {
	for i := range callers * attempts {
		next, err := t.put(ctx, name, storecheck.Repeated(i%callers), version)
		if err != nil {
			return err
		}
		version = next
	}
	return nil
}

func isRepeated(data []byte) bool {
	for i := range callers {
		if string(data) == string(storecheck.Repeated(i)) {
			return true
		}
	}
	return false
}
