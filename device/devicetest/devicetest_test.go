package devicetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/storecheck"
)

// altered is a sound store whose operations a test replaces.
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

// swapping is a sound Swapper whose Swap a test replaces.
type swapping struct {
	altered
	swap func(ctx context.Context, name string, old, new []byte) (bool, error)
}

func (s swapping) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	return s.swap(ctx, name, old, new)
}

// loose is a Swapper that compares f of each record.
func loose(m *device.Memory, f func([]byte) []byte) device.Store {
	return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
		present, err := m.Get(ctx, name)
		if err == nil && old != nil && bytes.Equal(f(present), f(old)) {
			old = present
		}
		return m.Swap(ctx, name, old, new)
	}}
}

// renaming is a store that keeps a record under f of its name.
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
	{"cuts names at the end", "two holders", func(m *device.Memory) device.Store {
		return renaming(m, func(name string) string { return name[:min(len(name), 64)] })
	}},
	{"has no room for a full wallet", "ninth user", func(m *device.Memory) device.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte) error {
			if len(data) > 1024 {
				return errors.New("record too long")
			}
			return m.Put(ctx, name, data)
		}}
	}},
	{"fills records up", "ninth user", func(m *device.Memory) device.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) ([]byte, error) {
			data, err := m.Get(ctx, name)
			if err != nil {
				return nil, err
			}
			return append(data, bytes.Repeat([]byte(" "), 4096-len(data))...), nil
		}}
	}},
	{"swaps whatever is there", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, _, new []byte) (bool, error) {
			if new == nil {
				return true, m.Delete(ctx, name)
			}
			return true, m.Put(ctx, name, new)
		}}
	}},
	{"deletes whatever is there", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			if new == nil {
				return true, m.Delete(ctx, name)
			}
			return m.Swap(ctx, name, old, new)
		}}
	}},
	{"writes where there is no record", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			if _, err := m.Get(ctx, name); err != nil && new != nil {
				old = nil
			}
			return m.Swap(ctx, name, old, new)
		}}
	}},
	{"deletes nothing with success", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			if _, err := m.Get(ctx, name); err != nil && new == nil {
				return true, nil
			}
			return m.Swap(ctx, name, old, new)
		}}
	}},
	{"takes two nils for a Delete", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			if old == nil && new == nil {
				return true, m.Delete(ctx, name)
			}
			return m.Swap(ctx, name, old, new)
		}}
	}},
	{"writes an empty record for nil", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			return m.Swap(ctx, name, old, append([]byte{}, new...))
		}}
	}},
	{"takes any record for none", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			if old == nil {
				return true, m.Put(ctx, name, new)
			}
			return m.Swap(ctx, name, old, new)
		}}
	}},
	{"compares records without case", "swap", func(m *device.Memory) device.Store { return loose(m, bytes.ToLower) }},
	{"compares records without spaces", "swap", func(m *device.Memory) device.Store { return loose(m, bytes.TrimSpace) }},
	{"compares records by length", "swap", func(m *device.Memory) device.Store {
		return loose(m, func(data []byte) []byte { return make([]byte, len(data)) })
	}},
	{"compares records as patterns", "swap", func(m *device.Memory) device.Store {
		return loose(m, func(data []byte) []byte { return bytes.ReplaceAll(data, []byte("_"), []byte("t")) })
	}},
	{"counts changed rows", "swap", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			swapped, err := m.Swap(ctx, name, old, new)
			return swapped && !bytes.Equal(old, new), err
		}}
	}},
	{"takes a Swap that gave up for one that found another record", "swap with an ended context", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			swapped, err := m.Swap(ctx, name, old, new)
			if ctx.Err() != nil {
				return false, nil
			}
			return swapped, err
		}}
	}},
	{"keeps silent about a Swap that did not happen", "swap with an ended context", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			if ctx.Err() != nil {
				return true, nil
			}
			return m.Swap(ctx, name, old, new)
		}}
	}},
	{"compares first and writes later", "one swap of many", compareThenWrite},
	{"compares first and writes later", "count", compareThenWrite},
	{"compares first and writes later", "one holder at once", compareThenWrite},
	{"reports the success of others", "one swap of many", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			_, err := m.Swap(ctx, name, old, new)
			return true, err
		}}
	}},
	{"replaces a record that is there since", "count", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			if old != nil {
				return m.Swap(ctx, name, old, new)
			}
			if _, err := m.Get(ctx, name); err == nil {
				return false, nil
			}
			time.Sleep(writing)
			return true, m.Put(ctx, name, new)
		}}
	}},
	{"never swaps", "count", func(m *device.Memory) device.Store {
		return swapping{altered{Store: m}, func(context.Context, string, []byte, []byte) (bool, error) { return false, nil }}
	}},
	{"shows a record that is being swapped", "count", func(m *device.Memory) device.Store {
		one := make(chan struct{}, 1) // Swap at a time. In a bubble, time does not pass while a goroutine waits for a Mutex
		return swapping{altered{Store: m, get: slowGet(m)}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
			one <- struct{}{}
			defer func() { <-one }()
			torn := []byte("torn")
			if swapped, err := m.Swap(ctx, name, old, torn); err != nil || !swapped {
				return false, err
			}
			time.Sleep(writing)
			return m.Swap(ctx, name, torn, new)
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

// compareThenWrite is a Swapper that misses a change between its Get and its Put.
func compareThenWrite(m *device.Memory) device.Store {
	return swapping{altered{Store: m}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
		present, err := m.Get(ctx, name)
		if err != nil && !errors.Is(err, device.ErrNotFound) {
			return false, err
		}
		if (err == nil) != (old != nil) || !bytes.Equal(present, old) {
			return false, nil
		}
		time.Sleep(writing)
		if new == nil {
			return true, m.Delete(ctx, name)
		}
		return true, m.Put(ctx, name, new)
	}}
}

func TestChecksFindFaults(t *testing.T) {
	var all []storecheck.Broken[device.Store]
	for _, b := range broken {
		all = append(all, storecheck.Broken[device.Store]{Fault: b.fault, Check: b.check, New: func() device.Store { return b.breakIt(new(device.Memory)) }})
	}
	suite.TestFinds(t, all)
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
	swapper := swapping{altered{Store: s}, func(ctx context.Context, name string, old, new []byte) (bool, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		present, ok := s.records[name]
		if ok != (old != nil) || !bytes.Equal(present, old) {
			return false, nil
		}
		if new == nil {
			delete(s.records, name)
		} else {
			s.records[name] = bytes.Clone(new)
		}
		return true, nil
	}}
	if err := Check(t.Context(), swapper); err != nil {
		t.Error(err)
	}
	if len(s.records) != 1 || string(s.records["user"]) != "record" {
		t.Errorf("%d records are left, want the one that was there before", len(s.records))
	}
}

// An outage is not a missing record.
func TestOutageIsReported(t *testing.T) {
	down := errors.New("connection refused")
	err := Check(t.Context(), altered{Store: new(device.Memory),
		get: func(context.Context, string) ([]byte, error) { return nil, down }})
	if !errors.Is(err, down) {
		t.Errorf("errors.Is does not find the store's error in %v", err)
	}
}
