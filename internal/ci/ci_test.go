// Package ci tests the scripts of a release: .ci/api and .ci/release. Each test works in a clone.
package ci

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// clone is a clone of this repository, with the scripts of the working tree.
type clone struct {
	*testing.T
	dir string
}

func newClone(t *testing.T) clone {
	t.Helper()
	if flag.Lookup("test.run").Value.String() == "" {
		t.Skip("this test takes minutes. Run it as the gate does: go test ./internal/ci -run .")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skipf("this is no clone of the repository: %v", err)
	}
	c := clone{t, filepath.Join(t.TempDir(), "clone")}
	if out, err := exec.CommandContext(t.Context(), "git", "clone", "-q", "--no-tags", root, c.dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	c.git("config", "user.name", "A maintainer")
	c.git("config", "user.email", "maintainer@example.com")
	for _, file := range []string{".ci/api", ".ci/release", ".ci/modules", ".ci/baseline", "CHANGELOG.md"} {
		data, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		c.write(file, string(data))
	}
	// The gate would run this test again.
	c.write(".ci/run", "echo the gate passes\n")
	c.commit("the scripts of the tree")
	return c
}

func (c clone) git(args ...string) string {
	c.Helper()
	out, err := c.run("git", args...)
	if err != nil {
		c.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return out
}

func (c clone) run(name string, args ...string) (string, error) {
	command := exec.CommandContext(c.Context(), name, args...)
	command.Dir = c.dir
	out, err := command.CombinedOutput()
	return string(out), err
}

func (c clone) read(file string) string {
	c.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, file))
	if err != nil {
		c.Fatal(err)
	}
	return string(data)
}

func (c clone) write(file, text string) {
	c.Helper()
	path := filepath.Join(c.dir, file)
	mode := os.FileMode(0o644)
	if strings.HasPrefix(file, ".ci/") {
		mode = 0o755
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		c.Fatal(err)
	}
}

// replace replaces a text in a file, and ends the test if the file does not have the text.
func (c clone) replace(file, old, new string) {
	c.Helper()
	text := c.read(file)
	if !strings.Contains(text, old) {
		c.Fatalf("%s does not have %q", file, old)
	}
	c.write(file, strings.ReplaceAll(text, old, new))
}

func (c clone) commit(message string) {
	c.Helper()
	c.git("add", "-A")
	c.git("commit", "-q", "--allow-empty", "-m", message)
}

// want runs a script. The script must fail or succeed as fails says, and print all these texts.
func (c clone) want(fails bool, script []string, says ...string) string {
	c.Helper()
	out, err := c.run("bash", script...)
	if (err != nil) != fails {
		c.Fatalf("%q: %v, want a failure: %v\n%s", script, err, fails, out)
	}
	for _, text := range says {
		if !strings.Contains(out, text) {
			c.Fatalf("%q does not say %q:\n%s", script, text, out)
		}
	}
	return out
}

var api = []string{".ci/api"}

func TestAPI(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	// The baseline has an API of which the changes below remove a part.
	c.write("secret/fixture.go", "package secret\n\n// Fixture is for a test.\nfunc Fixture(int) {}\n")
	c.write("store/redisstore/fixture.go", "package redisstore\n\n// Fixture is for a test.\nfunc Fixture(int) {}\n")
	program := filepath.Join(c.dir, "examples/fixture")
	if err := os.Mkdir(program, 0o755); err != nil {
		t.Fatal(err)
	}
	c.write("examples/fixture/fixture.go", "package fixture\n\n// Fixture is for a test.\nfunc Fixture(int) {}\n")
	c.write(".ci/baseline", c.read(".ci/baseline")+"a test\n")
	c.commit("the baseline")
	// Nobody imports the packages of programs, so these can go.
	if err := os.RemoveAll(program); err != nil {
		t.Fatal(err)
	}
	c.replace("secret/fixture.go", "Fixture(int)", "Fixture(string)")
	c.write("secret/more.go", "package secret\n\n// More is new.\nfunc More() {}\n")
	if err := os.Remove(filepath.Join(c.dir, "store/redisstore/fixture.go")); err != nil {
		t.Fatal(err)
	}
	c.replace("CHANGELOG.md", "## [0.1.0]", "Fixture in plain words does not do, nor does `FixtureOfAnother`.\n\n## [0.1.0]")
	out := c.want(true, api, "There is no release yet", "store/dynamostore: 0 incompatible changes", ".: 1 incompatible changes, 2 changes in all", "not in CHANGELOG.md: - ./secret.Fixture: changed", "not in CHANGELOG.md: - Fixture: removed", "CHANGELOG.md")
	if strings.Contains(out, "secret.More") {
		t.Errorf("an addition is refused:\n%s", out)
	}
	c.replace("CHANGELOG.md", "## [0.1.0]", "- `secret.Fixture`: **Before:** a number. **After:** a text.\n\n## [0.1.0]")

	golden := "flow/testdata/prompt-v1/email-otp"
	before := c.read(golden)
	c.write(golden, before+"x")
	c.want(true, api, "golden files were changed or removed", golden)
	c.write(golden, before)
	c.write("flow/testdata/prompt-v1/another", "x")
	c.want(false, api, "in CHANGELOG.md: - ./secret.Fixture")

	// If there is a tag, the script compares with the tag, and not with the baseline.
	c.commit("changes")
	c.git("tag", "v0.1.0")
	c.replace("CHANGELOG.md", "- `secret.Fixture`: **Before:** a number. **After:** a text.\n", "")
	c.want(false, api, "The last release is v0.1.0", ".: 0 incompatible changes")
}

