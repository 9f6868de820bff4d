package manual

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/byname"
)

const module = "github.com/cognitoflow/cognitoflow"

// packagesOfFragments are the packages that a fragment may name without an
// import.
var packagesOfFragments = []string{
	"bytes", "context", "errors", "fmt", "log", "log/slog", "net/http", "net/http/cookiejar", "net/http/httptest", "net/url", "os", "path/filepath", "runtime", "testing", "time",
	"github.com/aws/aws-sdk-go-v2/aws",
	"github.com/aws/aws-sdk-go-v2/config",
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity",
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider",
	"golang.org/x/oauth2",
	module + "/account", module + "/challenge", module + "/cognitotest", module + "/cognitotest/trigger", module + "/device",
	module + "/flow", module + "/frontend", module + "/identitypool", module + "/seal", module + "/secret", module + "/secrethash",
	module + "/store", module + "/websession",
}

// renamed are packages that programs import under another name.
var renamed = map[string]string{"awshttp": "github.com/aws/aws-sdk-go-v2/aws/transport/http"}

// program is a block of Go as the go command gets it.
type program struct {
	at, dir, file, source string
	run                   string // the scenario of a whole program
	isTest                bool
}

var leadingImport = regexp.MustCompile(`(?s)\Aimport \(\n.*?\n\)\n`)

// newProgram makes a file of a block. A block that is no file becomes the body of
// a function, beside the names of testdata/frame.go.
func newProgram(at, dir string, b block) (p program, err error) {
	p = program{at: at, dir: dir}
	lineOfBlock := "//line " + at + "\n" // messages of the compiler name the document
	if strings.HasPrefix(b.code, "package ") {
		formatted, err := format.Source([]byte(b.code))
		if err != nil {
			return p, err
		}
		if string(formatted) != b.code {
			return p, errors.New("the program is not formatted")
		}
		p.source, p.file = lineOfBlock+b.code, "main.go"
		p.isTest = strings.Contains(b.code, "\nfunc Test")
		if p.isTest {
			p.file = "block_test.go"
			return p, nil
		}
		scenario, ok := strings.CutPrefix(b.comment, "run: ")
		if !ok {
			return p, errors.New("a program needs a comment before the block, such as <!-- run: sign-up -->, with the name of a scenario")
		}
		p.run = scenario
		return p, nil
	}
	imports := leadingImport.FindString(b.code)
	body := b.code[len(imports):]
	if formatted, err := format.Source([]byte(body)); err != nil {
		return p, err
	} else if string(formatted) != body {
		return p, errors.New("the block is not formatted")
	}
	p.isTest, p.file = strings.Contains(body, "(t, "), "block.go"
	function := "func fragment() {\n"
	if p.isTest {
		p.file, function = "block_test.go", "func TestFragment(t *testing.T) {\n"
	}
	wrapped := "package fragment\n" + function + lineOfBlock + body
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, p.file, wrapped+"}\n", 0)
	if err != nil {
		return p, err
	}
	for _, name := range declared(file) {
		wrapped += "_ = " + name + "\n" // a fragment need not use the variables that it declares
	}
	var added strings.Builder
	for _, name := range unresolved(file) {
		i := slices.IndexFunc(packagesOfFragments, func(p string) bool { return path.Base(p) == name })
		switch {
		case renamed[name] != "":
			fmt.Fprintf(&added, "import %s %q\n", name, renamed[name])
		case i >= 0 && !strings.Contains(imports, `"`+packagesOfFragments[i]+`"`):
			fmt.Fprintf(&added, "import %q\n", packagesOfFragments[i])
		}
	}
	p.source = strings.Replace(wrapped+"}\n", "package fragment\n", "package fragment\n"+imports+added.String(), 1)
	return p, nil
}

