package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
)

// A write names the version that it replaces. Of two writes with one version, one succeeds.
func Example() {
	var shared store.Store = new(store.Memory)
	ctx, expires := context.Background(), time.Now().Add(time.Hour)
	name := store.Name("greeting", "ada")

	version, err := shared.Put(ctx, name, []byte("hello"), "", expires)
	if err != nil {
		log.Fatal(err)
	}
	if _, err = shared.Put(ctx, name, []byte("good morning"), version, expires); err != nil {
		log.Fatal(err)
	}
	_, err = shared.Put(ctx, name, []byte("good evening"), version, expires)
	fmt.Println(errors.Is(err, store.ErrConflict))

	present, err := shared.Get(ctx, name)
	fmt.Println(string(present.Data), err)

	if err := shared.Delete(ctx, name, present.Version); err != nil {
		log.Fatal(err)
	}
	_, err = shared.Get(ctx, name)
	fmt.Println(errors.Is(err, store.ErrNotFound))
	// Output:
	// true
	// good morning <nil>
	// true
}

// The kind and the parts make the name. The store sees only the hash.
func ExampleName() {
	first, second := store.Name("greeting", "ada", "bob"), store.Name("greeting", "adab", "ob")
	fmt.Println(first == second)
	fmt.Println(len(first) == store.NameSize)
	// Output:
	// false
	// true
}

// An expired record is absent.
func ExampleMemory() {
	now := time.Now()
	memory := store.Memory{Now: func() time.Time { return now }}
	ctx, name := context.Background(), store.Name("greeting", "ada")
	if _, err := memory.Put(ctx, name, []byte("hello"), "", now.Add(time.Hour)); err != nil {
		log.Fatal(err)
	}

	now = now.Add(time.Hour)
	_, err := memory.Get(ctx, name)
	fmt.Println(errors.Is(err, store.ErrNotFound))
	// Output: true
}

// lossy is a store that loses the reply to a Put.
type lossy struct{ store.Store }

func (s lossy) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if _, err := s.Store.Put(ctx, name, data, version, expires); err != nil {
		return "", err
	}
	return "", errors.New("the connection was lost")
}

// Write finds out that the write has happened, although the store returns an error.
func ExampleWrite() {
	ctx, name := context.Background(), store.Name("greeting", "ada")
	version, err := store.Write(ctx, lossy{new(store.Memory)}, name, []byte("hello"), "", time.Time{})
	fmt.Println(version != "", err)
	// Output: true <nil>
}

// A store refuses other names first in each operation.
func ExampleCheckName() {
	fmt.Println(store.CheckName(store.Name("greeting", "ada")))
	fmt.Println(store.CheckName("ada"))
	// Output:
	// <nil>
	// store: the name of a record has 3 bytes, want 64: make the name with store.Name
}

// A store refuses other data first in each Put.
func ExampleCheckData() {
	fmt.Println(store.CheckData([]byte("hello")))
	fmt.Println(store.CheckData(nil))
	// Output:
	// <nil>
	// store: the data have 0 bytes, want 1 to 16384
}
