package manual

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// machinery are the methods that other packages call: fmt, errors, log/slog, encoding and
// net/http.
var machinery = []string{
	"Error", "Unwrap", "Is", "As", "String", "GoString", "Format", "LogValue",
	"MarshalJSON", "UnmarshalJSON", "MarshalBinary", "UnmarshalBinary", "MarshalText", "UnmarshalText", "ServeHTTP",
}

// Each exported function and method that a program calls is in an example with output of its
// package. testdata/noexample.txt has the exceptions, with their reasons.
func TestExamples(t *testing.T) {
	reasons, err := readReasons("testdata/noexample.txt")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := files(root, ".go")
	if err != nil {
		t.Fatal(err)
	}
	directories := map[string]bool{}
	for _, file := range sources {
		directories[filepath.ToSlash(filepath.Dir(file))] = true
	}
	checked := 0
	for directory := range directories {
		if !isForUsers(directory) {
			continue
		}
		exported, shown := exportedAndShown(t, directory)
		for _, name := range exported {
			checked++
			full := directory + "." + name
			_, excepted := reasons[full]
			inExample := shown[name[strings.LastIndex(name, ".")+1:]]
			switch {
			case inExample && excepted:
				t.Errorf("%s is in an example: remove it from testdata/noexample.txt", full)
			case !inExample && !excepted:
				t.Errorf("no example with output calls %s", full)
			}
			delete(reasons, full)
		}
	}
	for name := range reasons {
		t.Errorf("testdata/noexample.txt: there is no %s", name)
	}
	if checked < 200 {
		t.Errorf("only %d functions were found", checked)
	}
}

// isForUsers reports whether programs import the package in the directory.
func isForUsers(directory string) bool {
	parts := strings.Split(directory, "/")
	return directory != "." && !slices.Contains(parts, "internal") && !slices.Contains(parts, "testdata") &&
		!slices.Contains([]string{"examples", "interop", "live"}, parts[0])
}

// exportedAndShown returns the exported functions and methods of a package, and the names
// that its examples with output call.
func exportedAndShown(t *testing.T, directory string) (exported []string, shown map[string]bool) {
	t.Helper()
	positions := token.NewFileSet()
	entries, err := os.ReadDir(filepath.Join(root, directory))
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	shown = map[string]bool{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(positions, filepath.Join(root, directory, entry.Name()), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(entry.Name(), "_test.go") {
			parsed = append(parsed, file)
			continue
		}
		for _, example := range doc.Examples(file) {
			if example.Output == "" && !example.EmptyOutput {
				continue
			}
			ast.Inspect(example.Code, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					shown[s.Sel.Name] = true
				}
				return true
			})
		}
	}
	described, err := doc.NewFromFiles(positions, parsed, module+"/"+directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range described.Funcs {
		exported = append(exported, f.Name)
	}
	for _, typ := range described.Types {
		for _, f := range typ.Funcs {
			exported = append(exported, f.Name)
		}
		for _, m := range typ.Methods {
			if !slices.Contains(machinery, m.Name) {
				exported = append(exported, typ.Name+"."+m.Name)
			}
		}
	}
	return exported, shown
}
