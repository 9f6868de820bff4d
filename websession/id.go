package websession

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/cognitoflow/cognitoflow/secret"
)

// ID identifies one web session. [Manager.Create] makes an ID. A browser keeps the ID in a
// cookie, and another client sends the ID in a header. An ID is a secret: its possession
// is a proof of the sign-in. An ID prints redacted. The store has only a hash of it.
type ID struct{ text secret.String }

// idSize is the length of an ID: 130 random bits in base32, as crypto/rand.Text makes it.
const idSize = 26

func newID() ID { return ID{secret.New(rand.Text())} }

// ParseID reads a text of [ID.Reveal]. ParseID fails for any other text, and the error does
// not quote the text. ParseID does not check whether the web session exists.
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

// MarshalText returns a placeholder, which ParseID refuses. To keep an ID, keep the text
// of Reveal.
func (id ID) MarshalText() ([]byte, error) { return id.text.MarshalText() }
