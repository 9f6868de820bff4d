package flow_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// messageMethods are the methods that return the text of an error.
var messageMethods = []string{"ErrorMessage", "Error", "Message", "cause", "clean"}

// searches are the functions of package strings, and the methods of regular expressions, that
// can decide by a text. Functions that cut or replace decide nothing.
var searches = map[string][]string{
	"strings": {
		"Compare", "Contains", "ContainsAny", "ContainsFunc", "ContainsRune", "Count", "Cut", "CutPrefix", "CutSuffix", "EqualFold",
		"HasPrefix", "HasSuffix", "Index", "IndexAny", "IndexByte", "IndexFunc", "IndexRune", "LastIndex", "LastIndexAny",
	},
	"": {"Match", "MatchString", "FindString", "FindStringIndex", "FindStringSubmatch", "FindAllString", "FindAllStringSubmatch"},
}

// wordings returns the places where a file compares or searches the text of an error. wordings
// follows the text through the variables of a function.
func wordings(file *ast.File, positions *token.FileSet) []string {
	var found []string
	for _, declared := range file.Decls {
		if f, ok := declared.(*ast.FuncDecl); ok && f.Body != nil {
			found = append(found, texts{}.search(f.Body, positions)...)
		}
	}
	return found
}

// texts are the variables of a function that hold the text of an error.
type texts map[string]bool

func (v texts) search(body *ast.BlockStmt, positions *token.FileSet) (found []string) {
	for before := -1; before != len(v); {
		before = len(v)
		ast.Inspect(body, v.follow)
	}
	report := func(n ast.Node) { found = append(found, positions.Position(n.Pos()).String()) }
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if isSearch(n.Fun) && slices.ContainsFunc(n.Args, v.isText) {
				report(n)
			}
		case *ast.BinaryExpr:
			// A comparison with "" or nil does not depend on the words.
			if slices.Contains([]token.Token{token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ}, n.Op) &&
				(v.isText(n.X) && !isEmpty(n.Y) || v.isText(n.Y) && !isEmpty(n.X)) {
				report(n)
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && v.isText(n.Tag) {
				report(n)
			}
		case *ast.IndexExpr: // a map of messages
			if v.isText(n.Index) {
				report(n)
			}
		}
		return true
	})
	return found
}

// follow notes the variables that get a text.
func (v texts) follow(n ast.Node) bool {
	assign := func(to []ast.Expr, from []ast.Expr) {
		for i, x := range to {
			if name, ok := x.(*ast.Ident); ok && name.Name != "_" && len(from) > 0 && v.isText(from[min(i, len(from)-1)]) {
				v[name.Name] = true
			}
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		assign(n.Lhs, n.Rhs)
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				assign([]ast.Expr{name}, n.Values[i:i+1])
			}
		}
	case *ast.RangeStmt:
		if n.Value != nil {
			assign([]ast.Expr{n.Value}, []ast.Expr{n.X})
		}
	}
	return true
}

// isText reports whether an expression is made of the text of an error.
func (v texts) isText(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return v[x.Name]
	case *ast.ParenExpr:
		return v.isText(x.X)
	case *ast.StarExpr:
		return v.isText(x.X)
	case *ast.SliceExpr:
		return v.isText(x.X)
	case *ast.IndexExpr:
		return v.isText(x.X)
	case *ast.BinaryExpr:
		return x.Op == token.ADD && (v.isText(x.X) || v.isText(x.Y))
	case *ast.SelectorExpr: // the field of the SDK's errors
		return x.Sel.Name == "Message"
	case *ast.CallExpr:
		selected, ok := x.Fun.(*ast.SelectorExpr)
		if ok && slices.Contains(messageMethods, selected.Sel.Name) {
			return true
		}
		if name, plain := x.Fun.(*ast.Ident); plain && slices.Contains([]string{"len", "append", "make"}, name.Name) {
			return false
		}
		if ok && isSearch(selected) {
			return false // the search itself is reported
		}
		return slices.ContainsFunc(x.Args, v.isText) // strings.ToLower, fmt.Sprint, a function of the package
	}
	return false
}

func isSearch(f ast.Expr) bool {
	selected, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if from, plain := selected.X.(*ast.Ident); plain && (from.Name == "strings" || from.Name == "bytes") {
		return slices.Contains(searches["strings"], selected.Sel.Name)
	}
	return slices.Contains(searches[""], selected.Sel.Name)
}