func TestRelease(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	release := func(args ...string) []string { return append([]string{".ci/release"}, args...) }
	for _, args := range [][]string{nil, {"0.1.0"}, {"v0.1"}, {"v0.1.0", "--push"}, {"v0.1.0", "--tag", "now"}} {
		c.want(true, release(args...), "usage:")
	}
	c.want(true, release("v9.9.9"), "no section for 9.9.9")
	c.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - unreleased\n\n### Added\n\n- The notes of the release.\n\n## [0.0.1] - 2020-01-01\n\n- Old notes.\n")
	c.want(true, release("v0.1.0"), "not clean")
	c.commit("a changelog")

	out := c.want(false, release("v0.1.0"), "the gate passes", "v0.1.0\nstore/redisstore/v0.1.0\nstore/dynamostore/v0.1.0\notelflow/v0.1.0\n", "- The notes of the release.", "has no date", "Nothing was changed")
	if strings.Contains(out, "Old notes") {
		t.Errorf("the notes have those of another release too:\n%s", out)
	}
	c.want(true, release("v0.1.0", "--tag"), "no date for 0.1.0")
	c.replace("CHANGELOG.md", "unreleased\n", "2026-12-01\n")
	c.replace("CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- Left over.\n")
	c.commit("a date")
	c.want(true, release("v0.1.0", "--tag"), "entries under \"Unreleased\"")
	c.replace("CHANGELOG.md", "- Left over.\n", "")
	c.write(".ci/run", "exit 1\n")
	c.commit("a gate that fails")
	c.want(true, release("v0.1.0", "--tag"))
	if tags := c.git("tag"); tags != "" {
		t.Fatalf("there are tags: %s", tags)
	}
	c.write(".ci/run", "echo the gate passes\n")
	c.commit("a gate that passes")

	before := c.git("rev-parse", "HEAD")
	c.want(false, release("v0.1.0", "--tag"), "nothing was pushed", "git push --atomic origin v0.1.0 store/redisstore/v0.1.0 store/dynamostore/v0.1.0 otelflow/v0.1.0")
	tags := strings.Fields(c.git("tag"))
	if slices.Sort(tags); !slices.Equal(tags, []string{"otelflow/v0.1.0", "store/dynamostore/v0.1.0", "store/redisstore/v0.1.0", "v0.1.0"}) {
		t.Errorf("the tags are %q", tags)
	}
	for _, tag := range tags {
		if kind := strings.TrimSpace(c.git("cat-file", "-t", tag)); kind != "tag" {
			t.Errorf("%s is a %s, want an annotated tag", tag, kind)
		}
		if text := c.git("cat-file", "-p", tag); !strings.Contains(text, "- The notes of the release.") || !strings.Contains(text, "### Added") {
			t.Errorf("%s does not have the notes: %s", tag, text)
		}
	}
	for _, module := range []string{"store/redisstore", "store/dynamostore", "otelflow"} {
		mod := c.git("show", "v0.1.0:"+module+"/go.mod")
		if strings.Contains(mod, "replace") || !strings.Contains(mod, "github.com/cognitoflow/cognitoflow v0.1.0") {
			t.Errorf("%s is released as\n%s", module, mod)
		}
		if !strings.Contains(c.read(module+"/go.mod"), "replace") {
			t.Errorf("%s has lost its replace here", module)
		}
	}
	if after := c.git("rev-parse", "HEAD"); after != before || c.git("status", "--porcelain") != "" {
		t.Errorf("the branch was at %s and is at %s", before, after)
	}
	c.want(true, release("v0.1.0"), "is not after v0.1.0")
	c.want(true, release("v0.0.1"), "is not after v0.1.0")
}

// SECURITY.md and docs/compatibility.md name the tests that prove a promise.
func TestNamedTestsExist(t *testing.T) {
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")
	out, err := exec.CommandContext(t.Context(), "git", "-C", "../..", "grep", "-hE", `^func (Test|Fuzz)\w+\(`, "--", "*_test.go").Output()
	if err != nil {
		t.Skipf("git does not list the tests: %v", err)
	}
	for _, file := range []string{"SECURITY.md", "docs/compatibility.md"} {
		text, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		names := named.FindAllSubmatch(text, -1)
		if len(names) == 0 {
			t.Errorf("%s names no test", file)
		}
		for _, name := range names {
			if !strings.Contains(string(out), "func "+string(name[1])+"(") {
				t.Errorf("%s names %s, and no file has this test", file, name[1])
			}
		}
	}
}
