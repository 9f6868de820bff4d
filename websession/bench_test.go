package websession_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// BenchmarkTokens is the cost of Tokens for a valid token, and of one read of the store
// by hand. With more web sessions than fit into memory, each call decrypts.
func BenchmarkTokens(b *testing.B) {
	s := newService(b, 0, nil, "ada")
	tokens := *s.signIn(b, "ada", nil)
	tokens.Expiry = time.Now().Add(24 * time.Hour) // a benchmark is no refresh
	for _, count := range []int{10, 1_000, 100_000} {
		shared := new(store.Memory)
		i := newInstance(b, s, shared, func(o *websession.Options) { o.CacheSize = count })
		small := newInstance(b, s, shared, func(o *websession.Options) { o.CacheSize = 1 })
		ids := make([]websession.ID, count)
		for n := range ids {
			tokens.Subject = fmt.Sprint("user ", n)
			ids[n] = i.create(&tokens)
		}
		for name, f := range map[string]func(websession.ID) error{
			"in memory":     func(id websession.ID) error { _, err := i.Tokens(b.Context(), id); return err },
			"not in memory": func(id websession.ID) error { _, err := small.Tokens(b.Context(), id); return err },
			"by hand":       func(id websession.ID) error { _, err := shared.Get(b.Context(), i.Name(id)); return err },
		} {
			b.Run(fmt.Sprintf("%d/%s", count, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f(ids[rand.N(count)]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
