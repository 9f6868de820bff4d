// Package random makes random tokens, texts, numbers and UUIDs.
package random

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"math/big"
)

// Token returns this number of random bytes in base64url without padding.
func Token(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Text returns this number of random letters of an alphabet.
func Text(length int, alphabet string) string {
	b := make([]byte, length)
	for i := range b {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		b[i] = alphabet[n.Int64()]
	}
	return string(b)
}

// Number returns a random number with this number of bytes.
func Number(bytes int) *big.Int {
	b := make([]byte, bytes)
	rand.Read(b)
	return new(big.Int).SetBytes(b)
}

// UUID returns a random UUID of version 4.
func UUID() string {
	var b [16]byte
	rand.Read(b[:])
	return FormatUUID(b)
}

// FormatUUID makes a UUID of the bytes, with version 4 and the variant of RFC 9562.
func FormatUUID(b [16]byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
