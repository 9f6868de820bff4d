package manual

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

var show = flag.String("show", "none", "log the findings of pending files whose names begin with this text")

// The documentation keeps the rules of CONTRIBUTING.md. A file in
// testdata/pending.txt has findings that nobody has mended yet. No file may be
// added to that list, and a file without findings leaves the list.
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
	pending := linesOf("testdata/pending.txt", &err)
	if err != nil {
		t.Fatal(err)
	}

	findings, tests, text := map[string][]finding{}, map[string]bool{}, map[string]string{}
	pages, err := files(root, ".md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range pages {
		source, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		passages := parseMarkdown(source).passages
		findings[file], text[file] = c.check(file, passages), allText(passages)
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
		passages := passagesOf(parsed, positions, test)
		findings[file], text[file] = c.check(file, passages), allText(passages)
	}

	for file, found := range findings {
		isPending := slices.Contains(pending, file)
		for _, f := range found {
			if !isPending {
				t.Error(f)
			} else if strings.HasPrefix(file, *show) {
				t.Log(f)
			}
		}
		if isPending && len(found) == 0 {
			t.Errorf("%s has no findings any more: remove it from testdata/pending.txt", file)
		}
	}
	for _, file := range pending {
		if _, ok := findings[file]; !ok {
			t.Errorf("%s is in testdata/pending.txt and does not exist", file)
		}
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
