package manual

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

var rowOfCode = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (?:`(\\w+)`|none) \\| ")

// The tables of docs/errors.md have each code of package flow with its remedy.
func TestCodes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, row := range rowOfCode.FindAllStringSubmatch(string(text), -1) {
		if _, ok := listed[row[1]]; ok {
			t.Errorf("code %q is there twice", row[1])
		}
		listed[row[1]] = row[2]
	}
	codes := codesOfFlow(t)
	if len(codes) == 0 {
		t.Fatal("flow/codes.go has no codes")
	}
	for code, remedy := range codes {
		got, ok := listed[code]
		if !ok || got != remedy {
			t.Errorf("code %q: listed %v with remedy %q, want %q", code, ok, got, remedy)
		}
		delete(listed, code)
	}
	for code := range listed {
		t.Errorf("package flow has no code %q", code)
	}
}

// codesOfFlow returns the remedy of each code, by the texts of both. The source is read,
// as package flow exports no list of codes.
func codesOfFlow(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "flow/codes.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	texts, codes := map[string]string{}, map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		c, ok := n.(*ast.ValueSpec)
		if !ok || len(c.Values) != 1 {
			return true
		}
		kind, ok := c.Type.(*ast.Ident)
		if !ok {
			return true
		}
		text, err := strconv.Unquote(c.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		texts[c.Names[0].Name] = text
		if kind.Name == "Code" {
			codes[text] = ""
		}
		return true
	})
	ast.Inspect(file, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			codes[texts[pair.Key.(*ast.Ident).Name]] = texts[pair.Value.(*ast.Ident).Name]
		}
		return true
	})
	return codes
}
