// Package traffic has the calls that a pool received, and the faults that wait
// for calls.
package traffic

import (
	"slices"
	"sync"
)

// Fault is something that goes wrong. Type Fault of package cognitotest, which
// has the same fields, says what each means.
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

// Fails says whether the call gets no answer of its own.
func (f Fault) Fails() bool { return f.Error != "" || f.Drop }

// Request is a call that a pool received: the operation, and the decoded body
// with its secrets.
type Request struct {
	Operation string
	Body      map[string]any
}

// Log has the faults and the last requests of a pool. The zero Log is ready to
// use, by many goroutines.
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

// Faults returns the faults that still wait for calls.
func (l *Log) Faults() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.faults)
}

// Requests returns the requests that are kept, oldest first.
func (l *Log) Requests() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests.list)
}

// Meet keeps a request, whose body took size bytes, and returns the fault that
// hits the request. Meet returns the zero Fault if no fault does.
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

// requestLog keeps the last requests, so that a pool which runs for days does
// not grow.
type requestLog struct {
	list  []Request
	sizes []int // of the bodies in list
	bytes int
}

func (l *requestLog) add(r Request, size int) {
	l.list, l.sizes, l.bytes = append(l.list, r), append(l.sizes, size), l.bytes+size
	for len(l.list) > keptRequests || l.bytes > keptRequestBytes {
		l.bytes -= l.sizes[0]
		l.list[0] = Request{} // append copies what is left in time, and not this
		l.list, l.sizes = l.list[1:], l.sizes[1:]
	}
}
