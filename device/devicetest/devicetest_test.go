package devicetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
)

// altered is a sound store of which a test replaces an operation.
type altered struct {
	device.Store
	get    func(context.Context, string) ([]byte, error)
	put    func(context.Context, string, []byte) error
	delete func(context.Context, string) error
}

func (a altered) Get(ctx context.Context, name string) ([]byte, error) {
	if a.get != nil {
		return a.get(ctx, name)
	}
	return a.Store.Get(ctx, name)
}

func (a altered) Put(ctx context.Context, name string, data []byte) error {
	if a.put != nil {
		return a.put(ctx, name, data)
	}
	return a.Store.Put(ctx, name, data)
}

func (a altered) Delete(ctx context.Context, name string) error {
	if a.delete != nil {
		return a.delete(ctx, name)
	}
	return a.Store.Delete(ctx, name)
}

// renaming is a store that files records under what f makes of their names.
func renaming(s device.Store, f func(string) string) device.Store {
	return altered{
		get:    func(ctx context.Context, name string) ([]byte, error) { return s.Get(ctx, f(name)) },
		put:    func(ctx context.Context, name string, data []byte) error { return s.Put(ctx, f(name), data) },
		delete: func(ctx context.Context, name string) error { return s.Delete(ctx, f(name)) },
	}
}

// sharing is a store that does not copy, in or out.
type sharing struct {
	mu      sync.Mutex
	records map[string][]byte
	in, out func([]byte) []byte
}

func (s *sharing) Get(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data, ok := s.records[name]; ok {
		return s.out(data), nil
	}
	return nil, device.ErrNotFound
}

func (s *sharing) Put(_ context.Context, name string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[name] = s.in(data)
	return nil
}

func (s *sharing) Delete(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.records, name)
	return nil
}

func same(data []byte) []byte { return data }

// The time that a slow store takes. The tests run in a bubble of package
// synctest, whose clock lets reads end in the middle of writes every time.
const (
	writing = 10 * time.Millisecond
	reading = 3 * time.Millisecond
)

func slowGet(s device.Store) func(context.Context, string) ([]byte, error) {
	return func(ctx context.Context, name string) ([]byte, error) {
		time.Sleep(reading)
		return s.Get(ctx, name)
	}
}

// broken lists stores with one fault each, and the check that has to find it.
var broken = []struct {
	fault, check string
	breakIt      func(sound *device.Memory) device.Store
}{
	{"returns nothing and no error for a missing record", "not found", func(m *device.Memory) device.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) ([]byte, error) {
			data, err := m.Get(ctx, name)
			if errors.Is(err, device.ErrNotFound) {
				return nil, nil
			}
			return data, err
		}}
	}},
	{"has its own error for a missing record", "not found", func(m *device.Memory) device.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) ([]byte, error) {
			data, err := m.Get(ctx, name)
			if err != nil {
				return nil, errors.New("no rows")
			}
			return data, nil
		}}
	}},
	{"takes records for text", "any bytes", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			return m.Put(ctx, name, bytes.ToValidUTF8(data, []byte("?")))
		}}
	}},
	{"trims records", "any bytes", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			return m.Put(ctx, name, bytes.TrimSpace(data))
		}}
	}},
	{"keeps the first record", "replace", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			if _, err := m.Get(ctx, name); err == nil {
				return nil
			}
			return m.Put(ctx, name, data)
		}}
	}},
	{"does not cut off the end of a longer record", "replace", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			if old, err := m.Get(ctx, name); err == nil && len(old) > len(data) {
				copy(old, data)
				data = old
			}
			return m.Put(ctx, name, data)
		}}
	}},
	{"deletes nothing", "delete", func(m *device.Memory) device.Store {
		return altered{Store: m, delete: func(context.Context, string) error { return nil }}
	}},
	{"empties a record instead of deleting it", "delete", func(m *device.Memory) device.Store {
		return altered{Store: m, delete: func(ctx context.Context, name string) error { return m.Put(ctx, name, nil) }}
	}},
	{"deletes what begins with the name", "delete", func(m *device.Memory) device.Store {
		s := &sharing{records: map[string][]byte{}, in: bytes.Clone, out: bytes.Clone}
		return altered{Store: s, delete: func(_ context.Context, name string) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			maps.DeleteFunc(s.records, func(n string, _ []byte) bool { return strings.HasPrefix(n, name) })
			return nil
		}}
	}},
	{"has an error for deleting nothing", "delete nothing", func(m *device.Memory) device.Store {
		return altered{Store: m, delete: func(ctx context.Context, name string) error {
			if _, err := m.Get(ctx, name); err != nil {
				return err
			}
			return m.Delete(ctx, name)
		}}
	}},
	{"ignores case", "names", func(m *device.Memory) device.Store { return renaming(m, strings.ToLower) }},
	{"ignores spaces at the end", "names", func(m *device.Memory) device.Store {
		return renaming(m, func(name string) string { return strings.TrimRight(name, " ") })
	}},
	{"takes names for paths", "names", func(m *device.Memory) device.Store { return renaming(m, path.Clean) }},
	{"replaces slashes", "names", func(m *device.Memory) device.Store {
		return renaming(m, func(name string) string { return strings.ReplaceAll(name, "/", "_") })
	}},
	{"ignores accents", "names", func(m *device.Memory) device.Store {
		return renaming(m, strings.NewReplacer("\u00e9", "e", "\u0301", "").Replace)
	}},
	{"composes characters", "names", func(m *device.Memory) device.Store {
		return renaming(m, strings.NewReplacer("e\u0301", "\u00e9").Replace)
	}},
	{"cuts names", "names", func(m *device.Memory) device.Store {
		return renaming(m, func(name string) string { return name[:min(len(name), 255)] })
	}},
	{"refuses long names", "names", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			if len(name) > 255 {
				return errors.New("name too long")
			}
			return m.Put(ctx, name, data)
		}}
	}},
	{"keeps the caller's bytes", "put copies", func(*device.Memory) device.Store {
		return &sharing{records: map[string][]byte{}, in: same, out: bytes.Clone}
	}},
	{"hands out its own bytes", "get copies", func(*device.Memory) device.Store {
		return &sharing{records: map[string][]byte{}, in: bytes.Clone, out: same}
	}},
	{"finds nothing when the context has ended", "ended context", func(m *device.Memory) device.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) ([]byte, error) {
			data, err := m.Get(ctx, name)
			if err != nil {
				return nil, device.ErrNotFound
			}
			return data, nil
		}}
	}},
	{"keeps silent about a Put that did not happen", "ended context", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			if err := m.Put(ctx, name, data); ctx.Err() == nil {
				return err
			}
			return nil
		}}
	}},
	{"keeps silent about a Delete that did not happen", "ended context", func(m *device.Memory) device.Store {
		return altered{Store: m, delete: func(ctx context.Context, name string) error {
			if err := m.Delete(ctx, name); ctx.Err() == nil {
				return err
			}
			return nil
		}}
	}},
	{"deletes before it notices that the context has ended", "ended context", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			return errors.Join(m.Delete(context.WithoutCancel(ctx), name), m.Put(ctx, name, data))
		}}
	}},
	{"writes back all records", "many users at once", func(*device.Memory) device.Store {
		s := &sharing{records: map[string][]byte{}, in: bytes.Clone, out: bytes.Clone}
		return altered{Store: s, put: func(_ context.Context, name string, data []byte) error {
			s.mu.Lock()
			all := maps.Clone(s.records)
			s.mu.Unlock()
			time.Sleep(writing)
			all[name] = bytes.Clone(data)
			s.mu.Lock()
			s.records = all
			s.mu.Unlock()
			return nil
		}}
	}},
	{"shows a record that is being written", "one user many times", func(m *device.Memory) device.Store {
		return altered{Store: m, get: slowGet(m), put: func(ctx context.Context, name string, data []byte) error {
			if err := m.Put(ctx, name, data[:len(data)/2]); err != nil {
				return err
			}
			time.Sleep(writing)
			return m.Put(ctx, name, data)
		}}
	}},
	{"deletes before it writes", "one user many times", func(m *device.Memory) device.Store {
		return altered{Store: m, get: slowGet(m), put: func(ctx context.Context, name string, data []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := m.Delete(ctx, name); err != nil {
				return err
			}
			time.Sleep(writing)
			return m.Put(ctx, name, data)
		}}
	}},
}

