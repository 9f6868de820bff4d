package websession

import (
	"container/list"
	"sync"
)

// record is a state with the version that the store has it under. It does not change.
type record struct {
	name    string
	version string // "": the store does not have it yet
	state
}

// cache keeps the records that were used last.
type cache struct {
	size int

	mu     sync.Mutex
	order  list.List // of *record, the last used one in front
	byName map[string]*list.Element
}

func newCache(size int) *cache { return &cache{size: size, byName: make(map[string]*list.Element)} }

// get returns the record under name in whatever version, nil if there is none.
func (c *cache) get(name string) *record {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byName[name]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*record)
}

// put keeps r, unless the cache has newer tokens: a slow reader may be late.
func (c *cache) put(r *record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byName[r.name]
	switch {
	case e == nil:
		c.byName[r.name] = c.order.PushFront(r)
	case e.Value.(*record).Generation <= r.Generation:
		e.Value = r
		c.order.MoveToFront(e)
	}
	if c.order.Len() > c.size {
		oldest := c.order.Remove(c.order.Back()).(*record)
		delete(c.byName, oldest.name)
	}
}

func (c *cache) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byName[name]; e != nil {
		c.order.Remove(e)
		delete(c.byName, name)
	}
}
