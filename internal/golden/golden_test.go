package golden

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The test runs itself with -update in an empty directory, twice.
func TestUpdateKeepsWhatIsThere(t *testing.T) {
	if dir := os.Getenv("GOLDEN_TEST_DIR"); dir != "" {
		t.Chdir(dir)
		got := Data(t, "thing-v1", "one", func(*testing.T) []byte { return []byte(os.Getenv("GOLDEN_TEST_DATA")) })
		t.Logf("read %s", got)
		return
	}
	dir := t.TempDir()
	run := func(data string, args ...string) (string, error) {
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), program, append([]string{"-test.run=^TestUpdateKeepsWhatIsThere$", "-test.v"}, args...)...)
		command.Env = append(os.Environ(), "GOLDEN_TEST_DIR="+dir, "GOLDEN_TEST_DATA="+data)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	for _, step := range []struct {
		data  string
		args  []string
		fails bool
		says  string
	}{
		{"first", nil, true, "a golden file is missing"},
		{"first", []string{"-update"}, false, "read first"},
		{"second", []string{"-update"}, true, "does not change it"},
		{"third", nil, false, "read first"},
	} {
		out, err := run(step.data, step.args...)
		if (err != nil) != step.fails || !strings.Contains(out, step.says) {
			t.Errorf("%s, %q: %v, want it to say %q:\n%s", step.data, step.args, err, step.says, out)
		}
	}
}

func TestFilesThatNoTestReads(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("testdata/thing-v1", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "two"} {
		if err := os.WriteFile("testdata/thing-v1/"+name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var other testing.T
	Covered(&other, "thing-v1", "one")
	if !other.Failed() {
		t.Error("a file that no test reads is not told")
	}
	Covered(t, "thing-v1", "one", "two")
}
