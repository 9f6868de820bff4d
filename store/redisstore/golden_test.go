package redisstore_test

import (
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/golden"
	"github.com/cognitoflow/cognitoflow/store"
)

// A key and a value of the first release are read, replaced and deleted.
func TestGoldenValue(t *testing.T) {
	client := newClient(t, startServer(t))
	s := newStore(t, client)
	const format = "value-v1"
	name := store.Name("golden", "one")
	key := "cognitoflow:" + name
	data := golden.Data(t, format, "value", func(t *testing.T) []byte {
		if _, err := s.Put(t.Context(), name, []byte("golden data"), "", time.Time{}); err != nil {
			t.Fatal(err)
		}
		value, err := client.Get(t.Context(), key).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return value
	})
	golden.Covered(t, format, "value")
	if err := client.Set(t.Context(), key, data, 0).Err(); err != nil {
		t.Fatal(err)
	}
	r, err := s.Get(t.Context(), name)
	if err != nil || string(r.Data) != "golden data" {
		golden.Broke(t, format, "value", "it is read as %q, %v", r.Data, err)
	}
	version, err := s.Put(t.Context(), name, []byte("more"), r.Version, time.Time{})
	if err != nil {
		golden.Broke(t, format, "value", "it is not replaced: %v", err)
	}
	if err := s.Delete(t.Context(), name, version); err != nil {
		golden.Broke(t, format, "value", "it is not deleted: %v", err)
	}
}
