// Package storerig has tests that several stores share beside those of package storetest. The tests
// are of processes that share a store, of lost replies, and of the cost of Tokens.
package storerig

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/store"
)

var never time.Time

// MustPut calls Put, and returns the version of the record. MustPut ends the test at an error.
func MustPut(t testing.TB, s store.Store, name, data, version string, expires time.Time) string {
	t.Helper()
	next, err := s.Put(t.Context(), name, []byte(data), version, expires)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// WantRecord wants a record with these data. If version is not "", the record must have this
// version too.
func WantRecord(t testing.TB, s store.Store, name, data, version string) {
	t.Helper()
	got, err := s.Get(t.Context(), name)
	if err != nil || string(got.Data) != data || version != "" && got.Version != version {
		t.Fatalf("Get returned %q in version %q, %v, want %q in version %q", got.Data, got.Version, err, data, version)
	}
}

// TestLostReplies tests the operations of a store whose replies are lost. The function lose makes
// the next reply lost, and wasLost reports whether the reply was lost. The store direct has the
// same records, and gets all replies. If repeats is true, the client of s sends a request again
// after a lost reply.
func TestLostReplies(t *testing.T, s, direct store.Store, repeats bool, lose func(), wasLost func() bool) {
	t.Helper()
	losing := func(operation func()) {
		t.Helper()
		lose()
		operation()
		if !wasLost() {
			t.Fatal("no reply was lost")
		}
	}
	name, version := store.Name(rand.Text()), ""
	for _, data := range []string{"created", "replaced"} {
		var next string
		var err error
		losing(func() { next, err = s.Put(t.Context(), name, []byte(data), version, never) })
		if repeats != (err == nil) {
			t.Fatalf("%s: Put returned %v", data, err)
		}
		if errors.Is(err, store.ErrConflict) {
			t.Fatalf("%s: after a lost reply, Put returned a conflict: %v", data, err)
		}
		got, err := direct.Get(t.Context(), name)
		if err != nil || string(got.Data) != data || repeats && got.Version != next {
			t.Fatalf("%s: Get returned %q in version %q, %v", data, got.Data, got.Version, err)
		}
		version = got.Version
	}
	losing(func() {
		next, err := store.Write(t.Context(), s, name, []byte("written"), version, never)
		if err != nil {
			t.Fatalf("Write returned %v", err)
		}
		version = next
	})
	WantRecord(t, direct, name, "written", version)
	losing(func() {
		if err := s.Delete(t.Context(), name, version); err == nil || repeats != errors.Is(err, store.ErrConflict) {
			t.Errorf("Delete returned %v", err)
		}
	})
	if _, err := direct.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after Delete, Get returned %v", err)
	}
}

const (
	processes  = 4
	goroutines = 4 // of each process
	increments = 10
)

// childVariable makes the test binary a process of TestProcesses.
const childVariable = "STORERIG_CHILD"

// Main is TestMain of a package with TestProcesses. The function open opens the store of a process.
func Main(m *testing.M, open func(engines.Engine) (store.Store, error)) {
	if os.Getenv(childVariable) == "" {
		m.Run()
		return
	}
	if err := child(context.Background(), open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestProcesses has four processes increment a number. A lost write would make the number too
// small. The store s must be the one that open of Main opens over the engine.
func TestProcesses(t *testing.T, s store.Store, e engines.Engine) {
	t.Helper()
	MustPut(t, s, counter, "n", "", never)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range processes {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), executable)
			cmd.Env = append(e.Environ(), childVariable+"=1")
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	group.Wait()
	got, err := s.Get(t.Context(), counter)
	if err != nil {
		t.Fatal(err)
	}
	if want := processes * goroutines * increments; len(got.Data)-1 != want {
		t.Errorf("after %d increments the number is %d", want, len(got.Data)-1)
	}
}

var counter = store.Name("counter") // the number is the length of the data minus one

func child(ctx context.Context, open func(engines.Engine) (store.Store, error)) error {
	e, err := engines.Given()
	if err != nil {
		return err
	}
	s, err := open(e)
	if err != nil {
		return err
	}
	errs := make([]error, goroutines)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = increment(ctx, s) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func increment(ctx context.Context, s store.Store) error {
	for done := 0; done < increments; {
		got, err := s.Get(ctx, counter)
		if err != nil {
			return err
		}
		_, err = s.Put(ctx, counter, append(got.Data, '.'), got.Version, never)
		switch {
		case err == nil:
			done++
		case !errors.Is(err, store.ErrConflict):
			return err
		}
	}
	return nil
}
