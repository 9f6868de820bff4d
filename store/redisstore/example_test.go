package redisstore_test

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/store/redisstore"
)

// New does not use the server. The caller closes the client.
func ExampleNew() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	defer client.Close()

	_, err := redisstore.New(client, func(o *redisstore.Options) { o.Prefix = "app:" })
	fmt.Println(err)
	// Output: <nil>
}
