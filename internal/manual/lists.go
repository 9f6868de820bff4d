package manual

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// replaced is a word or phrase that the glossary does not want.
type replaced struct {
	search *regexp.Regexp
	term   string // write this one
}

// glossary has the terms to replace. Few sentences have one, so that one search for
// any of them comes first.
type glossary struct {
	any   *regexp.Regexp
	terms []replaced
}

// newGlossary takes the words not to write, and the term to write for each.
func newGlossary(terms map[string]string) (glossary, error) {
	var g glossary
	for words, term := range terms {
		search, err := regexp.Compile(inAnyForm(words))
		if err != nil {
			return g, err
		}
		g.terms = append(g.terms, replaced{search, term})
	}
	slices.SortFunc(g.terms, func(a, b replaced) int { return strings.Compare(a.search.String(), b.search.String()) })
	var err error
	g.any, err = regexp.Compile(inAnyForm(slices.Sorted(maps.Keys(terms))...))
	return g, err
}

// inAnyForm finds phrases in singular and plural, and with hyphens for spaces.
func inAnyForm(phrases ...string) string {
	var all []string
	for _, p := range phrases {
		all = append(all, strings.ReplaceAll(regexp.QuoteMeta(p), " ", `[ -]`))
	}
	return `(?i)\b(` + strings.Join(all, "|") + `)s?\b`
}

// readGlossary reads the tables of docs/glossary.md. The first column has the
// term, and the last one the words not to write, in code spans.
func readGlossary(file string) (glossary, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return glossary{}, err
	}
	terms := map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			continue
		}
		for _, phrase := range codeSpan.FindAllString(cells[2], -1) {
			terms[strings.Trim(phrase, "`")] = strings.TrimSpace(cells[0])
		}
	}
	if len(terms) == 0 {
		return glossary{}, fmt.Errorf("%s has no table of three columns", file)
	}
	return newGlossary(terms)
}

// in returns the terms to look for in a sentence.
func (g glossary) in(prose string) []replaced {
	if !g.any.MatchString(prose) {
		return nil
	}
	return g.terms
}

// proof is a sentence with "never" and the test that proves it.
type proof struct{ file, test, phrase string }

type proven []proof

func (all proven) has(file, sentence string) bool {
	for _, p := range all {
		if p.file == file && strings.Contains(sentence, p.phrase) {
			return true
		}
	}
	return false
}

// readProven reads lines such as "seal/seal.go TestSeal: never prints".
func readProven(file string) (all proven, err error) {
	lines, err := linesOf(file)
	for _, line := range lines {
		head, phrase, ok := strings.Cut(line, ": ")
		at, test, alsoOK := strings.Cut(head, " ")
		if !ok || !alsoOK {
			return nil, fmt.Errorf("%s: want a file, a test, a colon and a phrase: %q", file, line)
		}
		all = append(all, proof{at, test, phrase})
	}
	return all, err
}

// readReasons reads lines such as "store/storetest.TestStore: an example cannot fail a test".
func readReasons(file string) (map[string]string, error) {
	lines, err := linesOf(file)
	reasons := map[string]string{}
	for _, line := range lines {
		name, reason, ok := strings.Cut(line, ": ")
		if !ok || reason == "" {
			return nil, fmt.Errorf("%s: want a name, a colon and a reason: %q", file, line)
		}
		reasons[name] = reason
	}
	return reasons, err
}

// linesOf returns the lines of a list, without empty lines and comments.
func linesOf(file string) (all []string, err error) {
	text, err := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all, err
}
