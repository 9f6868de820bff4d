package manual

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// The documentation keeps the rules of CONTRIBUTING.md.
func TestProse(t *testing.T) {
	t.Parallel()
	var c checker
	var err error
	if c.glossary, err = readGlossary(filepath.Join(root, "docs/glossary.md")); err != nil {
		t.Fatal(err)
	}
	if c.proven, err = readProven("testdata/never.txt"); err != nil {
		t.Fatal(err)
	}

	tests, text := map[string]bool{}, map[string]string{}
	checkFile := func(file string, passages []passage) {
		for _, f := range c.check(file, passages) {
			t.Error(f)
		}
		text[file] = allText(passages)
	}
	pages, err := files(root, ".md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range pages {
		source, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		checkFile(file, parseMarkdown(source).passages)
	}
	sources, err := files(root, ".go")
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) == 0 || len(sources) == 0 {
		t.Fatalf("%d Markdown files and %d Go files", len(pages), len(sources))
	}
	for _, file := range sources {
		positions := token.NewFileSet()
		parsed, err := parser.ParseFile(positions, filepath.Join(root, file), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		test := strings.HasSuffix(file, "_test.go")
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && test {
				tests[f.Name.Name] = true
			}
		}
		checkFile(file, passagesOf(parsed, positions, test))
	}

	for _, p := range c.proven {
		if !tests[p.test] {
			t.Errorf("testdata/never.txt: there is no test %s", p.test)
		}
		if !strings.Contains(text[p.file], p.phrase) || !never.MatchString(p.phrase) {
			t.Errorf("testdata/never.txt: %s does not say %q with the word never", p.file, p.phrase)
		}
	}
}

func allText(passages []passage) string {
	var b strings.Builder
	for _, p := range passages {
		b.WriteString(sentence(p.words).text())
		b.WriteByte('\n')
	}
	return b.String()
}
