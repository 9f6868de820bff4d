package manual

import (
	"go/ast"
	"go/doc/comment"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// passagesOf returns the prose of a Go file: comments and texts of errors. A
// test file shows no comment to users, and its errors are no interface.
func passagesOf(file *ast.File, positions *token.FileSet, test bool) (all []passage) {
	if ast.IsGenerated(file) {
		return nil
	}
	shown := map[*ast.CommentGroup]bool{}
	if !test {
		markShown(file, shown)
	}
	for _, group := range file.Comments {
		k := comments
		if shown[group] {
			k = docs
		}
		all = append(all, passagesOfComment(group, positions, k)...)
	}
	if test {
		return all
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && makesError(call.Fun) && len(call.Args) > 0 {
			if text, ok := literal(call.Args[0]); ok {
				text = strings.ReplaceAll(text, "\n", " ")
				all = append(all, passage{errorText, wordsOf(text, positions.Position(call.Pos()).Line)})
			}
		}
		return true
	})
	return all
}

// markShown marks the comments that go doc shows.
func markShown(file *ast.File, shown map[*ast.CommentGroup]bool) {
	shown[file.Doc] = true
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			shown[d.Doc] = d.Name.IsExported()
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() {
						shown[d.Doc], shown[spec.Doc], shown[spec.Comment] = true, true, true
						markFields(spec.Type, shown)
					}
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						if name.IsExported() {
							shown[d.Doc], shown[spec.Doc], shown[spec.Comment] = true, true, true
						}
					}
				}
			}
		}
	}
}

func markFields(t ast.Expr, shown map[*ast.CommentGroup]bool) {
	ast.Inspect(t, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok {
			exported := len(f.Names) == 0
			for _, name := range f.Names {
				exported = exported || name.IsExported()
			}
			if exported {
				shown[f.Doc], shown[f.Comment] = true, true
			}
		}
		return true
	})
}

// directive is a comment for a tool, or the output of an example.
var directive = regexp.MustCompile(`^//(go:|nolint|lint:|export |line )`)
var output = regexp.MustCompile(`(?i)^\s*(unordered )?output:`)

// passagesOfComment returns the paragraphs, list items and headings of a comment.
// Blocks of code are not prose.
func passagesOfComment(group *ast.CommentGroup, positions *token.FileSet, k kind) (all []passage) {
	var lines []string
	var words []word
	for _, c := range group.List {
		line := positions.Position(c.Pos()).Line
		if directive.MatchString(c.Text) {
			continue
		}
		text := strings.TrimPrefix(c.Text, "//")
		if strings.HasPrefix(c.Text, "/*") {
			text = strings.TrimSuffix(c.Text[2:], "*/")
		}
		for i, l := range strings.Split(text, "\n") {
			l = strings.TrimPrefix(l, " ")
			lines = append(lines, l)
			words = append(words, wordsOf(l, line+i)...)
		}
	}
	text := strings.Join(lines, "\n")
	if output.MatchString(text) {
		return nil
	}
	// The parser joins the lines of a paragraph, so the lines of its words are
	// looked up in the comment. Comment and paragraph have the words in the same order.
	at := 0
	locate := func(text string) (located []word) {
		for _, w := range strings.Fields(text) {
			for i := at; i < len(words); i++ {
				if bare(words[i].text) == bare(w) {
					at = i
					break
				}
			}
			located = append(located, word{w, words[min(at, len(words)-1)].line})
			at++
		}
		return located
	}
	add := func(content []comment.Text) { all = append(all, passage{k, locate(plain(content))}) }
	var p comment.Parser
	for _, b := range p.Parse(text).Content {
		switch b := b.(type) {
		case *comment.Heading:
			add(b.Text)
		case *comment.Paragraph:
			add(b.Text)
		case *comment.List:
			for _, item := range b.Items {
				for _, b := range item.Content {
					if paragraph, ok := b.(*comment.Paragraph); ok {
						add(paragraph.Text)
					}
				}
			}
		case *comment.Code:
			locate(b.Text)
		}
	}
	return all
}

// bare is a word without the marks that the parser of comments takes away or
// replaces.
func bare(word string) string { return marks.Replace(word) }

var marks = strings.NewReplacer("[", "", "]", "", "``", "", "''", "", "“", "", "”", "")

func plain(content []comment.Text) string {
	var b strings.Builder
	for _, t := range content {
		switch t := t.(type) {
		case comment.Plain:
			b.WriteString(string(t))
		case comment.Italic:
			b.WriteString(string(t))
		case *comment.Link:
			b.WriteString(plain(t.Text))
		case *comment.DocLink:
			b.WriteString(plain(t.Text))
		}
	}
	return b.String()
}

// makesError reports whether a function makes an error of the text that is its
// first argument.
func makesError(f ast.Expr) bool {
	selected, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := selected.X.(*ast.Ident)
	return ok && (from.Name == "errors" && selected.Sel.Name == "New" || from.Name == "fmt" && selected.Sel.Name == "Errorf")
}

// literal returns the text of a string, or of strings that are added.
func literal(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		return text, err == nil && x.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := literal(x.X)
		right, alsoOK := literal(x.Y)
		return left + right, x.Op == token.ADD && ok && alsoOK
	}
	return "", false
}
