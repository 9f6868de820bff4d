// Package expiring keeps values with a lifetime.
package expiring

import (
	"crypto/sha256"
	"iter"
	"time"
)

// Map keeps values by token, and each value for some time after its end. During that time the
// caller can tell an expired token from an unknown token.
type Map[V any] struct {
	entries map[tokenHash]Entry[V]
	sweepAt int       // the number of entries that starts the next sweep
	swept   time.Time // the time of the last sweep
}

// tokenHash is the key of a token. A token is longer than its hash.
type tokenHash [sha256.Size]byte

// Entry is a value and the end of its lifetime.
type Entry[V any] struct {
	Value   V
	Expires time.Time
}

const keepExpired = 10 * time.Minute

// Put keeps a value until expires. Put also deletes values that expired long ago.
func (e *Map[V]) Put(token string, value V, now, expires time.Time) {
	if e.entries == nil {
		e.entries = make(map[tokenHash]Entry[V])
	}
	// A sweep after each doubling costs O(1) for each call.
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

// Get returns the entry of a token. The entry may have expired.
func (e *Map[V]) Get(token string) (Entry[V], bool) {
	found, ok := e.entries[sha256.Sum256([]byte(token))]
	return found, ok
}

// Set replaces the value of an existing entry.
func (e *Map[V]) Set(token string, changed Entry[V]) {
	e.entries[sha256.Sum256([]byte(token))] = changed
}

// Shorten makes a value expire at a time before its end, so that the map does not keep a
// useless token for its whole lifetime.
func (e *Map[V]) Shorten(token string, by time.Time) {
	if found, ok := e.Get(token); ok && by.Before(found.Expires) {
		e.Set(token, Entry[V]{found.Value, by})
	}
}

// Remove deletes a value at once.
func (e *Map[V]) Remove(token string) { delete(e.entries, sha256.Sum256([]byte(token))) }

// Len returns the number of values, with expired ones.
func (e *Map[V]) Len() int { return len(e.entries) }

// Values returns all values, with expired ones.
func (e *Map[V]) Values() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, entry := range e.entries {
			if !yield(entry.Value) {
				return
			}
		}
	}
}

// Expire makes all values expire at this time at the latest.
func (e *Map[V]) Expire(by time.Time) {
	for token, entry := range e.entries {
		if by.Before(entry.Expires) {
			entry.Expires = by
			e.entries[token] = entry
		}
	}
}
