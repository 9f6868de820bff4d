package store

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Memory is a [Store] in one process, for tests and for backends of one instance. A
// Memory is lost with the process. The zero value is empty and ready. It must not be copied
// after first use. A Memory does not print its records.
type Memory struct {
	// Now is the clock that expiry is compared with. Nil: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	records map[string]memoryRecord
}

type memoryRecord struct {
	data    secret.String // which keeps data out of fmt and, being text, unchanged
	version string
	expires time.Time
}

func (r memoryRecord) isOver(now time.Time) bool {
	return !r.expires.IsZero() && !now.Before(r.expires)
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, name string) (Record, error) {
	if err := checkCall(ctx, name); err != nil {
		return Record{}, err
	}
	m.mu.Lock()
	r, ok := m.present(name, m.now())
	m.mu.Unlock()
	if !ok {
		return Record{}, ErrNotFound
	}
	return Record{[]byte(r.data.Reveal()), r.version}, nil
}

// Put implements [Store].
func (m *Memory) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if err := checkCall(ctx, name); err != nil {
		return "", err
	}
	if err := CheckData(data); err != nil {
		return "", err
	}
	next := memoryRecord{secret.New(string(data)), rand.Text(), expires}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if r, _ := m.present(name, now); r.version != version {
		return "", ErrConflict
	}
	m.sweep(now)
	if m.records == nil {
		m.records = make(map[string]memoryRecord)
	}
	m.records[name] = next
	return next.version, nil
}

// Delete implements [Store].
func (m *Memory) Delete(ctx context.Context, name, version string) error {
	if err := checkCall(ctx, name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, _ := m.present(name, m.now()); version != "" && r.version != version {
		return ErrConflict
	}
	delete(m.records, name)
	return nil
}

// present returns the record under name, the zero record if there is none.
func (m *Memory) present(name string, now time.Time) (memoryRecord, bool) {
	r, ok := m.records[name]
	if !ok || r.isOver(now) {
		return memoryRecord{}, false
	}
	return r, true
}

// swept is how many records a Put looks at. Each Put adds one at most, so two suffice
// to keep the number of expired ones in proportion to the others.
const swept = 2

// sweep removes expired records among a few that it picks at random, as iteration
// over a map does.
func (m *Memory) sweep(now time.Time) {
	left := swept
	for name, r := range m.records {
		if r.isOver(now) {
			delete(m.records, name)
		}
		if left--; left == 0 {
			return
		}
	}
}

func (m *Memory) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}

func checkCall(ctx context.Context, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return ctx.Err()
}
