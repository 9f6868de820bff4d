// Package records tests package store/sqlstore on an engine. The tests of package sqlstore start
// the engine and run these tests: go test ./store/sqlstore -v
package records

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/internal/storerig"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
	"github.com/cognitoflow/cognitoflow/store/storetest"
)

// newStore returns a store over a new table of this name.
func newStore(t testing.TB, table string, optFns ...func(*sqlstore.Options)) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	return enginetest.NewTable(t, func(db *sql.DB) (*sqlstore.Store, error) {
		return sqlstore.New(db, enginetest.Dialect(), append(optFns, func(o *sqlstore.Options) { o.Table = table })...)
	})
}

var run = rand.Text()

// recordName returns a name that is new in each run, because an engine may have the records of an
// earlier run.
func recordName(parts ...string) string { return store.Name(run, parts...) }

func TestStore(t *testing.T) {
	s, _ := newStore(t, "") // the table of the default name
	storetest.TestStore(t, func(*testing.T) store.Store { return s })
}

// clock is a clock that a test sets.
type clock struct{ now time.Time }

func (c *clock) set(o *sqlstore.Options) { o.Now = func() time.Time { return c.now } }

func wantDeleted(t *testing.T, s *sqlstore.Store, want int64) {
	t.Helper()
	if n, err := s.DeleteExpired(t.Context()); err != nil || n != want {
		t.Errorf("DeleteExpired returned %d, %v, want %d", n, err, want)
	}
}

// The store rounds an expiry up to a whole second. After the expiry, no operation finds the
// record. DeleteExpired removes the record from the table.
func TestExpiry(t *testing.T) {
	clock := &clock{time.Unix(2_000_000_000, 0)}
	s, _ := newStore(t, "expiry", clock.set)
	expires := clock.now.Add(time.Hour + time.Millisecond)
	read, deleted, created, never := recordName("read"), recordName("deleted"), recordName("created"), recordName("never")
	version := storerig.MustPut(t, s, read, "read", "", expires)
	storerig.MustPut(t, s, deleted, "deleted", "", expires)
	storerig.MustPut(t, s, created, "created", "", expires)
	storerig.MustPut(t, s, never, "never", "", time.Time{})

	clock.now = time.Unix(expires.Unix(), 999_999_999)
	storerig.WantRecord(t, s, read, "read", "")
	wantDeleted(t, s, 0)

	clock.now = time.Unix(expires.Unix()+1, 0)
	if r, err := s.Get(t.Context(), read); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of an expired record returned %q, %v", r.Data, err)
	}
	if _, err := s.Put(t.Context(), read, []byte("x"), version, time.Time{}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Put in place of an expired version: %v", err)
	}
	if err := s.Delete(t.Context(), read, version); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Delete of an expired version: %v", err)
	}
	if err := s.Delete(t.Context(), deleted, ""); err != nil {
		t.Errorf("Delete of an expired record, any version: %v", err)
	}
	storerig.MustPut(t, s, created, "another", "", clock.now.Add(time.Hour))
	storerig.WantRecord(t, s, created, "another", "")
	wantDeleted(t, s, 1) // read

	clock.now = clock.now.Add(100 * 365 * 24 * time.Hour)
	wantDeleted(t, s, 1) // created
	storerig.WantRecord(t, s, never, "never", "")
}

// If many goroutines find an expired record at once, one of them can put the next record.
func TestCreateInPlaceOfAnExpiredRecordAtOnce(t *testing.T) {
	s, _ := newStore(t, "expired")
	for round := range 20 {
		name := recordName("expired", fmt.Sprint(round))
		storerig.MustPut(t, s, name, "old", "", time.Now().Add(-time.Hour))
		var group sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			group.Go(func() {
				_, errs[i] = s.Put(t.Context(), name, fmt.Appendf(nil, "record %d", i), "", time.Time{})
			})
		}
		group.Wait()
		won := 0
		for i, err := range errs {
			switch {
			case err == nil:
				won++
				storerig.WantRecord(t, s, name, fmt.Sprint("record ", i), "")
			case !errors.Is(err, store.ErrConflict):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Fatalf("%d Puts succeeded, want 1", won)
		}
	}
}

