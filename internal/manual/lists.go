package manual

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// replaced is a word or phrase that the glossary does not want.
type replaced struct {
	search *regexp.Regexp
	term   string // write this one
}

type glossary []replaced

// readGlossary reads the tables of docs/glossary.md. The first column has the
// term, and the last one the words not to write, in code spans.
func readGlossary(file string) (all glossary, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			continue
		}
		for _, phrase := range codeSpan.FindAllString(cells[2], -1) {
			search, err := regexp.Compile(`(?i)\b` + strings.ReplaceAll(regexp.QuoteMeta(strings.Trim(phrase, "`")), " ", `[ -]`) + `s?\b`)
			if err != nil {
				return nil, err
			}
			all = append(all, replaced{search, strings.TrimSpace(cells[0])})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no table of three columns", file)
	}
	return all, nil
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
	for _, line := range linesOf(file, &err) {
		head, phrase, ok := strings.Cut(line, ": ")
		at, test, alsoOK := strings.Cut(head, " ")
		if !ok || !alsoOK {
			return nil, fmt.Errorf("%s: want a file, a test, a colon and a phrase: %q", file, line)
		}
		all = append(all, proof{at, test, phrase})
	}
	return all, err
}

// linesOf returns the lines of a list that are not empty and no comments.
func linesOf(file string, err *error) (all []string) {
	text, failed := os.ReadFile(file)
	if failed != nil {
		*err = failed
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all
}
