package redisstore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/internal/storerig"
	"github.com/cognitoflow/cognitoflow/websession"
)

func TestCostOfTokens(t *testing.T) {
	client := newClient(t, startServer(t))
	storerig.TestCostOfTokens(t, "Redis", newStore(t, client), readByHand(client))
}

// readByHand is a GET, as of a program that keeps its sessions in Redis.
func readByHand(client *redis.Client) func(ctx context.Context, name string) error {
	return func(ctx context.Context, name string) error {
		_, err := client.Get(ctx, "cognitoflow:"+name).Bytes()
		return err
	}
}

// BenchmarkTokens compares Tokens for a valid token with one GET by hand. The metric
// ratio is the median time of Tokens by the median time of GET.
func BenchmarkTokens(b *testing.B) {
	for _, count := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			client := newClient(b, startServer(b))
			for name, size := range map[string]int{"in memory": count, "not in memory": 1} {
				if err := client.FlushAll(b.Context()).Err(); err != nil {
					b.Fatal(err)
				}
				sessions := storerig.NewSessions(b, newStore(b, client), count, func(o *websession.Options) { o.CacheSize = size })
				b.Run(name, func(b *testing.B) { sessions.Cost(b, b.Loop, readByHand(client)).Report(b) })
			}
		})
	}
}
