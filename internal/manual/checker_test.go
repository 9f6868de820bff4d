package manual

import (
	"fmt"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
)

// rulesIn returns "line rule" for each finding.
func rulesIn(t *testing.T, passages []passage) (all []string) {
	t.Helper()
	terms, err := newGlossary(map[string]string{"log in": "sign in"})
	if err != nil {
		t.Fatal(err)
	}
	c := checker{
		glossary: terms,
		proven:   proven{{"file", "TestProven", "never prints"}},
	}
	for _, f := range c.check("file", passages) {
		all = append(all, fmt.Sprintf("%d %s", f.line, f.rule))
	}
	return all
}

// Each rule finds what it is for, and passes the sentence that mends it.
func TestRules(t *testing.T) {
	for text, rule := range map[string]string{
		strings.Repeat("word ", 26) + ".":                              "long",
		strings.Repeat("word ", 25) + "(`a b`) -":                      "long", // a code span is a word, a dash is none
		strings.Repeat("word ", 25) + ". Next sentence.":               "",
		strings.Repeat("word ", 20) + "e.g. such and " + "so on here.": "long",
		"The service refuses it; the driver goes on.":                  "semicolon",
		"Write `a; b` in the file.":                                    "",
		"The source has errors, of which callers see none.":            "relative clause",
		"The driver restarts, which means two requests.":               "relative clause",
		"The driver restarted, which costs a request.":                 "relative clause",
		"The driver has a clock, which follows the service.":           "",
		"What is here stays.":                                          "noun clause",
		"Whoever changes the file runs the test.":                      "noun clause",
		"The service refuses the one who comes second.":                "noun clause",
		"The text says what is wrong.":                                 "noun clause",
		"What is wrong?":                                               "",
		"It returns an error.":                                         "pronoun",
		"That is an error.":                                            "pronoun",
		"That error is returned.":                                      "",
		"So does the store.":                                           "inverted",
		"Nor the store.":                                               "nor",
		"The module has a cookie of its own.":                          "of its own",
		"The code is to be sent.":                                      "is to",
		"Access is to the pool.":                                       "",
		"The caller shall wait.":                                       "shall",
		"The prompt is of no use.":                                     "of use",
		"A device takes the place of a code.":                          "takes the place of",
		"JSON and its like.":                                           "like",
		"Users log in here.":                                           "term",
		"Write `log in` here.":                                         "",
		"The type never fails.":                                        "never",
		"The type never prints the text.":                              "",
	} {
		var want []string
		if rule != "" {
			want = []string{"1 " + rule}
		}
		if found := rulesIn(t, parseMarkdown([]byte(text)).passages); !reflect.DeepEqual(found, want) {
			t.Errorf("%q: %q, want %q", text, found, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	d := parseMarkdown([]byte("# It is\n\nText and [a\nlink; here](a.md#b).\n\n- It is\n  an item\n\n| It is | b |\n| --- | --- |\n| c | `x`; |\n\n<!-- frame: a -->\n\n```go\nIt is; code\n```\n"))
	if found, want := rulesIn(t, d.passages), []string{"1 pronoun", "3 semicolon", "6 pronoun", "9 pronoun", "11 semicolon"}; !reflect.DeepEqual(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
	if want := []link{{4, "a.md#b"}}; !reflect.DeepEqual(d.links, want) {
		t.Errorf("links %v, want %v", d.links, want)
	}
	if want := []block{{16, "go", "frame: a", "It is; code\n"}}; !reflect.DeepEqual(d.blocks, want) {
		t.Errorf("blocks %v, want %v", d.blocks, want)
	}
}

func TestSource(t *testing.T) {
	source := `// Package x never fails.
package x

import "errors"

// F never fails.
func F() {
	// It is a comment that never fails.
	_ = errors.New("a; b" +
		"c")
}

//go:generate a; b

// f is a list:
//   - of this; and
//   - of that
//
// and of code:
//
//	a; b
func f() {}
`
	for _, test := range []struct {
		test bool
		want []string
	}{
		{false, []string{"1 never", "6 never", "8 pronoun", "16 semicolon", "9 semicolon"}},
		{true, []string{"8 pronoun", "16 semicolon"}},
	} {
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, "x.go", source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if found := rulesIn(t, passagesOf(file, positions, test.test)); !reflect.DeepEqual(found, test.want) {
			t.Errorf("a test file: %t: %q, want %q", test.test, found, test.want)
		}
	}
}
