// Package devicetest tests implementations of [device.Store].
//
// A store over a database is tested with the database that it is meant for:
// collations, column lengths and isolation levels are where stores go wrong.
// The records that the test writes have random names, so it can run against a
// store that is in use, and are deleted at the end.
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

// TestStore runs each check of [Check] as a subtest on a store of its own.
// newStore may return the same store every time. The checks of Swap are skipped if
// the store is not a [device.Swapper].
func TestStore(t *testing.T, newStore func(t *testing.T) device.Store) { suite.Run(t, newStore) }

// Check returns nil if store does what [device.Store] promises, and what
// [device.Swapper] promises if store is one. Else it returns the violations,
// joined. It is for programs that are not tests of package testing.
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

// noSwapper says so if a store has no Swap.
func noSwapper(store device.Store) string {
	if _, ok := store.(device.Swapper); !ok {
		return fmt.Sprintf("%T is not a device.Swapper", store)
	}
	return ""
}

// session is the part of a store that one check has for itself.
type session struct {
	*storecheck.Trial[device.Store]
}

// name makes the name of a record of a short one.
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

// want gets the record under name and compares.
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
