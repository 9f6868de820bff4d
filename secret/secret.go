// Package secret holds text that must not be printed by accident: passwords,
// client secrets, tokens and device passwords.
//
// Redacting methods alone are not enough. Package fmt cannot call a method on
// a value that sits in an unexported field and prints what it finds there, so
// a caller who keeps a password in a struct of their own would see it in the
// first log line that prints the struct. A [String] therefore keeps its text
// behind a pointer, which fmt prints as an address at every depth, and adds
// methods that replace even the address wherever methods are called.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// String is a piece of text that no verb of fmt, no slog handler and no
// encoder prints. The zero value holds no text. Values can be copied; two of
// them cannot be compared with ==, which would compare addresses.
type String struct {
	_    [0]func()
	text *string
}

// New returns a String that holds text. An empty text is text that was given:
// see [String.IsGiven].
func New(text string) String { return String{text: &text} }

// Reveal returns the text, "" for the zero value.
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether s holds no text, or an empty one. It makes the omitzero
// option of encoding/json work.
func (s String) IsZero() bool { return s.Reveal() == "" }

// IsGiven reports whether s was made by [New] or decoded, be it from an empty
// text. A form field that was left empty is given; a struct field that was not
// set is not.
func (s String) IsGiven() bool { return s.text != nil }

// String returns a placeholder, "" if there is no text.
func (s String) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format prints the placeholder for every verb.
func (s String) Format(w fmt.State, _ rune) { io.WriteString(w, s.String()) }

// LogValue gives slog the placeholder.
func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText encodes the placeholder, for encoding/json and its like. Types
// that are meant to be kept, such as tokens, encode their secrets themselves.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes text as it stands, so that a configuration file can be
// decoded into a struct with a String in it.
func (s *String) UnmarshalText(text []byte) error {
	*s = New(string(text))
	return nil
}

// Box keeps a value of any type out of print as String does text, for types
// that hold several secrets. The zero value is empty.
//
// It holds a function, because fmt follows a pointer to a struct: with a verb
// that does not suit pointers, such as %s, it prints the whole struct.
type Box[T any] struct {
	_    [0]func()
	open func() *T
}

// NewBox returns a Box with value in it.
func NewBox[T any](value T) Box[T] {
	return Box[T]{open: func() *T { return &value }}
}

// Open returns the value, nil if the box is empty. Copies of the box share it.
func (b Box[T]) Open() *T {
	if b.open == nil {
		return nil
	}
	return b.open()
}
