package manual

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// longest is the number of words that a sentence may have.
const longest = 25

// finding is a sentence that breaks a rule.
type finding struct {
	file     string
	line     int
	rule     string
	sentence string
	advice   string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s\n\t%s", f.file, f.line, f.rule, f.sentence, f.advice)
}

// pattern is a rule that a regular expression can hold.
type pattern struct {
	rule   string
	search *regexp.Regexp
	advice string
	but    *regexp.Regexp // what search finds by mistake
}

const verbs = `(is|are|was|were|has|have|had|does|do|did|can|may|must|will|would|needs?|means?|makes?|holds?|keeps?|takes?|gives?|says?|lets?|works?)`

var patterns = []pattern{
	{rule: "semicolon", search: regexp.MustCompile(`;`),
		advice: "end the sentence at the semicolon"},
	{rule: "relative clause", search: regexp.MustCompile(`, (?:of|for|to|in|with|by|from|on|at|about|than|through|under|after|before) wh(ich|om|ose)\b`),
		advice: "write two sentences, and name the thing in the second one"},
	{rule: "relative clause", search: regexp.MustCompile(`, which (is why|is how|is what|means)\b`),
		advice: "write two sentences: the word which has no noun in front"},
	{rule: "relative clause", search: regexp.MustCompile(`\b\w+(ly|ed|ing), which\b`),
		advice: "write two sentences: the word which has no noun in front"},
	{rule: "noun clause", search: regexp.MustCompile(`^\W*(What|Who|Whoever|Whatever|Whichever|Whose)\b`), but: regexp.MustCompile(`\?\W*$`),
		advice: "begin with the noun: name the person or the thing"},
	{rule: "noun clause", search: regexp.MustCompile(`(?i)\b(whoever|whatever|whichever|who (comes|came)|what (is|are|was|were))\b`), but: regexp.MustCompile(`\?\W*$`),
		advice: "name the person or the thing"},
	{rule: "pronoun", search: regexp.MustCompile(`^\W*(It|They|Its|Their|Them)\b`),
		advice: "name the thing again: the sentence has no noun for the pronoun"},
	{rule: "pronoun", search: regexp.MustCompile(`^\W*(This|That|These|Those|Both|Neither|One|Some|Such) ` + verbs + `\b`),
		advice: "put the noun after the pronoun, or name the thing"},
	{rule: "inverted", search: regexp.MustCompile(`^\W*(So|Neither|Nor) (is|are|was|were|does|do|did|can|has|have|may|must|will)\b`),
		advice: "put the subject first and the verb second"},
	{rule: "nor", search: regexp.MustCompile(`^\W*Nor\b`),
		advice: "write: and ... does not"},
	{rule: "of its own", search: regexp.MustCompile(`(?i)\bof (its|their|his|her|your|my|our|one's) own\b`),
		advice: "write separate or own before the noun, or say whose it is"},
	{rule: "is to", search: regexp.MustCompile(`(?i)\b(is|are|was|were) (not )?to [a-z]+`),
		but:    regexp.MustCompile(`(?i)\b(is|are|was|were) (not )?to (the|a|an|this|that|each|all|any|one|its|their)\b`),
		advice: "write must, may or does"},
	{rule: "shall", search: regexp.MustCompile(`(?i)\bshall\b`),
		advice: "write must, may or does"},
	{rule: "of use", search: regexp.MustCompile(`(?i)\bof (no |any |some |much |little )?use\b`),
		advice: "write useful, or say what the reader can do"},
	{rule: "takes the place of", search: regexp.MustCompile(`(?i)\b(take|takes|took|taking|taken) the places? of\b`),
		advice: "write replaces"},
	{rule: "like", search: regexp.MustCompile(`(?i)\b(the like of|and the like|(its|their|his) like)\b`),
		advice: "name the things"},
}

// checker has what the rules read from files.
type checker struct {
	glossary glossary
	proven   proven
}

// check returns the findings in the passages of a file.
func (c checker) check(file string, passages []passage) (found []finding) {
	for _, p := range passages {
		for _, s := range p.sentences() {
			report := func(rule, advice string) {
				f := finding{file, s[0].line, rule, s.text(), advice}
				if !slices.Contains(found, f) {
					found = append(found, f)
				}
			}
			prose := s.prose()
			if n := s.length(); n > longest {
				report("long", fmt.Sprintf("%d words, and %d are the limit: write one sentence for each idea", n, longest))
			}
			last := "" // the patterns of one rule follow each other
			for _, p := range patterns {
				if p.rule != last && p.search.MatchString(prose) && (p.but == nil || !p.but.MatchString(prose)) {
					report(p.rule, p.advice)
					last = p.rule
				}
			}
			for _, t := range c.glossary.in(prose) {
				if used := t.search.FindString(prose); used != "" {
					report("term", fmt.Sprintf("%q: write %q", strings.TrimSpace(used), t.term))
				}
			}
			if (p.kind == page || p.kind == docs) && never.MatchString(prose) && !c.proven.has(file, s.text()) {
				report("never", "write does not, or name the test that proves the sentence in testdata/never.txt")
			}
		}
	}
	return found
}

var never = regexp.MustCompile(`(?i)\bnever\b`)
