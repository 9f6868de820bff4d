// Package engines starts database engines for tests: those of SQL, Redis, and an emulator
// of DynamoDB. It also builds the tests and programs that use them. These are in modules of
// their own, which have the clients of the engines.
//
// An engine that is not installed skips the test, with the reason.
package engines

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

// Engine is an engine that a test has for itself.
type Engine struct {
	Name       string // of a database, its dialect
	DataSource string // as the driver or the client wants it
}

// These variables tell a program which engine it uses.
const (
	nameVariable       = "COGNITOFLOW_ENGINE"
	dataSourceVariable = "COGNITOFLOW_ENGINE_SOURCE"
)

// Environ is the environment of a program that uses the engine.
func (e Engine) Environ() []string {
	return append(os.Environ(), nameVariable+"="+e.Name, dataSourceVariable+"="+e.DataSource)
}

// Given returns the engine of this program, which [Engine.Environ] has told it.
func Given() (Engine, error) {
	e := Engine{os.Getenv(nameVariable), os.Getenv(dataSourceVariable)}
	if e.Name == "" || e.DataSource == "" {
		return Engine{}, fmt.Errorf("%s and %s name no engine; run the tests that start an engine and this program", nameVariable, dataSourceVariable)
	}
	return e, nil
}

// SQLite returns a database in a file of the test.
func SQLite(t testing.TB) Engine {
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "records.db"))
	// Without synchronous writes a crash of the machine loses records, which no test does.
	return Engine{string(sqlstore.SQLite), "file:" + file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"}
}

// Tests are the tests in a package of another module.
type Tests struct {
	directory string // of the package
	binaryDir string
	build     func() (string, error)
}

// NewTests returns the tests in the package in this directory of the repository, such as
// "internal/enginetest/records". They are built once, when they first run.
func NewTests(directory string) *Tests {
	tests := &Tests{directory: directory}
	tests.build = sync.OnceValues(func() (string, error) {
		return build(directory, filepath.Join(tests.binaryDir, "engine.test"), "test", "-c")
	})
	return tests
}

// Main is TestMain of a package with tests of another module. Tests that wait for engines
// do not wait for each other, so all of them run at once.
func (tests *Tests) Main(m *testing.M) {
	const atOnce = "8"
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		panic(err)
	}
	var err error
	if tests.binaryDir, err = os.MkdirTemp("", "engines"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(tests.binaryDir)
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
		t.Errorf("the tests in %s failed: %v", tests.directory, err)
	}
}

// TestModule runs all tests of the module in this directory of the repository, such as
// "store/redisstore". These tests start their engines themselves. The race detector is on
// if it is on here. Tests that wait for servers do not wait for each other.
func TestModule(t *testing.T, directory string) {
	t.Helper()
	root, err := readRepository()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-parallel=8", "-timeout=5m", fmt.Sprintf("-race=%v", byname.RaceDetector), "./...")
	cmd.Dir = filepath.Join(root, filepath.FromSlash(directory))
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Run(); err != nil {
		t.Errorf("the tests in %s failed; they need the modules in its go.mod, which the go command downloads: %v", directory, err)
	}
}

// Program builds the program in this directory of the repository, such as
// "internal/enginetest/instance", and returns its path.
func Program(t testing.TB, directory string) string {
	t.Helper()
	binary, err := build(directory, filepath.Join(t.TempDir(), "program"), "build")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func build(directory, binary string, command ...string) (string, error) {
	root, err := readRepository()
	if err != nil {
		return "", err
	}
	// Without symbols, which nobody debugs, the linker has half of the work.
	cmd := exec.Command("go", append(command, "-ldflags=-s -w", "-o", binary, ".")...)
	cmd.Dir = filepath.Join(root, filepath.FromSlash(directory))
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s cannot be built; it needs the modules in its go.mod, which the go command downloads: %w\n%s", directory, err, output)
	}
	return binary, nil
}

// readRepository returns the root directory, and reads all directories that have sources
// of Go. The go command takes an earlier result for the present one, unless a directory
// that the test reads has changed. What another go command reads is unknown to it.
func readRepository() (string, error) {
	root, err := rootDir()
	if err != nil {
		return "", err
	}
	return root, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || path == root {
			return err
		}
		if name := entry.Name(); strings.HasPrefix(name, ".") || name == "interop" || name == "node_modules" {
			return filepath.SkipDir
		}
		return nil
	})
}

// rootDir finds the root of the repository above the directory of the package under test,
// which may be in another module.
func rootDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "internal", "enginetest", "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("internal/enginetest is in no directory above this one; run the tests in a clone of the repository")
		}
		dir = filepath.Dir(dir)
	}
}
