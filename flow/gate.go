package flow

import (
	"container/list"
	"context"
	"sync"
)

// gate lets so many through at once. Those who hurry go first.
type gate struct {
	most int // negative: any number

	mu      sync.Mutex
	busy    int
	waiting [2]list.List // of chan struct{}, those who hurry in the first
}

// enter waits for room, which leave gives back. The error is that of a context that has
// ended before.
func (g *gate) enter(ctx context.Context, hurries bool) error {
	g.mu.Lock()
	if g.most < 0 || g.busy < g.most {
		g.busy++
		g.mu.Unlock()
		return nil
	}
	queue := &g.waiting[1]
	if hurries {
		queue = &g.waiting[0]
	}
	open := make(chan struct{})
	place := queue.PushBack(open)
	g.mu.Unlock()
	select {
	case <-open:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-open: // at the same moment
		g.next()
	default:
		queue.Remove(place)
	}
	return context.Cause(ctx)
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next()
}

// next gives the room of one to another. The caller has the lock.
func (g *gate) next() {
	for i := range g.waiting {
		if first := g.waiting[i].Front(); first != nil {
			close(g.waiting[i].Remove(first).(chan struct{}))
			return
		}
	}
	g.busy--
}
