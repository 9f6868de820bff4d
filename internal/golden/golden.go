// Package golden keeps the files that show what a release wrote. Later releases read the
// files in their tests.
//
// A stored format has a directory for each of its versions, such as
// testdata/prompt-v1. A test of the package that owns the format reads each file of the
// directory, and goes on working with what it has read.
//
// A file does not change. Programs that nobody here knows of have stored its bytes. The flag -update
// writes files that are missing, and refuses to write over a file:
//
//	go test ./flow -run TestGoldenPrompts/sms-mfa -update
//
// A form that the present reader of a version would misread takes the next version
// number. The next version gets a directory too.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write golden files that are missing; a file that is there stays")

// Data returns the file of this name in the directory testdata/FORMAT, where the format has the
// version at its end, as in "prompt-v1". With -update, Data first writes what made
// returns to the file, and fails the test if the file is there already.
func Data(t *testing.T, format, name string, made func(t *testing.T) []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", format, name)
	if *update {
		create(t, path, made(t))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; a golden file is missing: restore it if a release had it, or write a new one with -update", err)
	}
	return data
}

func create(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if os.IsExist(err) {
		t.Fatalf("%s is there, and -update does not change it: what was stored does not change either; give a new form the next version, with files of its own", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Covered fails the test if the directory of a format has other files than these: a
// file that no test reads promises nothing.
func Covered(t *testing.T, format string, names ...string) {
	t.Helper()
	for _, name := range Names(t, format) {
		if !slices.Contains(names, name) {
			t.Errorf("no test reads testdata/%s/%s", format, name)
		}
	}
}

// Names returns the names of the files of a format.
func Names(t testing.TB, format string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("testdata", format))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Broke reports what a change did to stored data of a format.
func Broke(t *testing.T, format, name, layout string, args ...any) {
	t.Helper()
	t.Errorf("testdata/%s/%s: what the release of this version stored does not work any more: "+layout, append([]any{format, name}, args...)...)
}
