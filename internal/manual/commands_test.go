package manual

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var commandSpan = regexp.MustCompile("`(go (?:run|test|-C)[^`]*)`")

// commandsIn returns the commands of the go tool in a Markdown file: of shell
// blocks, and in code spans.
func commandsIn(source string) (all []string) {
	for _, b := range parseMarkdown([]byte(source)).blocks {
		if b.language != "sh" {
			continue
		}
		for line := range strings.Lines(b.code) {
			if _, command, ok := strings.Cut(" "+line, " go "); ok {
				command, _, _ = strings.Cut(command, "#")
				all = append(all, strings.TrimSpace("go "+command))
			}
		}
	}
	for _, m := range commandSpan.FindAllStringSubmatch(source, -1) {
		all = append(all, strings.ReplaceAll(m[1], `\|`, "|"))
	}
	return all
}

// badCommand says why a command would fail, or returns "". The function checks
// folders, names of tests, and flags of the programs of this module.
func badCommand(command string) string {
	words := strings.Fields(strings.ReplaceAll(command, "'", ""))[1:]
	dir := root
	if len(words) > 1 && words[0] == "-C" {
		dir = filepath.Join(root, words[1])
		words = words[2:]
	}
	if len(words) == 0 || words[0] != "run" && words[0] != "test" {
		return ""
	}
	verb, program := words[0], ""
	var folders []string
	var tests string
	for i := 1; i < len(words); i++ {
		switch w := words[i]; {
		case verb == "run" && program != "":
			if name := strings.TrimLeft(w, "-"); name != w && !hasFlag(program, name) {
				return fmt.Sprintf("the program has no flag %s", w)
			}
		case w == "-run" && i+1 < len(words):
			tests = words[i+1]
			i++
		case w[0] == '.':
			program = filepath.Join(dir, filepath.FromSlash(path.Clean(strings.TrimSuffix(w, "/..."))))
			if info, err := os.Stat(program); err != nil || !info.IsDir() {
				return fmt.Sprintf("there is no folder %s", w)
			}
			folders = append(folders, program)
		}
	}
	if tests == "" || tests == "^$" || tests == "NAME" { // NAME is for the reader to replace
		return ""
	}
	for name := range strings.SplitSeq(tests, "|") {
		if !hasTest(folders, name) {
			return fmt.Sprintf("there is no test %s", name)
		}
	}
	return ""
}

// eachNode visits the Go files of a folder and of the folders in it.
func eachNode(dir, suffix string, visit func(ast.Node)) {
	names, err := files(dir, suffix)
	if err != nil {
		return
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			visit(n)
			return true
		})
	}
}

func hasTest(dirs []string, pattern string) (has bool) {
	search, err := regexp.Compile(pattern)
	if err != nil {
		return false
	}
	for _, dir := range dirs {
		eachNode(dir, "_test.go", func(n ast.Node) {
			if f, ok := n.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") && search.MatchString(f.Name.Name) {
				has = true
			}
		})
	}
	return has
}

// hasFlag reports whether a program has a flag. A package of this module that the
// program imports may declare the flag.
func hasFlag(program, name string) bool {
	dirs := []string{program}
	eachNode(program, ".go", func(n ast.Node) {
		if i, ok := n.(*ast.ImportSpec); ok {
			if dir, ours := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), module+"/"); ours {
				dirs = append(dirs, filepath.Join(root, dir))
			}
		}
	})
	name, _, _ = strings.Cut(name, "=")
	for _, dir := range dirs {
		if setsFlag(dir, name) {
			return true
		}
	}
	return false
}

var flagMethod = regexp.MustCompile(`^(Bool|String|Int|Int64|Uint|Uint64|Float64|Duration|Text)(Var|Func)?$|^(Func|Var)$`)

func setsFlag(dir, name string) (has bool) {
	eachNode(dir, ".go", func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); !ok || !flagMethod.MatchString(f.Sel.Name) {
			return
		}
		for _, x := range call.Args[:min(2, len(call.Args))] {
			if text, ok := literal(x); ok && text == name {
				has = true
			}
		}
	})
	return has
}

// The commands of the documentation name folders, tests and flags that exist.
func TestCommands(t *testing.T) {
	t.Parallel()
	found := 0
	names, err := files(root, ".md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range commandsIn(string(source)) {
			found++
			if why := badCommand(command); why != "" {
				t.Errorf("%s: %s: %s", name, command, why)
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d commands were found", found)
	}
}

func TestBadCommands(t *testing.T) {
	for command, good := range map[string]bool{
		"go test ./...": true, "go run ./examples/signin -sign-up": true, "go test ./flow -run 'TestChains|TestThousand' -v": true,
		"go -C examples/web/stores run . -sessions redis://x -instances 3": true,
		"go run ./examples/none": false, "go run ./examples/signin -none": false, "go test ./flow -run TestNone": false,
		"go -C examples/none run .": false,
	} {
		if why := badCommand(command); (why == "") != good {
			t.Errorf("%s: %q", command, why)
		}
	}
}
