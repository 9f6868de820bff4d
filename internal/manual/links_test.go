package manual

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// anchor is the name that GitHub gives a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == codeSpace:
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// anchors returns the names of all headings. GitHub counts headings of the same
// name.
func (d document) anchors() map[string]bool {
	all := map[string]bool{}
	for _, h := range d.headings {
		name := anchor(h)
		for n := 1; all[name]; n++ {
			name = fmt.Sprintf("%s-%d", anchor(h), n)
		}
		all[name] = true
	}
	return all
}

// badURL says why a URL of another site is refused, or returns "". Nobody asks
// the network.
func badURL(target string) string {
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme == "https" && strings.Contains(u.Hostname(), ".") && u.User == nil:
		return ""
	case u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"):
		return ""
	}
	return "want https and the full name of a host"
}

// badLink says why a link in a Markdown file is refused, or returns "".
func badLink(from, target string, pages map[string]document) string {
	if strings.Contains(target, ":") {
		return badURL(target)
	}
	file, fragment, hasFragment := strings.Cut(target, "#")
	to := from
	if file != "" {
		if strings.HasPrefix(file, "/") {
			return "want a relative link"
		}
		to = path.Join(path.Dir(from), file)
		if strings.HasPrefix(to, "..") {
			return "the link leaves the repository"
		}
		if _, err := os.Stat(filepath.Join(root, to)); err != nil {
			return "the file does not exist"
		}
	}
	if page, ok := pages[to]; hasFragment && (!ok || !page.anchors()[fragment]) {
		return "no heading has this anchor"
	}
	return ""
}

// Links and anchors of all Markdown files lead somewhere.
func TestLinks(t *testing.T) {
	pages := readPages(t)
	for name, page := range pages {
		for _, l := range page.links {
			if why := badLink(name, l.target, pages); why != "" {
				t.Errorf("%s:%d: link %s: %s", name, l.line, l.target, why)
			}
		}
	}
}

func readPages(t *testing.T) map[string]document {
	t.Helper()
	names, err := files(root, ".md")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d Markdown files, %v", len(names), err)
	}
	all := map[string]document{}
	for _, name := range names {
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = parseMarkdown(source)
	}
	return all
}

func TestBadLinks(t *testing.T) {
	pages := map[string]document{
		"README.md":    {headings: []string{"A heading, with `code`", "Again", "Again"}},
		"docs/live.md": {headings: []string{"Cost"}},
	}
	for target, good := range map[string]bool{
		"docs/live.md": true, "docs/live.md#cost": true, "#a-heading-with-code": true, "#again": true, "#again-1": true, "docs": true,
		"docs/none.md": false, "docs/live.md#none": false, "#again-2": false, "/docs/live.md": false, "../x": false, "docs#x": false,
		"https://aws.amazon.com/x": true, "http://localhost:80": true,
		"http://aws.amazon.com": false, "file:///x": false, "https://aws": false, "https://user@aws.amazon.com": false, "mailto:x@y": false,
	} {
		if why := badLink("README.md", target, pages); (why == "") != good {
			t.Errorf("%s: %q", target, why)
		}
	}
}

// goPackage is what a doc link may name.
type goPackage struct {
	dir     string
	symbols map[string]bool
}

// symbolsIn returns the exported names of the Go files of a folder: types,
// functions, variables, constants, and as "T.Name" methods and fields.
func symbolsIn(dir string) (map[string]bool, error) {
	all := map[string]bool{}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			addSymbols(all, d)
		}
	}
	return all, nil
}

func addSymbols(all map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			receiver := d.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if generic, ok := receiver.(*ast.IndexExpr); ok {
				receiver = generic.X
			}
			if t, ok := receiver.(*ast.Ident); ok {
				name = t.Name + "." + name
			}
		}
		all[name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				for _, name := range s.Names {
					all[name.Name] = true
				}
			case *ast.TypeSpec:
				all[s.Name.Name] = true
				var fields *ast.FieldList
				switch t := s.Type.(type) {
				case *ast.StructType:
					fields = t.Fields
				case *ast.InterfaceType:
					fields = t.Methods
				default:
					continue
				}
				for _, f := range fields.List {
					for _, name := range f.Names {
						all[s.Name.Name+"."+name.Name] = true
					}
				}
			}
		}
	}
}

// docLink is a link such as [flow.Driver] in a comment that go doc shows.
type docLink struct{ file, path, name string }

