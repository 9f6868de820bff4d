package manual

import (
	"regexp"
	"strings"
	"unicode"
)

// kind tells where a passage stands, because some rules hold for some places only.
type kind int

const (
	page      kind = iota // a Markdown file
	docs                  // a comment that go doc shows
	comments              // any other comment
	errorText             // the text of an error
)

// passage is a piece of prose: a paragraph, a list item, a heading, a cell of a
// table, the text of an error.
type passage struct {
	kind  kind
	words []word
}

// word is text between two spaces. A code span of Markdown is one word, with
// all of its content.
type word struct {
	text string
	line int
}

// codeSpace stands for a space within a code span.
const codeSpace = '\ue000'

// wordsOf splits text that begins at a line of a file.
func wordsOf(text string, line int) (words []word) {
	for i, t := range strings.Split(text, "\n") {
		for _, w := range strings.Fields(t) {
			words = append(words, word{w, line + i})
		}
	}
	return words
}

// abbreviations end with a period that ends no sentence.
var abbreviations = regexp.MustCompile(`(?i)^\W*(e\.g|i\.e|etc|cf|vs|approx|sec|fig|no|p|pp)\.$`)

// sentence is a part of a passage up to a period, a question mark or an
// exclamation mark.
type sentence []word

func (p passage) sentences() (all []sentence) {
	start := 0
	for i, w := range p.words {
		end := strings.TrimRight(w.text, `"')]}*_”’`)
		stops := end != "" && strings.ContainsAny(end[len(end)-1:], ".!?") && !strings.HasSuffix(end, "..") && !abbreviations.MatchString(end)
		if stops || i == len(p.words)-1 {
			all = append(all, p.words[start:i+1])
			start = i + 1
		}
	}
	return all
}

// text returns the sentence as it stands in the file, on one line.
func (s sentence) text() string {
	var b strings.Builder
	for i, w := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ReplaceAll(w.text, string(codeSpace), " "))
	}
	return b.String()
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// prose returns the sentence without the content of code spans.
func (s sentence) prose() string {
	var b strings.Builder
	for i, w := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(codeSpan.ReplaceAllString(w.text, "`code`"))
	}
	return b.String()
}

// length counts the words that have a letter or a digit.
func (s sentence) length() (n int) {
	for _, w := range s {
		if strings.ContainsFunc(w.text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}
