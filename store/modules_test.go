package store_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// The stores that need a client of somebody else are modules of their own, so that the
// client does not become a requirement of this module. ./... does not reach them. Their
// tests start their engines, and say what is missing if they skip.

func TestRedis(t *testing.T)    { testModule(t, "store/redisstore") }
func TestDynamoDB(t *testing.T) { testModule(t, "store/dynamostore") }

func testModule(t *testing.T, directory string) {
	t.Parallel()
	if byname.Quick(t) {
		t.Skipf("a second go command builds the tests: go -C %s test ./...", directory)
	}
	engines.TestModule(t, directory)
}