// declared returns the variables that the statements of the function declare.
func declared(file *ast.File) []string {
	names := map[string]bool{}
	function := file.Decls[len(file.Decls)-1].(*ast.FuncDecl)
	for _, s := range function.Body.List {
		if s, ok := s.(*ast.AssignStmt); ok && s.Tok == token.DEFINE {
			for _, x := range s.Lhs {
				if name, ok := x.(*ast.Ident); ok && name.Name != "_" {
					names[name.Name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// unresolved returns the names before a period that the file does not declare.
func unresolved(file *ast.File) []string {
	names := map[string]bool{}
	for _, x := range file.Unresolved {
		names[x.Name] = true
	}
	selected := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && names[x.Name] {
				selected[x.Name] = true
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(selected))
}

// password is what a program finds in COGNITO_PASSWORD.
const password = "Correct-Horse-7!"

// scenario runs a program of the documentation against a pool.
type scenario struct {
	pool cognitotest.PoolConfig
	// out is the start of the output. A program that reads a line gets the code
	// that the pool sends.
	out string
	// lines is the number of lines that the program may have.
	lines int
}

var scenarios = map[string]scenario{
	"quick-start": {
		pool: cognitotest.PoolConfig{
			ID: "eu-central-1_Ab12Cd34E", MFA: "OPTIONAL", Clients: []cognitotest.ClientConfig{{ID: "1example23456789"}},
			Users: []cognitotest.UserConfig{{
				Name: "ada", Password: password, MFA: []string{"SMS_MFA"},
				Attributes: map[string]string{"phone_number": "+15550100123"},
			}},
		},
		out:   "Code: ada is signed in until ",
		lines: 60,
	},
	"sign-up": {
		pool:  cognitotest.PoolConfig{ID: "eu-central-1_Ab12Cd34E", Clients: []cognitotest.ClientConfig{{ID: "1example23456789", AuthFlows: []string{"ALLOW_USER_AUTH"}}}},
		out:   "The code that was sent to a***@e***: ada is signed in until ",
		lines: 40,
	},
}

// Every Go block of the Markdown files compiles and passes go vet, in a module
// that requires this one as a user's module does. Tests and whole programs run.
func TestPrograms(t *testing.T) {
	t.Parallel()
	if byname.Quick(t) {
		t.Skip("it compiles each Go block: go test ./internal/manual -run TestPrograms")
	}
	dir := t.TempDir()
	writeModule(t, dir)
	frame, err := os.ReadFile("testdata/frame.go")
	if err != nil {
		t.Fatal(err)
	}
	var programs []program
	for name, page := range readPages(t) {
		for _, b := range page.blocks {
			if b.language != "go" {
				continue
			}
			at := fmt.Sprintf("%s:%d", name, b.line)
			p, err := newProgram(at, filepath.Join(dir, fmt.Sprintf("b%d", len(programs))), b)
			if err != nil {
				t.Errorf("%s: %v", at, err)
				continue
			}
			if strings.HasPrefix(p.source, "package fragment\n") {
				write(t, filepath.Join(p.dir, "frame.go"), string(frame))
			}
			write(t, filepath.Join(p.dir, p.file), p.source)
			programs = append(programs, p)
		}
	}
	if len(programs) == 0 {
		t.Fatal("there are no programs")
	}
	if out, err := goCommand(t, dir, "vet", "./...").CombinedOutput(); err != nil {
		t.Fatalf("go vet: %v\n%s", err, out)
	}

	ran := map[string]bool{}
	for _, p := range programs {
		switch {
		case p.isTest:
			if out, err := goCommand(t, dir, "test", "-vet=off", "-ldflags=-s -w", p.dir).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", p.at, err, out)
			}
		case p.run != "":
			s, ok := scenarios[p.run]
			if !ok {
				t.Errorf("%s: there is no scenario %q", p.at, p.run)
				continue
			}
			ran[p.run] = true
			if n := strings.Count(p.source, "\n") - 1; n > s.lines {
				t.Errorf("%s: the program has %d lines, want at most %d", p.at, n, s.lines)
			}
			s.play(t, dir, p)
		}
	}
	for name := range scenarios {
		if !ran[name] {
			t.Errorf("no program runs in the scenario %q", name)
		}
	}
}

func goCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = dir
	return command
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeModule makes a module that requires this tree, with the versions of this
// module's go.mod.
func writeModule(t *testing.T, dir string) {
	t.Helper()
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(mod), "module "+module+"\n", "module manual.test/blocks\n", 1)
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf("%s\nrequire %s v0.0.0\nreplace %[2]s => %[3]q\n", text, module, absolute))
	write(t, filepath.Join(dir, "go.sum"), string(sum))
}

// play builds a program, runs it against the pool, and types the code that the
// pool sends.
func (s scenario) play(t *testing.T, dir string, p program) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	if out, err := goCommand(t, dir, "build", "-ldflags=-s -w", "-o", binary, p.dir).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", p.at, err, out)
	}
	codes := make(chan string, 1)
	config := s.pool
	config.OnCode = func(c cognitotest.Code) { codes <- c.Code }
	pool := cognitotest.Start(t, config)
	var out, log bytes.Buffer
	run := exec.CommandContext(t.Context(), binary)
	run.Env = append(os.Environ(), "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER="+pool.Endpoint(), "COGNITO_PASSWORD="+password)
	run.Stdout, run.Stderr = &out, &log
	keyboard, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // the user reads the mail, and types
		select {
		case code := <-codes:
			fmt.Fprintln(keyboard, code)
		case <-t.Context().Done():
		}
	}()
	if err := run.Wait(); err != nil {
		t.Fatalf("%s: %v\n%s%s", p.at, err, &out, &log)
	}
	if !strings.HasPrefix(out.String(), s.out) {
		t.Errorf("%s: the program wrote %q, want %q", p.at, &out, s.out)
	}
}

func TestBadPrograms(t *testing.T) {
	for code, want := range map[string]string{
		"package main\n\nfunc main() {}\n":              "needs a comment",
		"package main\nfunc main() {}\n":                "not formatted",
		"x :=  1\n":                                     "not formatted",
		"step, err := driver.Start(ctx, { ... })\n":     "expected",
		"import (\n\t\"os\"\n)\n\nname := os.Args[0]\n": "",
		"pool := cognitotest.Start(t, config)\n":        "",
	} {
		_, err := newProgram("README.md:1", "", block{language: "go", code: code})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", code, err, want)
		}
	}
}
