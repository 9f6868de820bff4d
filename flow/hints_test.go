package flow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The service's wording changes, so no code may decide by a message or a hint.
func TestNothingDecidesByMessage(t *testing.T) {
	mayRead := []string{"errors.go", "hints.go"} // they make the texts
	read := 0
	for _, dir := range []string{".", "../challenge", "../seal", "../device"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				method, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains([]string{"Hint", "ErrorMessage", "Message"}, method.Sel.Name) {
					return true
				}
				read++
				if !slices.Contains(mayRead, name) {
					t.Errorf("%s reads a message", set.Position(call.Pos()))
				}
				return true
			})
		}
	}
	if read == 0 {
		t.Error("nothing reads messages: the test looks in the wrong place")
	}
}
