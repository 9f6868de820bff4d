package device

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/cognitoflow/cognitoflow/secret"
)

// ID identifies one browser or one app installation. [NewID] makes it; the
// browser or the installation keeps it. An ID is a secret: whoever has it and the
// user's password signs in without a second factor. It prints redacted.
//
// Users must not share an ID. The package catches the usual mistakes. An ID carries a
// checksum, so a text such as "web", the name of a user or the ID of a session is no
// ID. An ID that [NewID] has just made enrols devices and uses none, so a variable of
// the program lets nobody in. The devices are used once the browser has brought the
// ID back, through [ParseID].
//
// A browser keeps the ID in a cookie of its own, which outlives sessions: prefix
// __Host-, Secure, HttpOnly, SameSite=Lax. Otherwise, another site can plant an ID that
// it knows, and shares the devices that the user then enrols.
type ID struct {
	text  secret.String
	fresh bool // made in this process
}

const (
	idRandom   = 18 // bytes, more than can be guessed
	idChecksum = 6  // bytes
	idText     = 32 // characters of base64 for both
)

// NewID returns a new random ID.
func NewID() ID {
	id := make([]byte, idRandom, idRandom+idChecksum)
	rand.Read(id)
	return ID{secret.New(base64.RawURLEncoding.EncodeToString(append(id, idSum(id)...))), true}
}

// ParseID reads the text that [ID.Reveal] returned. Give it text of the request and
// nothing else: for a constant, all users would share the devices. The error of any other text
// does not quote it.
func ParseID(text string) (ID, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text) // which passes over line ends
	if err != nil || len(text) != idText || len(raw) != idRandom+idChecksum || !bytes.Equal(raw[idRandom:], idSum(raw[:idRandom])) {
		return ID{}, errors.New("device: not an ID of a browser or an installation; make one for each with device.NewID, and keep its Reveal there")
	}
	return ID{secret.New(text), false}, nil
}

// Reveal returns the text to keep: 32 letters, digits, hyphens and underscores.
func (id ID) Reveal() string { return id.text.Reveal() }

// IsZero reports whether the ID is the zero ID, which identifies nobody.
func (id ID) IsZero() bool { return id.text.IsZero() }

// Format prints a placeholder for every verb.
func (id ID) Format(w fmt.State, verb rune) { id.text.Format(w, verb) }

// MarshalText returns a placeholder, which does not read as an ID. To keep an ID,
// keep the text of Reveal.
func (id ID) MarshalText() ([]byte, error) { return id.text.MarshalText() }

func idSum(random []byte) []byte {
	sum := sha256.Sum256(append([]byte("cognitoflow/device ID\x00"), random...))
	return sum[:idChecksum]
}
