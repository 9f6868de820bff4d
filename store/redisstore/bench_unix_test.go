//go:build unix

package redisstore_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// BenchmarkTokens compares Tokens for a valid token with one GET by hand. Both take
// turns, so that a busy machine slows both. The metric ratio is the median time of Tokens
// by the median time of GET.
func BenchmarkTokens(b *testing.B) {
	app := flow.App{UserPoolID: "local-1_benchmark", ClientID: "app"}
	driver, err := flow.New(cip.New(cip.Options{Region: "local-1"}), app) // nothing is refreshed
	if err != nil {
		b.Fatal(err)
	}
	sealer, err := seal.New(app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)})
	if err != nil {
		b.Fatal(err)
	}
	for _, count := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			client := newClient(b, startServer(b))
			for name, size := range map[string]int{"in memory": count, "not in memory": 1} {
				m, err := websession.New(driver, newStore(b, client), sealer, func(o *websession.Options) { o.CacheSize = size })
				if err != nil {
					b.Fatal(err)
				}
				if err := client.FlushAll(b.Context()).Err(); err != nil {
					b.Fatal(err)
				}
				ids := make([]websession.ID, count)
				for i := range ids {
					if ids[i], err = m.Create(b.Context(), tokensOf(fmt.Sprint("user ", i))); err != nil {
						b.Fatal(err)
					}
				}
				b.Run(name, func(b *testing.B) {
					var tokens, byHand []time.Duration
					for b.Loop() {
						// Two records: the second read of one finds it in the caches of the processor.
						id, other := ids[rand.N(count)], ids[rand.N(count)]
						key := "cognitoflow:" + store.Name("web session", app.UserPoolID, app.ClientID, other.Reveal())
						started := time.Now()
						if _, err := m.Tokens(b.Context(), id); err != nil {
							b.Fatal(err)
						}
						between := time.Now()
						if _, err := client.Get(b.Context(), key).Bytes(); err != nil {
							b.Fatal(err)
						}
						tokens = append(tokens, between.Sub(started))
						byHand = append(byHand, time.Since(between))
					}
					b.ReportMetric(median(tokens)/median(byHand), "ratio")
					b.ReportMetric(median(tokens), "ns/Tokens")
					b.ReportMetric(median(byHand), "ns/GET")
				})
			}
		})
	}
}

// tokensOf returns tokens of usual sizes that are valid for a day.
func tokensOf(user string) *flow.Tokens {
	return &flow.Tokens{
		AccessToken:  secret.New(strings.Repeat("a", 1_000)),
		IDToken:      secret.New(strings.Repeat("i", 1_000)),
		RefreshToken: secret.New(strings.Repeat("r", 1_800)),
		TokenType:    "Bearer", Username: user, Subject: user,
		Expiry: time.Now().Add(24 * time.Hour),
	}
}

// median returns the median in nanoseconds. A mean would count the moments in which the
// machine did something else.
func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds())
}
