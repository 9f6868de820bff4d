package store_test

import (
	"os"
	"os/exec"
	"testing"
)

// The stores that need a client of somebody else are modules of their own, so that the
// client does not become a requirement of this module. ./... does not reach them.

func TestRedis(t *testing.T) { testModule(t, "redisstore") }

func TestDynamoDB(t *testing.T) { testModule(t, "dynamostore") }

// raceFlags has the other go command use the race detector if this one does.
var raceFlags []string

// testModule runs the tests of a module. These start their servers, and say what is
// missing if they skip.
func testModule(t *testing.T, dir string) {
	t.Helper()
	// The go command takes an earlier result for this one, unless a directory that the
	// test reads has changed. What the other go command reads is unknown to it.
	for _, read := range []string{".", "storetest", dir} {
		if _, err := os.ReadDir(read); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{"test", "-count=1", "-v", "-timeout=5m"}, raceFlags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, "./...")...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Run(); err != nil {
		t.Errorf("the tests in %s failed; they need the modules in its go.mod, which the go command downloads: %v", dir, err)
	}
}
