package srp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/cognitoflow/cognitoflow/internal/modp"
)

// A ParameterError reports a parameter that is missing or not valid. In most cases
// the peer sent the parameter.
type ParameterError struct {
	Parameter string // as on the wire: SALT, SRP_B, SECRET_BLOCK, USER_ID_FOR_SRP, UserPoolId, ...
	Reason    string // the cause, with a quote if the text of the peer is short
}

func (e *ParameterError) Error() string { return "srp: " + e.Parameter + " " + e.Reason }

func missing(parameter string) error {
	return &ParameterError{parameter, "is missing or empty"}
}

// refuse quotes a short text, and tells the length of a long text. No text is cut,
// because a peer may repeat a secret. A program that replaces secrets in messages would
// not find a part of a secret.
func refuse(parameter, text, reason string) error {
	const shown = 32
	if len(text) > shown {
		return &ParameterError{parameter, fmt.Sprintf("(%d bytes) %s", len(text), reason)}
	}
	return &ParameterError{parameter, fmt.Sprintf("%q %s", text, reason)}
}

const (
	maxSalt  = 64      // bytes. The service uses 16
	maxBlock = 1 << 14 // characters. The service uses about 2,300
	maxZeros = 16      // redundant leading zero digits that are accepted
)

// parseHex returns the minimal big-endian bytes of a hexadecimal number, and no bytes
// for 0. The number has up to limit bytes. The text has upper or lower case, and an even
// or odd number of digits.
func parseHex(parameter, text string, limit int) ([]byte, error) {
	if text == "" {
		return nil, missing(parameter)
	}
	if len(text) > 2*limit+maxZeros {
		return nil, refuse(parameter, text, fmt.Sprintf("is longer than a number of %d bytes", limit))
	}
	even := text
	if len(text)%2 != 0 {
		even = "0" + text
	}
	b, err := hex.DecodeString(even)
	if err != nil {
		return nil, refuse(parameter, text, "is not hexadecimal")
	}
	b = trim(b)
	if len(b) > limit {
		return nil, refuse(parameter, text, fmt.Sprintf("is longer than a number of %d bytes", limit))
	}
	return b, nil
}

// parseBase64 refuses line breaks. Package base64 would skip them.
func parseBase64(parameter, text string) ([]byte, error) {
	if text == "" {
		return nil, missing(parameter)
	}
	if len(text) > maxBlock {
		return nil, refuse(parameter, text, fmt.Sprintf("is longer than %d characters", maxBlock))
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, refuse(parameter, text, "is not standard base64")
	}
	return b, nil
}

// trim returns b without its leading zero bytes.
func trim(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// padded returns P of the number with big-endian bytes b: its minimal
// two's complement bytes, as BigInteger.toByteArray of Java gives them.
func padded(b []byte) []byte {
	b = trim(b)
	if len(b) == 0 || b[0]&0x80 != 0 {
		return append([]byte{0}, b...)
	}
	return b
}

func hash(parts ...[]byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}

// multiplier returns k = H(P(N) || P(g)).
var multiplier = sync.OnceValue(func() *modp.Element {
	sum := hash(padded(modp.N()), []byte{modp.G})
	k := new(modp.Element)
	k.SetBytes(sum[:])
	return k
})