func isEmpty(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return x.Value == `""`
	case *ast.Ident:
		return x.Name == "nil"
	}
	return false
}

// The code does not decide by the words of a message, except for hints. Redaction searches
// messages for secrets.
func TestNobodyReadsTheWording(t *testing.T) {
	exempt := []string{"hints.go", "redact.go"}
	for _, dir := range []string{".", "../account", "../challenge", "../device", "../seal", "../secrethash", "../store", "../websession"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no Go files in %s: %v", dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || dir == "." && slices.Contains(exempt, file) {
				continue
			}
			positions := token.NewFileSet()
			parsed, err := parser.ParseFile(positions, file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range wordings(parsed, positions) {
				t.Errorf("%s: the text of an error is compared or searched", at)
			}
		}
	}
}

// The check finds comparisons and searches in their usual forms, also in a real file.
func TestReadersOfTheWordingAreFound(t *testing.T) {
	hints, err := os.ReadFile("hints.go")
	if err != nil {
		t.Fatal(err)
	}
	errorsFile, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	in := func(statements string) string {
		return "package flow\nfunc f(err error, e *Error, api smithy.APIError) bool {\n" + statements + "\nreturn false\n}\n"
	}
	for name, test := range map[string]struct {
		source string
		found  bool
	}{
		"the hints themselves": {string(hints), true},
		"a search in errors.go": {strings.Replace(string(errorsFile), "func (e *engine) codeOf(f *fault) Code {",
			"func (e *engine) codeOf(f *fault) Code {\nif strings.Contains(f.err.Error(), \"disabled\") { return Other }\n", 1), true},
		"Contains":                  {in(`return strings.Contains(err.Error(), "expired")`), true},
		"HasPrefix":                 {in(`return strings.HasPrefix(api.ErrorMessage(), "Invalid session")`), true},
		"EqualFold":                 {in(`return strings.EqualFold("user is disabled.", e.Message())`), true},
		"Index":                     {in(`return strings.Index(err.Error(), "used") >= 0`), true},
		"CutPrefix":                 {in(`_, ok := strings.CutPrefix(err.Error(), "User")`), true},
		"==":                        {in(`return err.Error() == "User is disabled."`), true},
		"!=, the other way":         {in(`return "User is disabled." != api.ErrorMessage()`), true},
		"a switch":                  {in(`switch api.ErrorMessage() { case "User is disabled.": return true }`), true},
		"a regular expression":      {in(`return pattern.MatchString(err.Error())`), true},
		"regexp.MatchString":        {in(`ok, _ := regexp.MatchString("expired$", err.Error())`), true},
		"a map":                     {in(`return known[err.Error()]`), true},
		"lower case first":          {in(`return strings.Contains(strings.ToLower(err.Error()), "expired")`), true},
		"a variable":                {in(`text := err.Error(); return strings.Contains(text, "expired")`), true},
		"a variable of a variable":  {in(`text := err.Error(); var low = strings.ToLower(text); return low == "expired"`), true},
		"a field of the SDK":        {in(`var gone *types.NotAuthorizedException; return errors.As(err, &gone) && *gone.Message == "x"`), true},
		"a field, by the SDK":       {in(`return strings.Contains(aws.ToString(gone.Message), "x")`), true},
		"words":                     {in(`for _, word := range strings.Fields(err.Error()) { if word == "expired" { return true } }`), true},
		"printed":                   {in(`return strings.Contains(fmt.Sprint(err.Error()), "expired")`), true},
		"in an inner function":      {in(`return func() bool { return err.Error() == "x" }()`), true},
		"the code":                  {in(`return api.ErrorCode() == "NotAuthorizedException"`), false},
		"whether there is a text":   {in(`return e.Message() != ""`), false},
		"another text":              {in(`text := "user"; return strings.Contains(text, "u")`), false},
		"its length":                {in(`return len(err.Error()) > 600`), false},
		"a prefix that is cut off":  {in(`return use(strings.TrimPrefix(err.Error(), "challenge: "))`), false},
		"the text that is returned": {in(`return fmt.Sprintf("%s: %q", e.ServiceCode(), e.Message())`), false},
	} {
		positions := token.NewFileSet()
		parsed, err := parser.ParseFile(positions, fmt.Sprintf("%q", name), test.source, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if found := wordings(parsed, positions); (len(found) > 0) != test.found {
			t.Errorf("%s: found %q", name, found)
		}
	}
}
