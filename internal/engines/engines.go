// Package engines starts database engines for tests, and the tests and programs of the
// module internal/enginetest, which has the drivers.
package engines

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

// Engine is a database that a test has for itself.
type Engine struct {
	Dialect    sqlstore.Dialect
	DataSource string // as the driver of the dialect wants it
}

// Environ is the environment of a program of the module that uses the engine.
func (e Engine) Environ() []string {
	return append(os.Environ(), "SQLSTORE_DIALECT="+string(e.Dialect), "SQLSTORE_DSN="+e.DataSource)
}

// SQLite returns a database in a file of the test.
func SQLite(t *testing.T) Engine {
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "records.db"))
	// Without synchronous writes a crash of the machine loses records, which no test does.
	return Engine{sqlstore.SQLite, "file:" + file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"}
}

// Tests are the tests in a package of the module.
type Tests struct {
	name, dir string
	build     func() (string, error)
}

// NewTests returns the tests in the package of this name. They are built once, when
// they first run.
func NewTests(name string) *Tests {
	tests := &Tests{name: name}
	tests.build = sync.OnceValues(func() (string, error) {
		return build(name, filepath.Join(tests.dir, name+".test"), "test", "-c")
	})
	return tests
}

// Main is TestMain of a package with tests of the module.
func (tests *Tests) Main(m *testing.M) {
	var err error
	if tests.dir, err = os.MkdirTemp("", "engines"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(tests.dir)
	m.Run()
}

// Run runs the tests on an engine.
func (tests *Tests) Run(t *testing.T, e Engine, args ...string) {
	t.Helper()
	binary, err := tests.build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"-test.v", "-test.timeout=5m", fmt.Sprintf("-test.short=%v", testing.Short())}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = e.Environ()
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Run(); err != nil {
		t.Errorf("the tests in %s failed: %v", tests.name, err)
	}
}

// Program builds the program in the package of this name and returns its path.
func Program(t *testing.T, name string) string {
	t.Helper()
	binary, err := build(name, filepath.Join(t.TempDir(), name), "build")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func build(name, binary string, command ...string) (string, error) {
	module, err := moduleDir()
	if err != nil {
		return "", err
	}
	// The go command takes an earlier result for this one, unless a directory that the
	// test reads has changed. What the build reads is unknown to the go command.
	if err := readSources(filepath.Dir(filepath.Dir(module))); err != nil {
		return "", err
	}
	cmd := exec.Command("go", append(command, "-o", binary, "./"+name)...)
	cmd.Dir = module
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s cannot be built; it needs the modules of the drivers, which the go command downloads: %w\n%s", name, err, output)
	}
	return binary, nil
}

// readSources reads the directories that have sources of Go.
func readSources(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "interop") {
			return filepath.SkipDir
		}
		return err
	})
}

// moduleDir finds the module above the directory of the package under test.
func moduleDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		module := filepath.Join(dir, "internal", "enginetest")
		if _, err := os.Stat(filepath.Join(module, "go.mod")); err == nil {
			return module, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("internal/enginetest is in no directory above this one")
		}
		dir = filepath.Dir(dir)
	}
}
