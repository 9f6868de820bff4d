package store_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// A store that needs a client of another project is a separate module, so that this module
// does not require the client. ./... does not reach the module. The tests of the module
// start an engine, and print the reason if they skip.

func TestRedis(t *testing.T)    { testModule(t, "store/redisstore") }
func TestDynamoDB(t *testing.T) { testModule(t, "store/dynamostore") }

func testModule(t *testing.T, directory string) {
	t.Parallel()
	if byname.Quick(t) {
		t.Skipf("a second go command builds the tests: go -C %s test ./...", directory)
	}
	engines.TestModule(t, directory)
}
