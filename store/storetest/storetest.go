// Package storetest tests implementations of [store.Store].
//
// Test a store with the real database: most faults of stores are in isolation levels,
// retries and expiry. The records of the test have random names, and are deleted at the
// end. So the test can run against a store in use. The test waits for some seconds until
// records expire.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/storecheck"
	"github.com/cognitoflow/cognitoflow/store"
)

// TestStore runs each check of [Check] as a subtest, and calls newStore for each subtest.
// newStore may return the same store every time.
func TestStore(t *testing.T, newStore func(t *testing.T) store.Store) { suite.Run(t, newStore) }

// Check returns nil if s keeps the rules of [store.Store]. Otherwise Check returns all
// violations, joined. Check is for programs that do not use package testing.
func Check(ctx context.Context, s store.Store) error { return suite.Check(ctx, s) }

var suite = storecheck.Suite[store.Store, trial]{
	View:   func(t *storecheck.Trial[store.Store]) trial { return trial{t} },
	Delete: func(ctx context.Context, s store.Store, name string) error { return s.Delete(ctx, name, "") },
	Checks: []storecheck.Check[store.Store, trial]{
		{Name: "not found", Test: notFound},
		{Name: "any bytes", Test: anyBytes},
		{Name: "size of data", Test: sizeOfData},
		{Name: "create", Test: create},
		{Name: "replace", Test: replace},
		{Name: "stale version", Test: staleVersion},
		{Name: "absent record", Test: absentRecord},
		{Name: "versions", Test: versions},
		{Name: "delete", Test: deleteOne},
		{Name: "names", Test: names},
		{Name: "bad names", Test: badNames},
		{Name: "expired records", Test: expired},
		{Name: "expiry", Test: expiry},
		{Name: "put copies", Test: putCopies},
		{Name: "get copies", Test: getCopies},
		{Name: "ended context", Test: endedContext},
		{Name: "create at once", Test: createAtOnce},
		{Name: "replace at once", Test: replaceAtOnce},
		{Name: "delete at once", Test: deleteAtOnce},
		{Name: "whole records", Test: wholeRecords},
	},
}

// trial is the part of a store for one check.
type trial struct{ *storecheck.Trial[store.Store] }

// name returns the full name of a record.
func (t trial) name(short string) string { return t.Uses(store.Name("storetest", t.Prefix, short)) }

var never time.Time

// put writes a record that does not expire, and returns its version.
func (t trial) put(ctx context.Context, short string, data []byte, version string) (string, error) {
	return t.putUntil(ctx, short, data, version, never)
}

func (t trial) putUntil(ctx context.Context, short string, data []byte, version string, expires time.Time) (string, error) {
	next, err := t.Store.Put(ctx, t.name(short), data, version, expires)
	switch {
	case err != nil:
		return "", fmt.Errorf("Put(%s): %w", short, err)
	case next == "" || len(next) > store.MaxVersion:
		return "", fmt.Errorf("Put(%s) returned a version of %d bytes, want 1 to %d", short, len(next), store.MaxVersion)
	}
	return next, nil
}

func (t trial) wantConflict(ctx context.Context, short string, data []byte, version string) error {
	if _, err := t.Store.Put(ctx, t.name(short), data, version, never); !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("Put(%s) with a version that is not the present one returned %v, want store.ErrConflict", short, err)
	}
	return nil
}

// want fails unless Get returns these data and this version.
func (t trial) want(ctx context.Context, short string, data []byte, version string) error {
	got, err := t.Store.Get(ctx, t.name(short))
	switch {
	case err != nil:
		return fmt.Errorf("Get(%s): %w", short, err)
	case !bytes.Equal(got.Data, data):
		return fmt.Errorf("Get(%s) returned %s, want %s", short, storecheck.Quote(got.Data), storecheck.Quote(data))
	case got.Version != version:
		return fmt.Errorf("Get(%s) returned version %q, and Put %q", short, got.Version, version)
	}
	return nil
}

func (t trial) wantNotFound(ctx context.Context, short string) error {
	got, err := t.Store.Get(ctx, t.name(short))
	if err == nil {
		return fmt.Errorf("Get(%s) returned %s and no error, want store.ErrNotFound", short, storecheck.Quote(got.Data))
	}
	if !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("Get(%s) returned an error that is not store.ErrNotFound: %w", short, err)
	}
	return nil
}

func (t trial) delete(ctx context.Context, short, version string) error {
	if err := t.Store.Delete(ctx, t.name(short), version); err != nil {
		return fmt.Errorf("Delete(%s): %w", short, err)
	}
	return nil
}

func (t trial) wantNotDeleted(ctx context.Context, short, version string) error {
	if err := t.Store.Delete(ctx, t.name(short), version); !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("Delete(%s) with a version that is not the present one returned %v, want store.ErrConflict", short, err)
	}
	return nil
}
