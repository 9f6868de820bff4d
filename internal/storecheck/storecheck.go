// Package storecheck runs checks on a store. Packages devicetest and storetest share storecheck,
// and their stores have different interfaces.
package storecheck

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Suite has the checks of stores with the interface S. A check gets a store as a T, which has the
// operations that the checks repeat.
type Suite[S, T any] struct {
	Checks []Check[S, T]
	View   func(*Trial[S]) T
	// Delete removes a record of a trial. An absent record is no error.
	Delete func(ctx context.Context, store S, name string) error
}

// Check is a check for one fault. Test returns an error if the store has the fault.
type Check[S, T any] struct {
	Name string
	Test func(context.Context, T) error
	// Lacks returns the reason why the check does not apply to a store, "" if the check
	// applies. With a nil Lacks, the check applies to all stores.
	Lacks func(S) string
}

// Run runs each check as a subtest on a new store.
func (s Suite[S, T]) Run(t *testing.T, newStore func(*testing.T) S) {
	for _, c := range s.Checks {
		t.Run(c.Name, func(t *testing.T) {
			store := newStore(t)
			if reason := c.lacks(store); reason != "" {
				t.Skip(reason)
			}
			if err := s.try(t.Context(), c, store); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check runs the checks that apply to a store, and returns the joined errors of the faults.
func (s Suite[S, T]) Check(ctx context.Context, store S) error {
	var errs []error
	for _, c := range s.Checks {
		if c.lacks(store) != "" {
			continue
		}
		if err := s.try(ctx, c, store); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (c Check[S, T]) lacks(store S) string {
	if c.Lacks == nil {
		return ""
	}
	return c.Lacks(store)
}

// try runs a check, and deletes the records of the check. The deletion does not end with ctx.
func (s Suite[S, T]) try(ctx context.Context, c Check[S, T], store S) error {
	trial := &Trial[S]{Store: store, Prefix: rand.Text() + "/", names: make(map[string]bool)}
	errs := []error{c.Test(ctx, s.View(trial))}
	ctx = context.WithoutCancel(ctx)
	for name := range trial.names {
		if err := s.Delete(ctx, store, name); err != nil {
			errs = append(errs, fmt.Errorf("deleting a record of the check: %w", err))
		}
	}
	return errors.Join(errs...)
}

// Trial is the part of a store that one check uses.
type Trial[S any] struct {
	Store  S
	Prefix string // a random text, so that checks use different names

	mu    sync.Mutex
	names map[string]bool
}

// Uses returns the name of a record that the check may write. The record is deleted at the end of
// the check.
func (t *Trial[S]) Uses(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.names[name] = true
	return name
}

// Quote quotes a text, and cuts a long one.
func Quote[Text string | []byte](text Text) string {
	const most = 40
	if len(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q... (%d bytes)", text[:most], len(text))
}

// InOrder runs steps up to the first error.
func InOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// AtOnce calls f count times at once, and returns the joined errors.
func AtOnce(count int, f func(i int) error) error {
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

// Repeated returns the i-th record. Each part of a record differs from each part of another record.
func Repeated(i int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("record %d;", i), 1+4*i))
}

// AnyBytes returns records with bytes that some stores change: size bytes of every value, one zero
// byte, ends of lines, and spaces.
func AnyBytes(size int) map[string][]byte {
	every := make([]byte, size)
	for i := range every {
		every[i] = byte(i)
	}
	return map[string][]byte{
		"every byte": every,
		"one byte":   {0},
		"line ends":  []byte("a\r\nb\n\n"),
		"spaces":     []byte(" a "),
	}
}
