// Package traffic keeps the received calls of a pool, and the faults that wait for calls.
package traffic

import (
	"slices"
	"sync"
)

// Fault makes a call fail. cognitotest.Fault documents the fields.
type Fault struct {
	Operation         string
	Skip              int
	Times             int
	DelayMilliseconds int
	AfterWork         bool
	Error             string
	Status            int
	Drop              bool
}

// Fails reports whether the fault replaces the response of the operation.
func (f Fault) Fails() bool { return f.Error != "" || f.Drop }

// Request is a call that a pool received: the operation, and the decoded body
// with its secrets.
type Request struct {
	Operation string
	Body      map[string]any
}

// Log has the faults and the last requests of a pool. The zero Log is ready, and safe for
// concurrent use.
type Log struct {
	mu       sync.Mutex
	faults   []Fault
	requests requestLog
}

// Fail adds faults. A fault without Times hits one call.
func (l *Log) Fail(faults ...Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range faults {
		f.Times = max(f.Times, 1)
		l.faults = append(l.faults, f)
	}
}

// Faults returns the faults that wait for calls.
func (l *Log) Faults() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.faults)
}

// Requests returns the kept requests, the oldest first.
func (l *Log) Requests() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests.list)
}

// Meet keeps a request with a body of size bytes, and returns the fault for the request, or
// the zero Fault.
func (l *Log) Meet(r Request, size int) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests.add(r, size)
	for i := range l.faults {
		f := &l.faults[i]
		if f.Operation != "" && f.Operation != r.Operation {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			return Fault{}
		}
		hit := *f
		if f.Times--; f.Times == 0 {
			l.faults = slices.Delete(l.faults, i, i+1)
		}
		return hit
	}
	return Fault{}
}

const (
	keptRequests     = 1000
	keptRequestBytes = 4 << 20
)

// requestLog keeps the last requests only, so that the memory of a pool does not grow.
type requestLog struct {
	list  []Request
	sizes []int // the sizes of the bodies in list
	bytes int
}

func (l *requestLog) add(r Request, size int) {
	l.list, l.sizes, l.bytes = append(l.list, r), append(l.sizes, size), l.bytes+size
	for len(l.list) > keptRequests || l.bytes > keptRequestBytes {
		l.bytes -= l.sizes[0]
		l.list[0] = Request{} // the array keeps the request until append copies the list
		l.list, l.sizes = l.list[1:], l.sizes[1:]
	}
}
