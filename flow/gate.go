package flow

import (
	"container/list"
	"context"
	"sync"
)

// gate lets a number of callers through at once. Of callers that wait, those who hurry get
// three turns of four. So the other callers do not wait without end.
type gate struct {
	most int // negative: any number

	mu      sync.Mutex
	busy    int
	turns   int          // taken while both queues had callers
	waiting [2]list.List // of chan struct{}. The first queue is for callers who hurry
}

// enter waits for room. The caller gives the room back with leave. If the context ends first,
// the error is ctx.Err(). The cause of ctx may be an error of another sign-in.
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

// next gives the room of one caller to another. The caller of next has the lock.
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
