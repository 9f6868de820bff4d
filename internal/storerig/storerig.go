// Package storerig has what the tests of several stores share, beside package storetest:
// processes that share a store, replies that are lost, and what Tokens costs.
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

// MustPut is a Put that has to succeed. It returns the version of the record.
func MustPut(t testing.TB, s store.Store, name, data, version string, expires time.Time) string {
	t.Helper()
	next, err := s.Put(t.Context(), name, []byte(data), version, expires)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// WantRecord wants a record with these data. If version is not "", WantRecord wants this
// version, too.
func WantRecord(t testing.TB, s store.Store, name, data, version string) {
	t.Helper()
	got, err := s.Get(t.Context(), name)
	if err != nil || string(got.Data) != data || version != "" && got.Version != version {
		t.Fatalf("Get returned %q in version %q, %v, want %q in version %q", got.Data, got.Version, err, data, version)
	}
}

// TestLostReplies tests the operations of a store whose replies are lost. The function
// lose has the next reply lost, and wasLost reports whether that has happened. The store
// direct has the same records, and loses nothing. repeats says that the client of s sends
// a request again after a lost reply.
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
			t.Fatalf("%s: a lost reply is a conflict: %v", data, err)
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
		t.Errorf("after Delete Get returned %v", err)
	}
}

const (
	processes  = 4
	goroutines = 4 // of each process
	increments = 10
)

// childVariable makes the test binary one of the processes of TestProcesses.
const childVariable = "STORERIG_CHILD"

// Main is TestMain of a package with TestProcesses. The function open opens the store of
// a process.
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

// TestProcesses has processes increment one number. A lost write makes the number too
// small. The store is that over the engine which open of Main opens.
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
		t.Errorf("%d increments that succeeded made %d", want, len(got.Data)-1)
	}
}

var counter = store.Name("counter") // the length of its data is the number

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
