package store_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// The stores that need a client of somebody else are modules of their own, so that the
// client does not become a requirement of this module. ./... does not reach them. Their
// tests start their engines, and say what is missing if they skip.

func TestRedis(t *testing.T) {
	t.Parallel()
	engines.TestModule(t, "store/redisstore")
}

func TestDynamoDB(t *testing.T) {
	t.Parallel()
	engines.TestModule(t, "store/dynamostore")
}
