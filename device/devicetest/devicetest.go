// Package devicetest tests implementations of [device.Store].
//
// Test a store with the real database: most faults of stores are in collations, column
// lengths and isolation levels. The records of the test have random names, and are deleted
// at the end. So the test can run against a store in use.
package devicetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/storecheck"
)

// TestStore runs each check of [Check] as a subtest, and calls newStore for each subtest.
// newStore may return the same store every time. The checks of Swap are skipped if the
// store is not a [device.Swapper].
func TestStore(t *testing.T, newStore func(t *testing.T) device.Store) { suite.Run(t, newStore) }

// Check returns nil if store keeps the rules of [device.Store], and of [device.Swapper] if
// store is one. Otherwise Check returns all violations, joined. Check is for programs that
// do not use package testing.
func Check(ctx context.Context, store device.Store) error { return suite.Check(ctx, store) }

var suite = storecheck.Suite[device.Store, session]{
	View:   func(t *storecheck.Trial[device.Store]) session { return session{t} },
	Delete: func(ctx context.Context, store device.Store, name string) error { return store.Delete(ctx, name) },
	Checks: []storecheck.Check[device.Store, session]{
		{Name: "not found", Test: notFound},
		{Name: "any bytes", Test: anyBytes},
		{Name: "replace", Test: replace},
		{Name: "delete", Test: deleteOne},
		{Name: "delete nothing", Test: deleteNothing},
		{Name: "names", Test: names},
		{Name: "put copies", Test: putCopies},
		{Name: "get copies", Test: getCopies},
		{Name: "ended context", Test: endedContext},
		{Name: "many users at once", Test: manyUsers},
		{Name: "one user many times", Test: oneUser},
		{Name: "two holders", Test: twoHolders},
		{Name: "ninth user", Test: ninthUser},
		{Name: "swap", Test: swapInOrder, Lacks: noSwapper},
		{Name: "swap with an ended context", Test: swapEnded, Lacks: noSwapper},
		{Name: "one swap of many", Test: oneSwapOfMany, Lacks: noSwapper},
		{Name: "count", Test: count, Lacks: noSwapper},
		{Name: "one holder at once", Test: oneHolder, Lacks: noSwapper},
	},
}

// noSwapper returns why the checks of Swap are skipped, and "" for a Swapper.
func noSwapper(store device.Store) string {
	if _, ok := store.(device.Swapper); !ok {
		return fmt.Sprintf("%T is not a device.Swapper", store)
	}
	return ""
}

// session is the part of a store for one check.
type session struct {
	*storecheck.Trial[device.Store]
}

// name returns the full name of a record.
func (s session) name(short string) string { return s.Uses("devicetest/" + s.Prefix + short) }

func (s session) get(ctx context.Context, short string) ([]byte, error) {
	return s.Store.Get(ctx, s.name(short))
}

func (s session) put(ctx context.Context, short string, data []byte) error {
	if err := s.Store.Put(ctx, s.name(short), data); err != nil {
		return fmt.Errorf("Put(%s): %w", storecheck.Quote(short), err)
	}
	return nil
}

func (s session) swap(ctx context.Context, short string, old, new []byte) (bool, error) {
	swapped, err := s.Store.(device.Swapper).Swap(ctx, s.name(short), old, new)
	if err != nil {
		return false, fmt.Errorf("Swap(%s): %w", storecheck.Quote(short), err)
	}
	return swapped, nil
}

// want fails unless Get returns data under name.
func (s session) want(ctx context.Context, name string, data []byte) error {
	got, err := s.get(ctx, name)
	if err != nil {
		return fmt.Errorf("Get(%s): %w", storecheck.Quote(name), err)
	}
	if !bytes.Equal(got, data) {
		return fmt.Errorf("Get(%s) returned %s, want %s", storecheck.Quote(name), storecheck.Quote(got), storecheck.Quote(data))
	}
	return nil
}

func (s session) wantNotFound(ctx context.Context, name string) error {
	got, err := s.get(ctx, name)
	if err == nil {
		return fmt.Errorf("Get(%s) returned %s and no error, want device.ErrNotFound", storecheck.Quote(name), storecheck.Quote(got))
	}
	if !errors.Is(err, device.ErrNotFound) {
		return fmt.Errorf("Get(%s) returned an error that is not device.ErrNotFound: %w", storecheck.Quote(name), err)
	}
	return nil
}

func (s session) delete(ctx context.Context, name string) error {
	if err := s.Store.Delete(ctx, s.name(name)); err != nil {
		return fmt.Errorf("Delete(%s): %w", storecheck.Quote(name), err)
	}
	return nil
}
