// Package store has the interface of a store that all instances of a backend share, and
// [Memory], a store in one process.
//
// Package websession keeps web sessions in a [Store], and
// [github.com/cognitoflow/cognitoflow/seal.Sealer.DeviceStore] keeps remembered
// devices there. A backend needs one Store for both.
//
// Package sqlstore has a Store over a table of PostgreSQL, MySQL or SQLite. Two separate
// modules are below this package: redisstore, for Redis and Valkey, and dynamostore, for
// DynamoDB. A program gets a client of these engines only if it imports one of the modules.
//
// # Writing a store
//
// A record is a name, data, a version and an expiry. Each write names the version that it
// replaces. So a write is one conditional statement. In SQL, with a random version for
// each write:
//
//	SELECT data, version FROM records WHERE name = $1 AND expires > $now
//	UPDATE records SET data = $2, version = $3, expires = $4 WHERE name = $1 AND version = $5 AND expires > $now
//	INSERT INTO records VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE
//		SET data = $2, version = $3, expires = $4 WHERE records.expires <= $now
//	DELETE FROM records WHERE name = $1 AND version = $2 AND expires > $now
//
// If a statement changes no row, the operation returns [ErrConflict]. An expired record
// counts as absent in each operation. A store can remove expired records at any time.
//
// Call [CheckName] and [CheckData] first. Package storetest tests an implementation.
package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrNotFound says that there is no record under the name. errors.Is finds
	// ErrNotFound in the error of [Store.Get].
	ErrNotFound = errors.New("store: no record under this name")

	// ErrConflict says that the present record does not have the version of the call.
	// errors.Is finds ErrConflict in the error of [Store.Put] and [Store.Delete].
	ErrConflict = errors.New("store: the record does not have this version")
)

const (
	// NameSize is the length of a name in bytes.
	NameSize = 2 * sha256.Size
	// MaxData is the greatest length of a record's data in bytes.
	MaxData = 16 << 10
	// MaxVersion is the greatest length of a version in bytes.
	MaxVersion = 64
)

// Store keeps records under names, for all instances of a program. A Store does not
// interpret data. A Store must be safe for concurrent use.
//
// When ctx ends, an operation must return an error soon, because callers have no other
// limit for their wait.
//
// After an error other than ErrNotFound and ErrConflict, a write may have happened or not.
// ErrConflict has the same doubt if the client of the engine repeats a statement after a
// lost reply: the repeated statement meets its own write. [Write] removes the doubt.
type Store interface {
	// Get returns the record under name. If there is none, errors.Is finds ErrNotFound
	// in the error. The caller may change the data.
	Get(ctx context.Context, name string) (Record, error)

	// Put writes the record under name if the present record has this version. The
	// version "" means that there is no record. Otherwise Put writes nothing, and
	// errors.Is finds ErrConflict in the error. Put compares and writes in one step:
	// of several calls with one version, one succeeds.
	//
	// Put returns the version of the new record. Data have 1 to MaxData bytes of any
	// value. The caller may change the bytes afterwards. From expires on the record is
	// absent. A store may round expires up to a full second. With the zero time the
	// record does not expire.
	Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error)

	// Delete removes the record under name if the record has this version. If the
	// record has another version or is absent, errors.Is finds ErrConflict. The version
	// "" means any version, and then Delete succeeds if the record is absent.
	Delete(ctx context.Context, name, version string) error
}

// Record is a record of a [Store], without its name and its expiry.
type Record struct {
	Data []byte

	// Version is text of 1 to MaxVersion bytes. The store makes a new version for each
	// write. Two writes under one name have different versions, also with a Delete or
	// an expiry in between.
	Version string
}

// Name returns the name of a record: the SHA-256 of the kind and the parts, in 64
// lower-case hexadecimal digits. The kind is a word of yours, such as "web session".
// Different lists of parts have different names.
func Name(kind string, parts ...string) string {
	text := appendPart(appendPart(make([]byte, 0, 256), "cognitoflow/store"), kind)
	for _, part := range parts {
		text = appendPart(text, part)
	}
	digest := sha256.Sum256(text)
	var name [NameSize]byte
	hex.Encode(name[:], digest[:])
	return string(name[:])
}

func appendPart(text []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint64(text, uint64(len(part))), part...)
}

// CheckName returns an error if name does not have the form of [Name]. A store calls
// CheckName first in each operation.
func CheckName(name string) error {
	if len(name) != NameSize {
		return fmt.Errorf("store: the name of a record has %d bytes, want %d: make the name with store.Name", len(name), NameSize)
	}
	for i := range len(name) {
		if c := name[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return errors.New("store: the name of a record is not lower-case hexadecimal: make the name with store.Name")
		}
	}
	return nil
}

// CheckData returns an error if data are empty or longer than [MaxData]. A store calls
// CheckData first in each Put.
func CheckData(data []byte) error {
	if len(data) == 0 || len(data) > MaxData {
		return fmt.Errorf("store: the data have %d bytes, want 1 to %d", len(data), MaxData)
	}
	return nil
}

// Write calls [Store.Put]. After an error Write reads the record and compares the data, to
// find out whether the write has happened. The data must be unique for this call, such as
// data that were encrypted with a random nonce.
//
// errors.Is finds ErrConflict only if the present record is not the record of this call.
// After any other error, the write may have happened or not.
func Write(ctx context.Context, s Store, name string, data []byte, version string, expires time.Time) (string, error) {
	written, err := s.Put(ctx, name, data, version, expires)
	if err == nil {
		return written, nil
	}
	present, readErr := s.Get(ctx, name)
	switch {
	case readErr == nil && string(present.Data) == string(data):
		return present.Version, nil
	case errors.Is(err, ErrConflict) && (readErr == nil || errors.Is(readErr, ErrNotFound)):
		return "", err
	case errors.Is(err, ErrConflict):
		// ErrConflict is not wrapped, because the conflict may be with the write itself.
		return "", fmt.Errorf("store: it is not known whether a write has happened: %w", readErr)
	}
	return "", err
}
