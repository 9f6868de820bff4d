package store

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Memory is a [Store] in one process, for tests and for backends of one instance. The
// records are lost when the process ends. The zero value is empty and ready. A Memory must
// not be copied after first use. A Memory does not print its records.
type Memory struct {
	// Now is the clock for expiry. Nil: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	records map[string]memoryRecord
}

type memoryRecord struct {
	data    secret.String // does not print, and cannot be changed by a caller
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

// present returns the record under name, and the zero record if there is none.
func (m *Memory) present(name string, now time.Time) (memoryRecord, bool) {
	r, ok := m.records[name]
	if !ok || r.isOver(now) {
		return memoryRecord{}, false
	}
	return r, true
}

// swept is the number of records that a Put checks. Each Put adds one record at most. With
// two checks, the number of expired records stays in proportion to the others.
const swept = 2

// sweep checks a few records, and removes expired ones. Iteration over a map picks the
// records at random.
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
