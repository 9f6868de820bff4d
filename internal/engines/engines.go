// Package engines starts database engines for tests: SQL databases, Redis, and an emulator of
// DynamoDB. The package also builds the tests and programs that use an engine. These tests and
// programs are in separate modules, which require the clients of the engines.
//
// If an engine is not installed, the test is skipped with the reason.
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

// Engine is an engine that no other test uses.
type Engine struct {
	Name       string // the dialect of a database
	DataSource string // in the form of the driver or the client
}

// A program reads its engine from these variables.
const (
	nameVariable       = "COGNITOFLOW_ENGINE"
	dataSourceVariable = "COGNITOFLOW_ENGINE_SOURCE"
)

// Environ returns the environment of a program that uses the engine.
func (e Engine) Environ() []string {
	return append(os.Environ(), nameVariable+"="+e.Name, dataSourceVariable+"="+e.DataSource)
}

// Given returns the engine in the environment of this program, as [Engine.Environ] has set it. The
// error is that of an environment without an engine.
func Given() (Engine, error) {
	e := Engine{os.Getenv(nameVariable), os.Getenv(dataSourceVariable)}
	if e.Name == "" || e.DataSource == "" {
		return Engine{}, fmt.Errorf("%s and %s name no engine, so run the tests that start an engine and this program", nameVariable, dataSourceVariable)
	}
	return e, nil
}

// SQLite returns a database in a temporary file of the test.
func SQLite(t testing.TB) Engine {
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "records.db"))
	// Synchronous writes protect records at a crash of the machine. No test needs that.
	return Engine{string(sqlstore.SQLite), "file:" + file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"}
}

// Tests are the tests in a package of another module.
type Tests struct {
	directory string // of the package
	binaryDir string
	build     func() (string, error)
}

// NewTests returns the tests in the package in this directory of the repository, such as
// "internal/enginetest/records". The first run builds the tests.
func NewTests(directory string) *Tests {
	tests := &Tests{directory: directory}
	tests.build = sync.OnceValues(func() (string, error) {
		return build(directory, filepath.Join(tests.binaryDir, "engine.test"), "test", "-c")
	})
	return tests
}

// Main is TestMain of a package with tests of another module. Main runs eight tests at once,
// because the tests mostly wait for engines.
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
// "store/redisstore". These tests start their engines themselves. The race detector is on if it
// is on in this test.
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
		t.Errorf("the tests in %s failed, or the go command could not download the modules in its go.mod: %v", directory, err)
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
	// Without symbols, linking takes half of the time.
	cmd := exec.Command("go", append(command, "-ldflags=-s -w", "-o", binary, ".")...)
	cmd.Dir = filepath.Join(root, filepath.FromSlash(directory))
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s cannot be built, or the go command could not download the modules in its go.mod: %w\n%s", directory, err, output)
	}
	return binary, nil
}

// readRepository returns the root directory, and reads all directories with Go source. The go
// command reuses an earlier result of a test unless a directory that the test reads has changed.
// The go command does not see the directories that a go command of the test reads.
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

// rootDir returns the root of the repository above the directory of the package under test. The
// package may be in another module.
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
			return "", errors.New("no directory above this one has internal/enginetest, so run the tests in a clone of the repository")
		}
		dir = filepath.Dir(dir)
	}
}
