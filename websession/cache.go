package websession

import (
	"sync"
	"sync/atomic"
)

// record is a state and its version in the store. A record does not change.
type record struct {
	name    string
	version string // "": the record is not in the store yet
	state
}

// cache keeps the records that were used lately. When the cache is full, the hand of a
// clock goes round the ring. The hand drops the first record that was not used since its
// last visit. So a reader sets one flag, and does not reorder a list under a lock.
type cache struct {
	size int

	mu     sync.RWMutex
	byName map[string]*slot
	ring   []*slot
	hand   int
}

type slot struct {
	record *record
	place  int // in the ring
	used   atomic.Bool
}

func newCache(size int) *cache { return &cache{size: size, byName: make(map[string]*slot)} }

// get returns the record under name, of any version, and nil if there is none.
func (c *cache) get(name string) *record {
	c.mu.RLock()
	defer c.mu.RUnlock()
	s := c.byName[name]
	if s == nil {
		return nil
	}
	if !s.used.Load() {
		s.used.Store(true)
	}
	return s.record
}

// put keeps r, unless the cache has newer tokens. A slow reader may be late, or a write of
// this process may not be in the store yet.
func (c *cache) put(r *record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.byName[r.name]
	switch {
	case s == nil && len(c.ring) < c.size:
		s = &slot{place: len(c.ring)}
		c.ring = append(c.ring, s)
	case s == nil:
		s = c.free()
	case s.record.Generation > r.Generation:
		return
	}
	s.record = r
	c.byName[r.name] = s
}

// free empties a slot of a full ring.
func (c *cache) free() *slot {
	for {
		s := c.ring[c.hand]
		c.hand = (c.hand + 1) % len(c.ring)
		if !s.used.Swap(false) {
			delete(c.byName, s.record.name)
			return s
		}
	}
}

func (c *cache) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.byName[name]
	if s == nil {
		return
	}
	delete(c.byName, name)
	last := c.ring[len(c.ring)-1]
	c.ring[s.place], last.place = last, s.place
	c.ring = c.ring[:len(c.ring)-1]
	if c.hand >= len(c.ring) {
		c.hand = 0
	}
}
