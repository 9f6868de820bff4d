// Package store has the interface of a store that all instances of a backend
// share, and [Memory], which implements it in one process.
//
// Package websession keeps web sessions in a [Store], and
// [github.com/cognitoflow/cognitoflow/seal.Sealer.DeviceStore] keeps remembered
// devices there. A backend needs one Store for both.
//
// Package sqlstore has a Store over a table of PostgreSQL, MySQL or SQLite. The modules
// redisstore, for Redis and Valkey, and dynamostore, for DynamoDB, are below this
// package. Only programs that import one of the two get its client.
//
// # Writing a store
//
// A record is a name, data, a version and an expiry. Each write names the version
// that it replaces, so a write is one conditional statement. In SQL, with a version
// that the store draws at random for each write:
//
//	SELECT data, version FROM records WHERE name = $1 AND expires > $now
//	UPDATE records SET data = $2, version = $3, expires = $4 WHERE name = $1 AND version = $5 AND expires > $now
//	INSERT INTO records VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE
//		SET data = $2, version = $3, expires = $4 WHERE records.expires <= $now
//	DELETE FROM records WHERE name = $1 AND version = $2 AND expires > $now
//
// A statement that changes no row is [ErrConflict]. Expired records are absent for
// each operation. A store removes them when it likes.
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
	// ErrNotFound is what errors.Is finds in the error of [Store.Get] if there is no
	// record under the name.
	ErrNotFound = errors.New("store: no record under this name")

	// ErrConflict is what errors.Is finds in the error of [Store.Put] and
	// [Store.Delete] if the present record does not have the version that the caller
	// named.
	ErrConflict = errors.New("store: the record does not have this version")
)

const (
	// NameSize is the length of a name in bytes.
	NameSize = 2 * sha256.Size
	// MaxData is the most that a record holds, in bytes.
	MaxData = 16 << 10
	// MaxVersion is the length of the longest version in bytes.
	MaxVersion = 64
)

// Store keeps records under names, for all instances of a program. A Store does
// not look into data. A Store is safe for concurrent use.
//
// An operation ends soon after ctx has, with an error: callers have no other bound on
// their wait. An error other than ErrNotFound and ErrConflict leaves open whether a write has happened. So does
// ErrConflict, if the client of the engine sends a statement again after a lost
// reply: the statement then meets its own write. [Write] finds out.
type Store interface {
	// Get returns the record under name, or ErrNotFound, which may be wrapped. The
	// caller may change the data.
	Get(ctx context.Context, name string) (Record, error)

	// Put writes the record under name if the present record has this version. The
	// version "" means that there is no record. Otherwise Put writes nothing and
	// returns ErrConflict, which may be wrapped. This is one step: of several calls
	// with one version one succeeds.
	//
	// Put returns the version of the new record. Data are 1 to MaxData of any bytes;
	// the caller may change the bytes afterwards. From expires on the record is
	// absent. A store may round expires up to a full second. A zero expires means
	// never.
	Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error)

	// Delete removes the record under name if the record has this version. If the
	// record has another version or is absent, Delete returns ErrConflict. The
	// version "" means any version, and then an absent record is no error.
	Delete(ctx context.Context, name, version string) error
}

// Record is what a [Store] has under a name.
type Record struct {
	Data []byte

	// Version is text of 1 to MaxVersion bytes, which the store has drawn. No two
	// writes under a name have the same version. This holds across a Delete or an
	// expiry, too.
	Version string
}

// Name returns the name of a record: 64 lower-case hexadecimal digits, the SHA-256
// of the kind and the parts. The kind says what the record is, such as "web
// session". Different lists of parts have different names.
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

// CheckName returns an error if name does not have the form that [Name] returns.
// Each operation of a store begins with it.
func CheckName(name string) error {
	if len(name) != NameSize {
		return fmt.Errorf("store: the name of a record has %d bytes, want %d; make it with store.Name", len(name), NameSize)
	}
	for i := range len(name) {
		if c := name[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return errors.New("store: the name of a record is not lower-case hexadecimal; make it with store.Name")
		}
	}
	return nil
}

// CheckData returns an error if a record cannot hold data. Each Put of a store calls
// it.
func CheckData(data []byte) error {
	if len(data) == 0 || len(data) > MaxData {
		return fmt.Errorf("store: a record of %d bytes; a record has 1 to %d", len(data), MaxData)
	}
	return nil
}

// Write is [Store.Put] that finds out whether the write has happened: after an error
// it reads the record and compares the data. The data must be of this call alone, such
// as data that were encrypted with a random nonce. The error is ErrConflict only if
// the present record is not the one of this call. Any other error leaves that open.
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
		// Not wrapped: the conflict may be with the write itself.
		return "", fmt.Errorf("store: it is not known whether a write has happened: %w", readErr)
	}
	return "", err
}
