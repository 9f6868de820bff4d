package manual

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// link is a link or a picture of a Markdown file.
type link struct {
	line   int
	target string
}

// block is a fenced block of code.
type block struct {
	line     int
	language string
	comment  string // the HTML comment directly before the block, without the marks
	code     string
}

// document is a Markdown file.
type document struct {
	passages []passage
	headings []string
	links    []link
	blocks   []block
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

func parseMarkdown(source []byte) (d document) {
	lineOf := func(offset int) int { return 1 + bytes.Count(source[:offset], []byte("\n")) }
	_ = ast.Walk(markdown.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			b := block{language: string(n.Language(source)), code: string(n.Lines().Value(source))}
			if n.Lines().Len() > 0 {
				b.line = lineOf(n.Lines().At(0).Start)
			}
			if html, ok := n.PreviousSibling().(*ast.HTMLBlock); ok {
				b.comment = strings.TrimSpace(string(html.Lines().Value(source)))
				b.comment = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(b.comment, "<!--"), "-->"))
			}
			d.blocks = append(d.blocks, b)
		case *ast.Heading, *ast.Paragraph, *ast.TextBlock, *extast.TableCell:
			var inline inlines
			inline.add(n, source)
			d.passages = append(d.passages, passage{page, inline.words(lineOf)})
			for _, l := range inline.links {
				d.links = append(d.links, link{lineOf(l.offset), l.target})
			}
			if n.Kind() == ast.KindHeading {
				d.headings = append(d.headings, string(inline.text))
			}
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return d
}

// inlines are the content of a paragraph: for each byte of the text, the offset
// in the file.
type inlines struct {
	text    []byte
	offsets []int
	links   []struct {
		offset int
		target string
	}
}

func (in *inlines) write(text string, offset int) {
	for i := range len(text) {
		in.text = append(in.text, text[i])
		in.offsets = append(in.offsets, offset)
	}
}

func (in *inlines) last() int {
	if len(in.offsets) == 0 {
		return 0
	}
	return in.offsets[len(in.offsets)-1]
}

func (in *inlines) add(parent ast.Node, source []byte) {
	follow := func(target []byte, n ast.Node) {
		offset := in.last()
		in.add(n, source)
		in.links = append(in.links, struct {
			offset int
			target string
		}{max(offset, in.last()), string(target)})
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			in.write(string(n.Segment.Value(source)), n.Segment.Start)
			if n.SoftLineBreak() || n.HardLineBreak() {
				in.write("\n", n.Segment.Start)
			}
		case *ast.CodeSpan:
			open := true
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					if open {
						in.write("`", t.Segment.Start)
						open = false
					}
					code := string(t.Segment.Value(source))
					in.write(strings.Map(func(r rune) rune {
						if r == ' ' || r == '\n' {
							return codeSpace
						}
						return r
					}, code), t.Segment.Start)
				}
			}
			in.write("`", in.last())
		case *ast.Link:
			follow(n.Destination, n)
		case *ast.Image:
			follow(n.Destination, n)
		case *ast.AutoLink:
			in.write(string(n.Label(source)), in.last())
			follow(n.URL(source), n)
		case *ast.RawHTML: // shows nothing
		default: // emphasis
			in.add(n, source)
		}
	}
}

func (in *inlines) words(lineOf func(int) int) (words []word) {
	for start := 0; start < len(in.text); {
		end := bytes.IndexAny(in.text[start:], " \t\n")
		if end < 0 {
			end = len(in.text) - start
		}
		if end > 0 {
			words = append(words, word{string(in.text[start : start+end]), lineOf(in.offsets[start])})
		}
		start += end + 1
	}
	return words
}