// Doc links of Go comments name identifiers that exist, and URLs have the form.
func TestDocLinks(t *testing.T) {
	t.Parallel()
	sources, err := files(root, ".go")
	if err != nil {
		t.Fatal(err)
	}
	dirs := map[string][]string{}
	for _, file := range sources {
		if !strings.HasSuffix(file, "_test.go") {
			dirs[path.Dir(file)] = append(dirs[path.Dir(file)], file)
		}
	}
	var links []docLink
	for dir, names := range dirs {
		found, err := docLinksOf(path.Join(module, dir), names)
		if err != nil {
			t.Error(err)
		}
		links = append(links, found...)
	}
	if len(links) < 100 {
		t.Fatalf("only %d links were found", len(links))
	}

	packages := map[string]*goPackage{}
	var others []string
	for _, l := range links {
		dir, ours := strings.CutPrefix(l.path, module)
		dir = strings.TrimPrefix(dir, "/")
		switch {
		case strings.HasPrefix(l.path, "?") || packages[l.path] != nil:
		case ours && dirs[cmp.Or(dir, ".")] != nil:
			packages[l.path] = &goPackage{dir: filepath.Join(root, dir)}
		default:
			packages[l.path] = &goPackage{}
			others = append(others, l.path)
		}
	}
	locate(t, others, packages)
	for name, p := range packages {
		if p.dir == "" {
			continue
		}
		if p.symbols, err = symbolsIn(p.dir); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for _, l := range links {
		switch p := packages[l.path]; {
		case p == nil || p.dir == "":
			t.Errorf("%s: [%s.%s]: no file of the package imports %s", l.file, strings.TrimPrefix(l.path, "?"), l.name, strings.TrimPrefix(l.path, "?"))
		case l.name != "" && !p.symbols[l.name]:
			t.Errorf("%s: [%s]: %s has no such name", l.file, l.name, l.path)
		}
	}
}

// locate asks the go command for the folders of packages of other modules.
func locate(t *testing.T, paths []string, packages map[string]*goPackage) {
	t.Helper()
	if len(paths) == 0 {
		return
	}
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json=ImportPath,Dir"}, paths...)...)
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Dir string }
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if packages[p.ImportPath] != nil {
			packages[p.ImportPath].dir = p.Dir
		}
	}
}

// docLinksOf returns the links in the comments of a package. The path of a link
// to a package that no file imports begins with a question mark.
func docLinksOf(importPath string, names []string) (links []docLink, err error) {
	imports := map[string]string{}
	commentsOf := map[string][]string{}
	var own string
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		own = file.Name.Name
		for _, i := range file.Imports {
			p := strings.Trim(i.Path.Value, `"`)
			base := path.Base(p)
			if len(base) > 1 && base[0] == 'v' && unicode.IsDigit(rune(base[1])) {
				base = path.Base(path.Dir(p))
			}
			imports[strings.TrimPrefix(base, "go-")] = p
			if i.Name != nil {
				imports[i.Name.Name] = p
			}
		}
		shown := map[*ast.CommentGroup]bool{}
		markShown(file, shown)
		for group := range shown {
			if group != nil && shown[group] {
				commentsOf[name] = append(commentsOf[name], group.Text())
			}
		}
	}
	p := comment.Parser{
		LookupPackage: func(name string) (string, bool) {
			if name == own {
				return "", true
			}
			if p, ok := imports[name]; ok {
				return p, true
			}
			if p, ok := comment.DefaultLookupPackage(name); ok {
				return p, true
			}
			return "?" + name, true
		},
		LookupSym: func(string, string) bool { return true },
	}
	for file, texts := range commentsOf {
		for _, text := range texts {
			parsed := p.Parse(text)
			for _, l := range parsed.Links {
				if why := badURL(l.URL); why != "" {
					return nil, fmt.Errorf("%s: %s: %s", file, l.URL, why)
				}
			}
			eachText(parsed.Content, func(c comment.Text) {
				switch c := c.(type) {
				case *comment.DocLink:
					name := c.Name
					if c.Recv != "" {
						name = c.Recv + "." + name
					}
					links = append(links, docLink{file, cmp.Or(c.ImportPath, importPath), name})
				case *comment.Link:
					if why := badURL(c.URL); why != "" {
						err = fmt.Errorf("%s: %s: %s", file, c.URL, why)
					}
				}
			})
		}
	}
	return links, err
}

func eachText(content []comment.Block, visit func(comment.Text)) {
	for _, b := range content {
		switch b := b.(type) {
		case *comment.Paragraph:
			for _, c := range b.Text {
				visit(c)
			}
		case *comment.Heading:
			for _, c := range b.Text {
				visit(c)
			}
		case *comment.List:
			for _, item := range b.Items {
				eachText(item.Content, visit)
			}
		}
	}
}
