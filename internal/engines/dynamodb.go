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

// DynamoDB starts an emulator of DynamoDB, or skips the test where the emulator is not
// installed. The data source is its URL on loopback. The emulator is not the service: it
// deletes no expired items, and it shows nothing of throttling. It ends with the test.
func DynamoDB(t testing.TB) Engine {
	t.Helper()
	const directory = "store/dynamostore/testdata/emulator"
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here; install Node 20 or later to run this test")
	}
	root, err := rootDir()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "run.cjs")
	cmd.Dir = filepath.Join(root, filepath.FromSlash(directory))
	if _, err := os.Stat(filepath.Join(cmd.Dir, "node_modules", "dynalite")); err != nil {
		t.Skipf("the emulator of DynamoDB is not installed; run npm ci in %s to run this test", directory)
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
		stdin.Close() // the emulator ends
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
