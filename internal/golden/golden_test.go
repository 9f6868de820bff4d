package golden

import (
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test runs itself in an empty directory, with and without -update.
func TestUpdateKeepsFiles(t *testing.T) {
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
		command := exec.CommandContext(t.Context(), program, append([]string{"-test.run=^TestUpdateKeepsFiles$", "-test.v"}, args...)...)
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
		{"second", []string{"-update"}, true, "-update does not change it"},
		{"third", nil, false, "read first"},
	} {
		out, err := run(step.data, step.args...)
		if (err != nil) != step.fails || !strings.Contains(out, step.says) {
			t.Errorf("%s, %q: %v, want the output to have %q:\n%s", step.data, step.args, err, step.says, out)
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
		t.Error("Covered does not fail for a file that no test reads")
	}
	Covered(t, "thing-v1", "one", "two")
}

func TestMembersThatNoFileHas(t *testing.T) {
	type device struct {
		Key   string `json:"key"`
		State string `json:"state,omitempty"`
	}
	type stored struct {
		Name    string    `json:"name"`
		At      time.Time `json:"at"`
		Devices []*device `json:"devices"`
		Skipped string    `json:"-"`
	}
	for _, tt := range []struct {
		files []string
		want  []string
	}{
		{nil, []string{"name", "at", "devices"}},
		{[]string{`{"name":"a","at":"","devices":[{"key":"k"}]}`}, []string{"devices.state"}},
		{[]string{`{"name":"a","devices":[]}`, `{"at":"","devices":[{"key":"k"},{"state":"s"}]}`}, nil},
		{[]string{`{"nom":"a","at":"","devices":[{"key":"k","state":"s"}]}`}, []string{"name"}},
	} {
		var files []any
		for _, text := range tt.files {
			var file any
			if err := json.Unmarshal([]byte(text), &file); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		if got := absent(reflect.TypeFor[stored](), files); !slices.Equal(got, tt.want) {
			t.Errorf("%s: members %q are absent, want %q", tt.files, got, tt.want)
		}
	}
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("testdata/thing-v1", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"one": `{"key":"k"}`, "two": `{"state":"s"}`} {
		if err := os.WriteFile("testdata/thing-v1/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	Members(t, "thing-v1", reflect.TypeFor[device](), JSON)
	var other testing.T
	Members(&other, "thing-v1", reflect.TypeFor[stored](), JSON)
	if !other.Failed() {
		t.Error("Members does not fail for a member that no file has")
	}
}
