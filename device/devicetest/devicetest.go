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
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
)

// TestStore runs each check of [Check] as a subtest on a store of its own.
// newStore may return the same store every time. The checks of Swap are skipped if
// the store is not a [device.Swapper].
func TestStore(t *testing.T, newStore func(t *testing.T) device.Store) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			if !c.fits(store) {
				t.Skipf("%T is not a device.Swapper", store)
			}
			if err := c.run(t.Context(), store); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check returns nil if store does what [device.Store] promises, and what
// [device.Swapper] promises if store is one. Else it returns the violations,
// joined. It is for programs that are not tests of package testing.
func Check(ctx context.Context, store device.Store) error {
	var errs []error
	for _, c := range checks {
		if !c.fits(store) {
			continue
		}
		if err := c.run(ctx, store); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

type check struct {
	name  string
	test  func(context.Context, *session) error
	swaps bool // it needs a Swapper
}

var checks = []check{
	{name: "not found", test: notFound},
	{name: "any bytes", test: anyBytes},
	{name: "replace", test: replace},
	{name: "delete", test: deleteOne},
	{name: "delete nothing", test: deleteNothing},
	{name: "names", test: names},
	{name: "put copies", test: putCopies},
	{name: "get copies", test: getCopies},
	{name: "ended context", test: endedContext},
	{name: "many users at once", test: manyUsers},
	{name: "one user many times", test: oneUser},
	{name: "two holders", test: twoHolders},
	{name: "ninth user", test: ninthUser},
	{name: "swap", test: swapInOrder, swaps: true},
	{name: "swap with an ended context", test: swapEnded, swaps: true},
	{name: "one swap of many", test: oneSwapOfMany, swaps: true},
	{name: "count", test: count, swaps: true},
	{name: "one holder at once", test: oneHolder, swaps: true},
}

func (c check) fits(store device.Store) bool {
	_, ok := store.(device.Swapper)
	return ok || !c.swaps
}

func (c check) run(ctx context.Context, store device.Store) (err error) {
	s := &session{store: store, prefix: "devicetest/" + rand.Text() + "/"}
	defer func() { err = errors.Join(err, s.deleteAll(ctx)) }()
	return c.test(ctx, s)
}

// session is one check's part of a store: it keeps apart the names of checks
// that share the store, and remembers what there is to delete.
type session struct {
	store  device.Store
	prefix string
	mu     sync.Mutex
	names  map[string]bool
}

func (s *session) put(ctx context.Context, name string, data []byte) error {
	s.remember(name)
	if err := s.store.Put(ctx, s.prefix+name, data); err != nil {
		return fmt.Errorf("Put(%s): %w", quote(name), err)
	}
	return nil
}

func (s *session) swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	s.remember(name)
	swapped, err := s.store.(device.Swapper).Swap(ctx, s.prefix+name, old, new)
	if err != nil {
		return false, fmt.Errorf("Swap(%s): %w", quote(name), err)
	}
	return swapped, nil
}

func (s *session) remember(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil {
		s.names = make(map[string]bool)
	}
	s.names[name] = true
}

// want gets the record under name and compares.
func (s *session) want(ctx context.Context, name string, data []byte) error {
	got, err := s.store.Get(ctx, s.prefix+name)
	if err != nil {
		return fmt.Errorf("Get(%s): %w", quote(name), err)
	}
	if !bytes.Equal(got, data) {
		return fmt.Errorf("Get(%s) returned %s, want %s", quote(name), quote(string(got)), quote(string(data)))
	}
	return nil
}

func (s *session) wantNotFound(ctx context.Context, name string) error {
	got, err := s.store.Get(ctx, s.prefix+name)
	if err == nil {
		return fmt.Errorf("Get(%s) returned %s and no error, want device.ErrNotFound", quote(name), quote(string(got)))
	}
	if !errors.Is(err, device.ErrNotFound) {
		return fmt.Errorf("Get(%s) returned an error that is not device.ErrNotFound: %w", quote(name), err)
	}
	return nil
}

func (s *session) delete(ctx context.Context, name string) error {
	if err := s.store.Delete(ctx, s.prefix+name); err != nil {
		return fmt.Errorf("Delete(%s): %w", quote(name), err)
	}
	return nil
}

// deleteAll cleans up also when ctx has ended meanwhile.
func (s *session) deleteAll(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for name := range s.names {
		errs = append(errs, s.delete(ctx, name))
	}
	return errors.Join(errs...)
}

// quote keeps long names and records out of messages.
func quote(text string) string {
	const most = 40
	if len(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q... (%d bytes)", text[:most], len(text))
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

// repeated is a record whose parts can be told from those of any other.
func repeated(i int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("record %d;", i), 1+4*i))
}