// Operations on neighbouring names wait for each other in the engine. MySQL ends such a wait by
// undoing a statement. The store repeats the statement.
func TestAllOperationsAtOnce(t *testing.T) {
	const goroutines, rounds = 8, 100
	s, _ := newStore(t, "crowded")
	names := []string{recordName("a"), recordName("b"), recordName("c")}
	errs := make([]error, goroutines)
	written := make([]int, goroutines)
	var group sync.WaitGroup
	for i := range goroutines {
		group.Go(func() {
			for round := range rounds {
				name := names[(i+round)%len(names)]
				expires := time.Now().Add(time.Duration(round%3-1) * time.Hour)
				first, createErr := s.Put(t.Context(), name, []byte("first"), "", expires)
				second, replaceErr := s.Put(t.Context(), name, []byte("second"), first, expires)
				deleteErr := s.Delete(t.Context(), name, second)
				_, expiredErr := s.DeleteExpired(t.Context())
				for _, err := range []error{createErr, replaceErr, deleteErr, expiredErr} {
					if err == nil {
						written[i]++
					} else if !errors.Is(err, store.ErrConflict) {
						errs[i] = errors.Join(errs[i], err)
					}
				}
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	for i, n := range written {
		if n <= rounds { // the calls of DeleteExpired alone are that many
			t.Errorf("goroutine %d has written no record", i)
		}
	}
}

func TestTablesAreApart(t *testing.T) {
	first, _ := newStore(t, "first")
	second, _ := newStore(t, "Second_2")
	name := recordName("user")
	storerig.MustPut(t, first, name, "record", "", time.Time{})
	if r, err := second.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the other table has the record: %q, %v", r.Data, err)
	}
}

// If a write waits for another transaction, the write ends with its context.
func TestContextEndsAWait(t *testing.T) {
	s, db := newStore(t, "waits")
	name := recordName("user")
	version := storerig.MustPut(t, s, name, "old", "", time.Time{})
	other, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Rollback()
	if _, err := other.ExecContext(t.Context(), "UPDATE waits SET expires = expires - 1"); err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Put(soon, name, []byte("new"), version, time.Time{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Put: error %v, want context.DeadlineExceeded", err)
	}
	if err := s.Delete(soon, name, version); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Delete: error %v, want context.DeadlineExceeded", err)
	}
}

// An error names the operation and the table, and wraps the error of the database driver. The
// error has no data of the record.
func TestErrors(t *testing.T) {
	const secret = "a refresh token"
	_, db := newStore(t, "errors")
	s, err := sqlstore.New(db, enginetest.Dialect(), func(o *sqlstore.Options) { o.Table = "missing" })
	if err != nil {
		t.Fatal(err)
	}
	name := recordName("user")
	_, getErr := s.Get(t.Context(), name)
	_, createErr := s.Put(t.Context(), name, []byte(secret), "", time.Time{})
	_, replaceErr := s.Put(t.Context(), name, []byte(secret), "version", time.Time{})
	_, largeErr := s.Put(t.Context(), name, bytes.Repeat([]byte(secret), store.MaxData), "", time.Time{})
	_, expiredErr := s.DeleteExpired(t.Context())
	for _, result := range []struct {
		operation string
		err       error
	}{
		{"get", getErr}, {"put", createErr}, {"put", replaceErr}, {"put", largeErr}, {"delete expired records", expiredErr},
		{"delete", s.Delete(t.Context(), name, "version")}, {"delete", s.Delete(t.Context(), name, "")},
	} {
		switch err := result.err; {
		case err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict):
			t.Errorf("%s: error %v", result.operation, err)
		case !strings.HasPrefix(err.Error(), "sqlstore: "+result.operation+" in table missing: "):
			t.Errorf("%s: the error does not name the operation and the table: %v", result.operation, err)
		case errors.Unwrap(err) == nil:
			t.Errorf("%s: the error %v does not wrap the driver's", result.operation, err)
		case strings.Contains(err.Error(), secret):
			t.Errorf("%s: the error contains the record: %v", result.operation, err)
		}
	}
}