func TestBrokenStoresAreFound(t *testing.T) {
	for _, b := range broken {
		t.Run(b.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := slices.IndexFunc(checks, func(c check) bool { return c.name == b.check })
				if i < 0 {
					t.Fatalf("there is no check %q", b.check)
				}
				if err := checks[i].run(t.Context(), b.breakIt(new(device.Memory))); err == nil {
					t.Errorf("the check %q did not find the fault", b.check)
				}
				if err := Check(t.Context(), b.breakIt(new(device.Memory))); err == nil {
					t.Error("Check did not find the fault")
				}
			})
		})
	}
}

func TestEveryCheckFindsSomething(t *testing.T) {
	for _, c := range checks {
		found := false
		for _, b := range broken {
			found = found || b.check == c.name
		}
		if !found {
			t.Errorf("no broken store fails the check %q", c.name)
		}
	}
}

func TestSoundStorePasses(t *testing.T) {
	// A sound store may wrap its errors, and may ignore ctx.
	var m device.Memory
	store := altered{
		Store: &m,
		get: func(_ context.Context, name string) ([]byte, error) {
			data, err := m.Get(context.Background(), name)
			if err != nil {
				return nil, fmt.Errorf("table devices: %w", err)
			}
			return data, nil
		},
		put: func(_ context.Context, name string, data []byte) error {
			return m.Put(context.Background(), name, data)
		},
		delete: func(_ context.Context, name string) error { return m.Delete(context.Background(), name) },
	}
	if err := Check(t.Context(), store); err != nil {
		t.Error(err)
	}
}

// The test can run against a store that is in use.
func TestCheckCleansUp(t *testing.T) {
	s := &sharing{records: map[string][]byte{"user": []byte("record")}, in: bytes.Clone, out: bytes.Clone}
	if err := Check(t.Context(), s); err != nil {
		t.Error(err)
	}
	if len(s.records) != 1 || string(s.records["user"]) != "record" {
		t.Errorf("%d records are left, want the one that was there before", len(s.records))
	}
}

// An outage is one, and not a missing record.
func TestOutageIsReported(t *testing.T) {
	down := errors.New("connection refused")
	err := Check(t.Context(), altered{Store: new(device.Memory),
		get: func(context.Context, string) ([]byte, error) { return nil, down }})
	if !errors.Is(err, down) {
		t.Errorf("errors.Is does not find the store's error in %v", err)
	}
}
