package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/storecheck"
	"github.com/cognitoflow/cognitoflow/store"
)

// altered is a sound store whose operations a test replaces.
type altered struct {
	store.Store
	get    func(context.Context, string) (store.Record, error)
	put    func(context.Context, string, []byte, string, time.Time) (string, error)
	delete func(context.Context, string, string) error
}

func (a altered) Get(ctx context.Context, name string) (store.Record, error) {
	if a.get != nil {
		return a.get(ctx, name)
	}
	return a.Store.Get(ctx, name)
}

func (a altered) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if a.put != nil {
		return a.put(ctx, name, data, version, expires)
	}
	return a.Store.Put(ctx, name, data, version, expires)
}

func (a altered) Delete(ctx context.Context, name, version string) error {
	if a.delete != nil {
		return a.delete(ctx, name, version)
	}
	return a.Store.Delete(ctx, name, version)
}

// renaming is a store that keeps a record under f of its name. store.Name makes a valid name
// of the result, because Memory refuses others.
func renaming(m *store.Memory, f func(string) string) store.Store {
	under := func(name string) string { return store.Name("renamed", f(name)) }
	return altered{
		get: func(ctx context.Context, name string) (store.Record, error) { return m.Get(ctx, under(name)) },
		put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			return m.Put(ctx, under(name), data, version, expires)
		},
		delete: func(ctx context.Context, name, version string) error { return m.Delete(ctx, under(name), version) },
	}
}

// careless is a store that reads and then writes, with time in between. Each field leaves
// out one step of a sound store.
type careless struct {
	mu      sync.Mutex
	records map[string]store.Record
	writes  int

	slowCreate, slowReplace, slowDelete bool
	counts                              bool // versions, from 1 in each record
	sharesIn, sharesOut                 bool
}

func (c *careless) Get(ctx context.Context, name string) (store.Record, error) {
	if err := errors.Join(store.CheckName(name), ctx.Err()); err != nil {
		return store.Record{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.records[name]
	if !ok {
		return store.Record{}, store.ErrNotFound
	}
	if !c.sharesOut {
		r.Data = bytes.Clone(r.Data)
	}
	return r, nil
}

func (c *careless) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if err := errors.Join(store.CheckName(name), store.CheckData(data), ctx.Err()); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	present := c.records[name]
	if present.Version != version {
		return "", store.ErrConflict
	}
	if version == "" && c.slowCreate || version != "" && c.slowReplace {
		c.pause()
	}
	if c.writes++; !c.sharesIn {
		data = bytes.Clone(data)
	}
	next := store.Record{Data: data, Version: "v" + strconv.Itoa(c.writes)}
	if c.counts {
		before, _ := strconv.Atoi(present.Version)
		next.Version = strconv.Itoa(before + 1)
	}
	c.records[name] = next
	if !expires.IsZero() {
		c.expire(name, next.Version, time.Until(expires))
	}
	return next.Version, nil
}

// expire deletes the record when it expires, at once if the time is past.
func (c *careless) expire(name, version string, after time.Duration) {
	if after <= 0 {
		delete(c.records, name)
		return
	}
	time.AfterFunc(after, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.records[name].Version == version {
			delete(c.records, name)
		}
	})
}

