package engines

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// DynamoDB starts an emulator of DynamoDB, or skips the test if the emulator is not installed.
// The data source is a URL on loopback. Unlike the service, the emulator deletes no expired items
// and does not throttle. The emulator ends with the test.
func DynamoDB(t testing.TB) Engine {
	t.Helper()
	const directory = "store/dynamostore/testdata/emulator"
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the program node is missing. Install Node 20 or later to run this test")
	}
	root, err := rootDir()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "run.cjs")
	cmd.Dir = filepath.Join(root, filepath.FromSlash(directory))
	if _, err := os.Stat(filepath.Join(cmd.Dir, "node_modules", "dynalite")); err != nil {
		t.Skipf("the emulator of DynamoDB is not installed. Run npm ci in %s to run this test", directory)
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close() // the emulator ends when its standard input ends
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("the emulator ended (%v)\n%s", err, &log)
		}
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the emulator has not started: %v", err)
	}
	return Engine{"DynamoDB", "http://127.0.0.1:" + strings.TrimSpace(port)}
}
