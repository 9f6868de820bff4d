package sqlstore_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/cognitoflow/cognitoflow/device/sqlstore"
)

// The tests on an engine are a module of their own, since its drivers must not
// become requirements of this module.
const engineModule = "enginetest"

var buildDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", engineModule)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(dir)
	buildDir = dir
	m.Run()
}

// engineTests builds the test binary of the module once for all engines.
var engineTests = sync.OnceValues(func() (string, error) {
	// The go command takes an earlier result for this one, unless a directory that
	// the test reads has changed. What the build reads is unknown to it.
	for _, dir := range []string{engineModule, filepath.Join("..", "devicetest")} {
		if _, err := os.ReadDir(dir); err != nil {
			return "", err
		}
	}
	binary := filepath.Join(buildDir, "engine.test")
	cmd := exec.Command("go", "test", "-c", "-o", binary, ".")
	cmd.Dir = engineModule
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the tests in %s cannot be built; they need the modules of the drivers, which the go command downloads: %w\n%s", engineModule, err, output)
	}
	return binary, nil
})

// testEngine runs the tests of the module on a database.
func testEngine(t *testing.T, dialect sqlstore.Dialect, dataSource string) {
	t.Helper()
	binary, err := engineTests()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.v", "-test.timeout=5m", fmt.Sprintf("-test.short=%v", testing.Short()))
	cmd.Dir = engineModule
	cmd.Env = append(os.Environ(), "SQLSTORE_DIALECT="+string(dialect), "SQLSTORE_DSN="+dataSource)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Run(); err != nil {
		t.Errorf("the tests in %s failed: %v", engineModule, err)
	}
}

func TestSQLite(t *testing.T) {
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "devices.db"))
	// Without synchronous writes a crash of the machine loses records, which no test does.
	testEngine(t, sqlstore.SQLite, "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
}
