package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestDamagedTokens(t *testing.T) {
	pool := newPool(t, nil)
	url, dir := startServer(t, pool), t.TempDir()
	store := newTokenStore(settings{userPoolID: pool.ID(), clientID: "app", username: "ada", dir: dir})
	for _, damaged := range []string{"", `{"username":"ada","acc`, "{}", "null"} {
		start := func(stdin string, job ...string) (code int, out, stderr string) {
			t.Helper()
			if err := store.dir.Put(t.Context(), store.name, []byte(damaged)); err != nil {
				t.Fatal(err)
			}
			var stdout bytes.Buffer
			code, stderr = program(t.Context(), pool, stdin, &stdout, append(job, "-username", "ada", "-dir", dir)...)
			if told := stdout.String(); !strings.Contains(told, fmt.Sprintf("-dir %q", dir)) || !strings.Contains(told, "new sign-in") {
				t.Errorf("%q: the output names no directory or no remedy: %s", damaged, told)
			}
			return code, stdout.String(), stderr
		}
		if code, out, stderr := start("", "-sign-out"); code != 1 || !strings.Contains(stderr, "not signed in") {
			t.Errorf("%q, -sign-out: exit code %d\n%s%s", damaged, code, out, stderr)
		}
		if left := records(t, dir); len(left) != 0 {
			t.Errorf("%q: after -sign-out the directory has %v", damaged, left)
		}
		if code, out, stderr := start(password, "-get", url); code != 0 || !strings.Contains(out, "200 OK") {
			t.Errorf("%q, -get: exit code %d\n%s%s", damaged, code, out, stderr)
		}
		if _, err := store.load(t.Context()); err != nil {
			t.Errorf("%q: the new tokens: %v", damaged, err)
		}
	}
}

// records lists the files of a directory, except the lock file.
func records(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if f.Name() != ".lock" {
			names = append(names, f.Name())
		}
	}
	return names
}