func (c *careless) Delete(ctx context.Context, name, version string) error {
	if err := errors.Join(store.CheckName(name), ctx.Err()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if version != "" && c.records[name].Version != version {
		return store.ErrConflict
	}
	if version != "" && c.slowDelete {
		c.pause()
	}
	delete(c.records, name)
	return nil
}

// pause lets other goroutines in between the read and the write. In a bubble of package
// synctest that happens every time.
func (c *careless) pause() {
	c.mu.Unlock()
	time.Sleep(10 * time.Millisecond)
	c.mu.Lock()
}

func newCareless(fault func(*careless)) store.Store {
	c := &careless{records: make(map[string]store.Record)}
	fault(c)
	return c
}

// broken lists stores with one fault each, and the check that has to find it.
var broken = []struct {
	fault, check string
	breakIt      func(sound *store.Memory) store.Store
}{
	{"returns nothing and no error for a missing record", "not found", func(m *store.Memory) store.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) (store.Record, error) {
			r, err := m.Get(ctx, name)
			if errors.Is(err, store.ErrNotFound) {
				return store.Record{}, nil
			}
			return r, err
		}}
	}},
	{"has its own error for a missing record", "not found", func(m *store.Memory) store.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) (store.Record, error) {
			r, err := m.Get(ctx, name)
			if errors.Is(err, store.ErrNotFound) {
				return r, errors.New("no rows")
			}
			return r, err
		}}
	}},
	{"takes data for text", "any bytes", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			return m.Put(ctx, name, bytes.ToValidUTF8(data, []byte("?")), version, expires)
		}}
	}},
	{"trims data", "any bytes", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			return m.Put(ctx, name, bytes.TrimSpace(data), version, expires)
		}}
	}},
	{"cuts long data", "any bytes", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if err := store.CheckData(data); err != nil {
				return "", err
			}
			return m.Put(ctx, name, data[:min(len(data), 4<<10)], version, expires)
		}}
	}},
	{"takes data of any size", "size of data", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			return m.Put(ctx, name, append(data[:min(len(data), store.MaxData)], make([]byte, max(0, 1-len(data)))...), version, expires)
		}}
	}},
	{"creates over a record", "create", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if version == "" {
				if err := m.Delete(ctx, name, ""); err != nil {
					return "", err
				}
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"keeps the first record", "replace", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if r, err := m.Get(ctx, name); err == nil {
				data = r.Data
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"does not cut off the end of longer data", "replace", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if r, err := m.Get(ctx, name); err == nil && len(r.Data) > len(data) {
				copy(r.Data, data)
				data = r.Data
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"returns another version from Put than from Get", "replace", func(m *store.Memory) store.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) (store.Record, error) {
			r, err := m.Get(ctx, name)
			r.Version = strings.ToLower(r.Version)
			return r, err
		}}
	}},
	{"overwrites whatever the version", "stale version", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if r, err := m.Get(ctx, name); err == nil && version != "" {
				version = r.Version
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"keeps silent about a conflict", "stale version", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			next, err := m.Put(ctx, name, data, version, expires)
			if errors.Is(err, store.ErrConflict) {
				return "v", nil
			}
			return next, err
		}}
	}},
	{"makes a record that has been deleted", "absent record", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if _, err := m.Get(ctx, name); errors.Is(err, store.ErrNotFound) {
				version = ""
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"counts versions", "versions", func(*store.Memory) store.Store {
		return newCareless(func(c *careless) { c.counts = true })
	}},
	{"deletes nothing", "delete", func(m *store.Memory) store.Store {
		return altered{Store: m, delete: func(ctx context.Context, name, version string) error {
			_, err := m.Get(ctx, name)
			return err
		}}
	}},
	{"deletes whatever the version", "delete", func(m *store.Memory) store.Store {
		return altered{Store: m, delete: func(ctx context.Context, name, version string) error { return m.Delete(ctx, name, "") }}
	}},
	{"has an error for deleting nothing", "delete", func(m *store.Memory) store.Store {
		return altered{Store: m, delete: func(ctx context.Context, name, version string) error {
			if _, err := m.Get(ctx, name); err != nil {
				return err
			}
			return m.Delete(ctx, name, version)
		}}
	}},
	{"cuts names", "names", func(m *store.Memory) store.Store {
		return renaming(m, func(name string) string { return name[:min(len(name), store.NameSize-1)] })
	}},
	{"hashes names into few bits", "names", func(m *store.Memory) store.Store {
		return renaming(m, func(name string) string { return name[:min(len(name), 1)] })
	}},
	{"takes any name", "bad names", func(m *store.Memory) store.Store {
		return renaming(m, func(name string) string { return name })
	}},
	{"returns expired records", "expired records", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if expires.Before(time.Now()) {
				expires = never
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"creates nothing over an expired record", "expired records", func(m *store.Memory) store.Store {
		var mu sync.Mutex
		taken := make(map[string]bool)
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			if taken[name] && version == "" {
				return "", store.ErrConflict
			}
			taken[name] = true
			return m.Put(ctx, name, data, version, expires)
		}, delete: func(ctx context.Context, name, version string) error {
			mu.Lock()
			defer mu.Unlock()
			delete(taken, name)
			return m.Delete(ctx, name, version)
		}}
	}},
	{"replaces an expired record", "expired records", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			next, err := m.Put(ctx, name, data, version, expires)
			if errors.Is(err, store.ErrConflict) && version != "" {
				if _, gone := m.Get(ctx, name); gone != nil {
					return m.Put(ctx, name, data, "", expires)
				}
			}
			return next, err
		}}
	}},
	{"keeps records for ever", "expiry", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if expires.After(time.Now()) {
				expires = never
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"takes never for a while", "expiry", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if expires.IsZero() {
				expires = time.Now().Add(time.Second)
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"keeps the expiry of the first write", "expiry", func(m *store.Memory) store.Store {
		var mu sync.Mutex
		first := make(map[string]time.Time)
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			if version == "" {
				first[name] = expires
			}
			return m.Put(ctx, name, data, version, first[name])
		}}
	}},
	{"expires records early", "expiry", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if !expires.IsZero() {
				expires = expires.Truncate(time.Hour)
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"keeps the caller's bytes", "put copies", func(*store.Memory) store.Store {
		return newCareless(func(c *careless) { c.sharesIn = true })
	}},
	{"hands out its own bytes", "get copies", func(*store.Memory) store.Store {
		return newCareless(func(c *careless) { c.sharesOut = true })
	}},
	{"finds nothing when the context has ended", "ended context", func(m *store.Memory) store.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) (store.Record, error) {
			if ctx.Err() != nil {
				return store.Record{}, store.ErrNotFound
			}
			return m.Get(ctx, name)
		}}
	}},
	{"keeps silent about a Put that did not happen", "ended context", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if ctx.Err() != nil {
				return "v", nil
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"takes an ended context for a conflict", "ended context", func(m *store.Memory) store.Store {
		return altered{Store: m, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if ctx.Err() != nil {
				return "", store.ErrConflict
			}
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
	{"keeps silent about a Delete that did not happen", "ended context", func(m *store.Memory) store.Store {
		return altered{Store: m, delete: func(ctx context.Context, name, version string) error {
			if ctx.Err() != nil {
				return nil
			}
			return m.Delete(ctx, name, version)
		}}
	}},
	{"looks before it creates", "create at once", func(*store.Memory) store.Store {
		return newCareless(func(c *careless) { c.slowCreate = true })
	}},
	{"looks before it replaces", "replace at once", func(*store.Memory) store.Store {
		return newCareless(func(c *careless) { c.slowReplace = true })
	}},
	{"looks before it deletes", "delete at once", func(*store.Memory) store.Store {
		return newCareless(func(c *careless) { c.slowDelete = true })
	}},
	{"shows a record that is being written", "whole records", func(m *store.Memory) store.Store {
		return altered{Store: m, get: slow(m), put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			if len(data) < 2 {
				return m.Put(ctx, name, data, version, expires)
			}
			half, err := m.Put(ctx, name, data[:len(data)/2], version, expires)
			if err != nil {
				return "", err
			}
			time.Sleep(10 * time.Millisecond)
			return m.Put(ctx, name, data, half, expires)
		}}
	}},
	{"reads the version after the data", "whole records", func(m *store.Memory) store.Store {
		return altered{Store: m, get: func(ctx context.Context, name string) (store.Record, error) {
			first, err := m.Get(ctx, name)
			if err != nil {
				return first, err
			}
			time.Sleep(3 * time.Millisecond)
			second, err := m.Get(ctx, name)
			return store.Record{Data: first.Data, Version: second.Version}, err
		}, put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
			time.Sleep(2 * time.Millisecond)
			return m.Put(ctx, name, data, version, expires)
		}}
	}},
}

func slow(m *store.Memory) func(context.Context, string) (store.Record, error) {
	return func(ctx context.Context, name string) (store.Record, error) {
		time.Sleep(3 * time.Millisecond)
		return m.Get(ctx, name)
	}
}

func TestChecksFindFaults(t *testing.T) {
	var all []storecheck.Broken[store.Store]
	for _, b := range broken {
		all = append(all, storecheck.Broken[store.Store]{Fault: b.fault, Check: b.check, New: func() store.Store { return b.breakIt(new(store.Memory)) }})
	}
	suite.TestFinds(t, all)
}

// A careless store without a fault is sound. A store that wraps its errors, ignores ctx and
// rounds an expiry up is sound too.
func TestSoundStoresPass(t *testing.T) {
	var m store.Memory
	wrap := func(err error) error {
		if err != nil {
			return fmt.Errorf("table records: %w", err)
		}
		return nil
	}
	for name, s := range map[string]store.Store{
		"careful": newCareless(func(*careless) {}),
		"liberal": altered{
			get: func(ctx context.Context, name string) (store.Record, error) {
				r, err := m.Get(context.WithoutCancel(ctx), name)
				return r, wrap(err)
			},
			put: func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
				if !expires.IsZero() {
					expires = expires.Truncate(time.Second).Add(time.Second)
				}
				next, err := m.Put(context.WithoutCancel(ctx), name, data, version, expires)
				return next, wrap(err)
			},
			delete: func(ctx context.Context, name, version string) error {
				return wrap(m.Delete(context.WithoutCancel(ctx), name, version))
			},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			if err := Check(t.Context(), s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// The test can run against a store that is in use.
func TestCheckCleansUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &careless{records: map[string]store.Record{"somebody's": {Data: []byte("record"), Version: "v"}}}
		if err := Check(t.Context(), c); err != nil {
			t.Error(err)
		}
		if len(c.records) != 1 || string(c.records["somebody's"].Data) != "record" {
			t.Errorf("%d records are left, want the one that was there before", len(c.records))
		}
	})
}

// An outage is not a missing record.
func TestOutageIsReported(t *testing.T) {
	down := errors.New("connection refused")
	synctest.Test(t, func(t *testing.T) {
		err := Check(t.Context(), altered{Store: new(store.Memory),
			get: func(context.Context, string) (store.Record, error) { return store.Record{}, down }})
		if !errors.Is(err, down) {
			t.Errorf("errors.Is does not find the store's error in %v", err)
		}
	})
}
