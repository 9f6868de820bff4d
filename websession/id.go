package websession

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/cognitoflow/cognitoflow/secret"
)

// ID identifies one web session. The browser keeps it in a cookie, or a client sends
// it in a header. An ID is a secret: whoever has it is signed in. An ID prints redacted.
// [Manager.Create] makes IDs; the store sees a hash alone.
type ID struct{ text secret.String }

// idSize is the length of an ID: base32 with 130 random bits, as of crypto/rand.Text.
const idSize = 26

func newID() ID { return ID{secret.New(rand.Text())} }

// ParseID reads the text that [ID.Reveal] returned. The error of any other text does
// not quote it. ParseID does not look whether the web session exists.
func ParseID(text string) (ID, error) {
	if len(text) != idSize {
		return ID{}, errID
	}
	for i := range len(text) {
		if c := text[i]; (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return ID{}, errID
		}
	}
	return ID{secret.New(text)}, nil
}

var errID = errors.New("websession: not the identifier of a web session")

// Reveal returns the text for a cookie or a header: 26 capital letters and digits.
func (id ID) Reveal() string { return id.text.Reveal() }

// IsZero reports whether the ID is the zero ID, which identifies nothing.
func (id ID) IsZero() bool { return id.text.IsZero() }

// Format prints a placeholder for every verb.
func (id ID) Format(w fmt.State, verb rune) { id.text.Format(w, verb) }

// MarshalText returns a placeholder, which does not read as an ID. To keep an ID,
// keep the text of Reveal.
func (id ID) MarshalText() ([]byte, error) { return id.text.MarshalText() }
