package manual

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// The list of packages on pkg.go.dev is a map for users. Each package says what it is
// for, and the directories of programs show programs only. Other packages of theirs are
// below internal, where the list does not show them.
func TestPackages(t *testing.T) {
	t.Parallel()
	sources, err := files(root, ".go")
	if err != nil {
		t.Fatal(err)
	}
	synopses, mains := map[string]string{}, map[string]bool{}
	for _, file := range sources {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		directory := path.Dir(file)
		mains[directory] = mains[directory] || parsed.Name.Name == "main"
		synopses[directory] += synopsis(parsed)
	}
	for directory, text := range synopses {
		if text == "" {
			t.Errorf("%s: no file has a package comment", directory)
			continue
		}
		first, _, _ := strings.Cut(directory, "/")
		hidden := strings.Contains("/"+directory+"/", "/internal/")
		name := path.Base(directory)
		if directory == "." {
			name = "cognitoflow"
		}
		kind := "Package "
		if mains[directory] {
			kind = "Command "
		}
		if !hidden && !strings.HasPrefix(text, kind+name+" ") {
			t.Errorf("%s: the package comment begins with %q, want %q", directory, text, kind+name)
		}
		if !hidden && !mains[directory] && (first == "examples" || first == "interop" || first == "live") {
			t.Errorf("%s is no program: move it below internal", directory)
		}
	}
}

func synopsis(file *ast.File) string {
	var p doc.Package
	return p.Synopsis(file.Doc.Text())
}
