// Package storetest tests implementations of [store.Store].
//
// A store over a database is tested with the database that it is meant for:
// isolation levels, retries and expiry are where stores go wrong. The records that the
// test writes have random names and are deleted at the end. So the test can run against
// a store that is in use. The test waits for some seconds until records expire.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
)

// TestStore runs each check of [Check] as a subtest on a store of its own.
// newStore may return the same store every time.
func TestStore(t *testing.T, newStore func(t *testing.T) store.Store) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(t.Context(), newStore(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check returns nil if s does what [store.Store] promises, else the violations,
// joined. Check is for programs that are not tests of package testing.
func Check(ctx context.Context, s store.Store) error {
	var errs []error
	for _, c := range checks {
		if err := c.run(ctx, s); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

type check struct {
	name string
	test func(context.Context, *trial) error
}

var checks = []check{
	{"not found", notFound},
	{"any bytes", anyBytes},
	{"size of data", sizeOfData},
	{"create", create},
	{"replace", replace},
	{"stale version", staleVersion},
	{"absent record", absentRecord},
	{"versions", versions},
	{"delete", deleteOne},
	{"names", names},
	{"bad names", badNames},
	{"expired records", expired},
	{"expiry", expiry},
	{"put copies", putCopies},
	{"get copies", getCopies},
	{"ended context", endedContext},
	{"create at once", createAtOnce},
	{"replace at once", replaceAtOnce},
	{"delete at once", deleteAtOnce},
	{"whole records", wholeRecords},
}

func (c check) run(ctx context.Context, s store.Store) (err error) {
	t := &trial{store: s, prefix: rand.Text(), names: make(map[string]bool)}
	defer func() { err = errors.Join(err, t.deleteAll(ctx)) }()
	return c.test(ctx, t)
}

// trial is one check's part of a store: it keeps apart the names of checks that
// share the store, and remembers what there is to delete.
type trial struct {
	store  store.Store
	prefix string
	mu     sync.Mutex
	names  map[string]bool
}

// name turns a short name into one of the store's.
func (t *trial) name(short string) string {
	name := store.Name("storetest", t.prefix, short)
	t.mu.Lock()
	t.names[name] = true
	t.mu.Unlock()
	return name
}

var never time.Time

// put writes a record that does not expire, and returns its version.
func (t *trial) put(ctx context.Context, short string, data []byte, version string) (string, error) {
	return t.putUntil(ctx, short, data, version, never)
}

func (t *trial) putUntil(ctx context.Context, short string, data []byte, version string, expires time.Time) (string, error) {
	next, err := t.store.Put(ctx, t.name(short), data, version, expires)
	switch {
	case err != nil:
		return "", fmt.Errorf("Put(%s): %w", short, err)
	case next == "" || len(next) > store.MaxVersion:
		return "", fmt.Errorf("Put(%s) returned a version of %d bytes, want 1 to %d", short, len(next), store.MaxVersion)
	}
	return next, nil
}

func (t *trial) wantConflict(ctx context.Context, short string, data []byte, version string) error {
	if _, err := t.store.Put(ctx, t.name(short), data, version, never); !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("Put(%s) with a version that is not the present one returned %v, want store.ErrConflict", short, err)
	}
	return nil
}

// want gets the record and compares it.
func (t *trial) want(ctx context.Context, short string, data []byte, version string) error {
	got, err := t.store.Get(ctx, t.name(short))
	switch {
	case err != nil:
		return fmt.Errorf("Get(%s): %w", short, err)
	case !bytes.Equal(got.Data, data):
		return fmt.Errorf("Get(%s) returned %s, want %s", short, quote(got.Data), quote(data))
	case got.Version != version:
		return fmt.Errorf("Get(%s) returned version %q, and Put %q", short, got.Version, version)
	}
	return nil
}

func (t *trial) wantNotFound(ctx context.Context, short string) error {
	got, err := t.store.Get(ctx, t.name(short))
	if err == nil {
		return fmt.Errorf("Get(%s) returned %s and no error, want store.ErrNotFound", short, quote(got.Data))
	}
	if !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("Get(%s) returned an error that is not store.ErrNotFound: %w", short, err)
	}
	return nil
}

func (t *trial) delete(ctx context.Context, short, version string) error {
	if err := t.store.Delete(ctx, t.name(short), version); err != nil {
		return fmt.Errorf("Delete(%s): %w", short, err)
	}
	return nil
}

func (t *trial) wantNotDeleted(ctx context.Context, short, version string) error {
	if err := t.store.Delete(ctx, t.name(short), version); !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("Delete(%s) with a version that is not the present one returned %v, want store.ErrConflict", short, err)
	}
	return nil
}

// deleteAll cleans up also when ctx has ended meanwhile.
func (t *trial) deleteAll(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for name := range t.names {
		errs = append(errs, t.store.Delete(ctx, name, ""))
	}
	return errors.Join(errs...)
}

// quote keeps long data out of messages.
func quote(data []byte) string {
	const most = 40
	if len(data) <= most {
		return fmt.Sprintf("%q", data)
	}
	return fmt.Sprintf("%q... (%d bytes)", data[:most], len(data))
}

// inOrder runs steps up to the first error.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// atOnce runs count calls of f together.
func atOnce(count int, f func(i int) error) error {
	errs := make([]error, count)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	group.Wait()
	return errors.Join(errs...)
}

// repeated is data whose parts can be told from those of any other.
func repeated(i int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "record %d;", i), 1+4*i)
}
