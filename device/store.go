package device

import (
	"context"
	"errors"
	"sync"

	"github.com/cognitoflow/cognitoflow/secret"
)

// ErrNotFound is what errors.Is finds in the error of [Store.Get] when there is
// no record under the name.
var ErrNotFound = errors.New("device: no record under this name")

var errNoName = errors.New("device: the name of a record is empty")

// Store keeps records under names. Both are the caller's affair: a store does
// not look into them. Names are UTF-8 text of 1 to 1,024 bytes with any
// characters but NUL; two of them are the same only if all bytes are. Records
// are 1 to 2,048 of any bytes, so that they fit a browser's cookie, and hold
// secrets.
//
// A Store is safe for concurrent use. Get sees a whole record, that of some
// Put, also while others write. An operation that gives up because ctx ended
// returns an error.
//
// Package devicetest tests an implementation.
type Store interface {
	// Get returns the record of the last Put under name, or ErrNotFound, which
	// may be wrapped. The caller may change the bytes.
	Get(ctx context.Context, name string) ([]byte, error)
	// Put writes a record, in place of an earlier one under the same name. The
	// caller may change the bytes afterwards.
	Put(ctx context.Context, name string, data []byte) error
	// Delete removes the record under name. No record there is no error.
	Delete(ctx context.Context, name string) error
}

// Swapper is a [Store] that several processes can change at once without losing a
// change. [Memory], [Dir] and the device stores of package seal are Swappers.
type Swapper interface {
	Store
	// Swap writes the record under name if the present one is old, in one step,
	// and reports whether it was. A nil old means no record. A nil new deletes
	// the record.
	Swap(ctx context.Context, name string, old, new []byte) (bool, error)
}

// Memory is a [Store] that is lost with the process. The zero value is empty
// and ready. It must not be copied after first use. It does not print its records.
type Memory struct {
	mu sync.RWMutex
	// secret.String keeps the records out of fmt and, being text, unchanged.
	records map[string]secret.String
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, name string) ([]byte, error) {
	if err := check(ctx, name); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	data, ok := m.records[name]
	if !ok {
		return nil, ErrNotFound
	}
	return []byte(data.Reveal()), nil
}

// Put implements [Store].
func (m *Memory) Put(ctx context.Context, name string, data []byte) error {
	if err := check(ctx, name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records == nil {
		m.records = make(map[string]secret.String)
	}
	m.records[name] = secret.New(string(data))
	return nil
}

// Delete implements [Store].
func (m *Memory) Delete(ctx context.Context, name string) error {
	if err := check(ctx, name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, name)
	return nil
}

// Swap implements [Swapper].
func (m *Memory) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	if err := check(ctx, name); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	present, ok := m.records[name]
	if ok != (old != nil) || present.Reveal() != string(old) {
		return false, nil
	}
	if new == nil {
		delete(m.records, name)
		return true, nil
	}
	if m.records == nil {
		m.records = make(map[string]secret.String)
	}
	m.records[name] = secret.New(string(new))
	return true, nil
}

// check refuses what the stores of this package refuse alike. An empty name is
// a mistake that would have all users share one device.
func check(ctx context.Context, name string) error {
	if name == "" {
		return errNoName
	}
	return ctx.Err()
}
