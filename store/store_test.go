package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/storetest"
)

func TestMemory(t *testing.T) {
	t.Parallel() // waits for records to expire
	storetest.TestStore(t, func(*testing.T) store.Store { return new(store.Memory) })
}

func TestNames(t *testing.T) {
	seen := make(map[string][]string)
	for _, parts := range [][]string{{"a"}, {"b"}, {"a", ""}, {"", "a"}, {"a", "b"}, {"ab"}, {"a", "b", ""}, {""}, {"a\x00b"}} {
		name := store.Name(parts[0], parts[1:]...)
		if err := store.CheckName(name); err != nil {
			t.Error(err)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%q and %q have the same name", parts, other)
		}
		seen[name] = parts
	}
	// A later release must find a record under the same name. Another program computed this
	// name: SHA-256 of all parts, each behind its length in 8 bytes.
	if got, want := store.Name("web session", "id"), "5423bc00c74afee943db3ac1c919cd0176f7fce4e80d946198a973be0fa48420"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMemoryDoesNotPrint(t *testing.T) {
	var m store.Memory
	const hushed = "hush-7Fq"
	if _, err := m.Put(t.Context(), store.Name("a"), []byte(hushed), "", time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		text := fmt.Sprintf(verb, &m)
		if strings.Contains(text, hushed) || strings.Contains(text, fmt.Sprintf("%x", hushed)) || strings.Contains(text, strings.Trim(fmt.Sprint([]byte(hushed)), "[]")) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

// Expired records do not pile up, although no caller deletes them.
func TestMemoryForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m store.Memory
		const each, rounds = 100, 50
		most := 0
		for round := range rounds {
			for i := range each {
				if _, err := m.Put(t.Context(), store.Name("a", fmt.Sprint(round, i)), []byte("x"), "", time.Now().Add(time.Second)); err != nil {
					t.Fatal(err)
				}
			}
			most = max(most, m.Len())
			time.Sleep(2 * time.Second)
		}
		if most > 10*each {
			t.Errorf("the store had %d records, and %d of them have not expired", most, each)
		}
	})
}

// flaky loses the reply to a Put.
type flaky struct {
	*store.Memory
	lost    error // of Put, in place of its reply
	before  bool  // the statement is lost, too
	between func()
	down    error // of Get
}

func (f *flaky) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if !f.before {
		if _, err := f.Memory.Put(ctx, name, data, version, expires); err != nil {
			return "", err
		}
	}
	if f.between != nil {
		f.between()
	}
	return "", f.lost
}

func (f *flaky) Get(ctx context.Context, name string) (store.Record, error) {
	if f.down != nil {
		return store.Record{}, f.down
	}
	return f.Memory.Get(ctx, name)
}

func TestWrite(t *testing.T) {
	cut := errors.New("connection reset")
	down := errors.New("connection refused")
	for name, test := range map[string]struct {
		lost, down error
		before     bool
		replaced   bool // by another writer, in between
		want       error
	}{
		"the reply is lost":                      {lost: cut},
		"the client repeats and meets itself":    {lost: store.ErrConflict},
		"the statement is lost":                  {lost: cut, before: true, want: cut},
		"a conflict":                             {lost: store.ErrConflict, before: true, want: store.ErrConflict},
		"the reply is lost and the store down":   {lost: cut, down: down, want: cut},
		"a conflict, and then the store is down": {lost: store.ErrConflict, down: down, want: down},
		"the reply is lost, another one writes":  {lost: cut, replaced: true, want: cut},
		"it meets the write of another one":      {lost: store.ErrConflict, replaced: true, want: store.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			m, record := new(store.Memory), store.Name("a")
			f := &flaky{Memory: m, lost: test.lost, before: test.before, down: test.down}
			first, err := m.Put(t.Context(), record, []byte("first"), "", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if test.replaced {
				f.between = func() {
					r, err := m.Get(t.Context(), record)
					if err == nil {
						_, err = m.Put(t.Context(), record, []byte("other"), r.Version, time.Time{})
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			version, err := store.Write(t.Context(), f, record, []byte("second"), first, time.Time{})
			if !errors.Is(err, test.want) || errors.Is(err, store.ErrConflict) != (test.want == store.ErrConflict) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if present, getErr := m.Get(t.Context(), record); err == nil && (getErr != nil || present.Version != version) {
				t.Errorf("the version is %q, want that of the record, %q (%v)", version, present.Version, getErr)
			}
		})
	}
}
