package flow

import (
	"container/list"
	"context"
	"sync"
)

// gate lets so many through at once. Those who hurry have three turns of four, so that the
// others come, too.
type gate struct {
	most int // negative: any number

	mu      sync.Mutex
	busy    int
	turns   int          // how often both queues have waited
	waiting [2]list.List // of chan struct{}, those who hurry in the first
}

// enter waits for room, which leave gives back. The error is that of a context that has
// ended before, and not its cause, which may be an error of another sign-in.
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
	return ctx.Err()
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next()
}

// next gives the room of one to another. The caller has the lock.
func (g *gate) next() {
	hurrying, others := g.waiting[0].Len(), g.waiting[1].Len()
	queue := &g.waiting[0]
	switch {
	case hurrying+others == 0:
		g.busy--
		return
	case hurrying == 0:
		queue = &g.waiting[1]
	case others > 0:
		if g.turns++; g.turns%4 == 0 {
			queue = &g.waiting[1]
		}
	}
	close(queue.Remove(queue.Front()).(chan struct{}))
}
