// Package secret holds text that must not be printed by accident: passwords,
// client secrets, tokens and device passwords.
//
// Methods such as Format do not protect a value in an unexported field. Package
// fmt cannot call a method there, and prints the content of the field. If a caller
// kept a password in such a field, a log line that prints the struct would show the
// password. A [String] therefore keeps its text behind a pointer. Package fmt prints
// the pointer as an address at every depth. Where fmt can call the methods of String,
// a placeholder replaces the address.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// String is a text that no verb of fmt, no slog handler and no encoder prints. The
// zero value holds no text. You can copy a String. You cannot compare two Strings
// with ==, because == would compare addresses.
type String struct {
	_    [0]func()
	text *string
}

// New returns a String that holds text. An empty text counts as given: see
// [String.IsGiven].
func New(text string) String { return String{text: &text} }

// Reveal returns the text. For the zero value, Reveal returns "".
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether s holds no text or an empty text. The option omitzero of
// encoding/json calls IsZero.
func (s String) IsZero() bool { return s.Reveal() == "" }

// IsGiven reports whether s was made by [New] or was decoded, also from an empty
// text. An empty field of a form is given. A struct field that nobody has set is not
// given.
func (s String) IsGiven() bool { return s.text != nil }

// String returns a placeholder. If s holds no text, String returns "".
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

// MarshalText encodes the placeholder, for encoding/json and other encoders. A type
// that a program stores, such as tokens, encodes the secrets in its own method.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets s to text, without a change. A configuration file can thus be
// decoded into a struct with a field of type String.
func (s *String) UnmarshalText(text []byte) error {
	*s = New(string(text))
	return nil
}

// Box holds a value of any type that must not be printed, such as a struct of several
// secrets. The zero value is empty.
//
// A Box holds a function and no pointer. Package fmt follows a pointer to a struct. With
// a verb that does not suit pointers, such as %s, fmt would print the whole struct.
type Box[T any] struct {
	_    [0]func()
	open func() *T
}

// NewBox returns a Box with value in it.
func NewBox[T any](value T) Box[T] {
	return Box[T]{open: func() *T { return &value }}
}

// Open returns the value. If the box is empty, Open returns nil. All copies of a box
// share one value.
func (b Box[T]) Open() *T {
	if b.open == nil {
		return nil
	}
	return b.open()
}
