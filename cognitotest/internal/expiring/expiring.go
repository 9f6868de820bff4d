// Package expiring keeps values that live for some time.
package expiring

import (
	"crypto/sha256"
	"iter"
	"time"
)

// Map holds values by token until some time after they have expired. A late token
// can be told from an unknown one for that time.
type Map[V any] struct {
	entries map[tokenHash]Entry[V]
	sweepAt int       // the number of entries at which the old ones go
	swept   time.Time // when they last went
}

// tokenHash stands for a token: most tokens are longer than what they stand for.
type tokenHash [sha256.Size]byte

// Entry is a value and the end of its life.
type Entry[V any] struct {
	Value   V
	Expires time.Time
}

const keepExpired = 10 * time.Minute

// Put keeps a value until expires. Put also drops values that expired long ago.
func (e *Map[V]) Put(token string, value V, now, expires time.Time) {
	if e.entries == nil {
		e.entries = make(map[tokenHash]Entry[V])
	}
	// Sweeping when the number has doubled costs O(1) a call.
	if len(e.entries) >= e.sweepAt || now.Sub(e.swept) > keepExpired {
		for t, entry := range e.entries {
			if now.Sub(entry.Expires) > keepExpired {
				delete(e.entries, t)
			}
		}
		e.sweepAt, e.swept = 2*len(e.entries)+1000, now
	}
	e.Set(token, Entry[V]{value, expires})
}

// Get finds a value, which may have expired.
func (e *Map[V]) Get(token string) (Entry[V], bool) {
	found, ok := e.entries[sha256.Sum256([]byte(token))]
	return found, ok
}

// Set changes an entry that is there.
func (e *Map[V]) Set(token string, changed Entry[V]) {
	e.entries[sha256.Sum256([]byte(token))] = changed
}

// Shorten makes a value expire by that time. A token that cannot be used any
// more is not kept for the life that it was issued for.
func (e *Map[V]) Shorten(token string, by time.Time) {
	if found, ok := e.Get(token); ok && by.Before(found.Expires) {
		e.Set(token, Entry[V]{found.Value, by})
	}
}

// Remove forgets a value at once.
func (e *Map[V]) Remove(token string) { delete(e.entries, sha256.Sum256([]byte(token))) }

// Len counts the values that are kept, those that have expired included.
func (e *Map[V]) Len() int { return len(e.entries) }

// Values has all values, those that have expired included.
func (e *Map[V]) Values() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, entry := range e.entries {
			if !yield(entry.Value) {
				return
			}
		}
	}
}

// Expire makes all values expire by that time.
func (e *Map[V]) Expire(by time.Time) {
	for token, entry := range e.entries {
		if by.Before(entry.Expires) {
			entry.Expires = by
			e.entries[token] = entry
		}
	}
}
