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

// ID identifies one browser or one installation of an app. [NewID] makes an ID, and the
// browser keeps the ID. An ID is a secret: with the ID, a password is enough to sign in,
// and the second factor is not asked. An ID prints redacted.
//
// Keep the ID in a separate cookie that outlives browser sessions, with the prefix __Host-,
// Secure, HttpOnly and SameSite=Lax. Without these, another site can plant an ID that it
// knows. Then the other site shares the devices that the user enrols.
//
// Each browser needs its own ID. The package catches two mistakes:
//
//   - An ID has a checksum. So ParseID refuses a text such as "web", the name of a user or
//     the ID of a browser session.
//   - An ID of [NewID] enrols devices, but does not use devices that it has. So one ID in
//     a variable of the program does not sign in all users. The ID uses its devices when
//     the browser has sent it back, through [ParseID].
type ID struct {
	text  secret.String
	fresh bool // made in this process
}

const (
	idRandom   = 18 // bytes, too many to guess
	idChecksum = 6  // bytes
	idText     = 32 // characters of base64 for both
)

// NewID returns a new random ID.
func NewID() ID {
	id := make([]byte, idRandom, idRandom+idChecksum)
	rand.Read(id)
	return ID{secret.New(base64.RawURLEncoding.EncodeToString(append(id, idSum(id)...))), true}
}

// ParseID reads a text of [ID.Reveal]. Give ParseID only a text of the request: with a
// constant, all users would share the devices. ParseID fails for any other text, and the
// error does not quote the text.
func ParseID(text string) (ID, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text) // skips line ends, so len(text) counts
	if err != nil || len(text) != idText || len(raw) != idRandom+idChecksum || !bytes.Equal(raw[idRandom:], idSum(raw[:idRandom])) {
		return ID{}, errors.New("device: the text is not the ID of a browser: make an ID for each browser with device.NewID, and keep the text of ID.Reveal there")
	}
	return ID{secret.New(text), false}, nil
}

// Reveal returns the text to keep: 32 letters, digits, hyphens and underscores.
func (id ID) Reveal() string { return id.text.Reveal() }

// IsZero reports whether the ID is the zero ID, which identifies nobody.
func (id ID) IsZero() bool { return id.text.IsZero() }

// Format prints a placeholder for every verb.
func (id ID) Format(w fmt.State, verb rune) { id.text.Format(w, verb) }

// MarshalText returns a placeholder, which ParseID refuses. To keep an ID, keep the text
// of Reveal.
func (id ID) MarshalText() ([]byte, error) { return id.text.MarshalText() }

func idSum(random []byte) []byte {
	sum := sha256.Sum256(append([]byte("cognitoflow/device ID\x00"), random...))
	return sum[:idChecksum]
}
