package device

import (
	"context"
	"errors"
	"sync"

	"github.com/cognitoflow/cognitoflow/secret"
)

// ErrNotFound says that there is no record under the name. errors.Is finds ErrNotFound in
// the error of [Store.Get].
var ErrNotFound = errors.New("device: no record under this name")

var errNoName = errors.New("device: the name of a record is empty")

// Store keeps records under names. A store does not interpret names and records.
//
//   - A name is UTF-8 text of 1 to 1,024 bytes, without NUL. Two names are the same only
//     if all bytes are the same.
//   - A record has 1 to 2,048 bytes of any value, and so fits into a cookie. A record has
//     secrets.
//
// A Store must be safe for concurrent use. Get returns the whole record of one Put, also
// during another Put. An operation that stops because ctx has ended returns an error.
//
// Package devicetest tests an implementation.
type Store interface {
	// Get returns the record of the last Put under name. If there is none, errors.Is
	// finds ErrNotFound in the error. The caller may change the bytes.
	Get(ctx context.Context, name string) ([]byte, error)
	// Put writes a record, and replaces a former record under the same name. The
	// caller may change the bytes afterwards.
	Put(ctx context.Context, name string, data []byte) error
	// Delete removes the record under name. Delete succeeds if there is no record.
	Delete(ctx context.Context, name string) error
}

// Swapper is a [Store] that does not lose a change if several processes write at once.
// [Memory], [Dir] and the device stores of package seal are Swappers.
type Swapper interface {
	Store
	// Swap compares the present record with old, and writes new if they are the same,
	// in one step. Swap reports whether it has written. A nil old means no record. A
	// nil new deletes the record.
	Swap(ctx context.Context, name string, old, new []byte) (bool, error)
}

// Memory is a [Swapper] in the memory of the process. The zero value is empty and ready. A
// Memory must not be copied after first use. A Memory does not print its records.
type Memory struct {
	mu sync.RWMutex
	// secret.String does not print, and cannot be changed by a caller.
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

// check refuses an empty name: all users with an empty name would share one device.
func check(ctx context.Context, name string) error {
	if name == "" {
		return errNoName
	}
	return ctx.Err()
}
