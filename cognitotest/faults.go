package cognitotest

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/traffic"
)

// Fault is something that goes wrong, for [Pool.Fail]. With neither Error
// nor Drop the call only takes longer. It decodes from JSON.
type Fault struct {
	// Operation is the operation hit, such as "InitiateAuth". Empty: any.
	Operation string `json:"operation"`
	// Skip is how many calls pass unharmed first.
	Skip int `json:"skip"`
	// Times is how many calls are hit; 0: one.
	Times int `json:"times"`
	// DelayMilliseconds passes before the call is looked at. It is real time,
	// whatever the pool's clock, and ends with the request.
	DelayMilliseconds int `json:"delayMilliseconds"`
	// AfterWork lets the operation do its work first, so that only its
	// response is lost.
	AfterWork bool `json:"afterWork"`
	// Error is the exception to answer with: "TooManyRequestsException",
	// "InternalErrorException", ... Status is its HTTP status; 0: the usual.
	Error  string `json:"error"`
	Status int    `json:"status"`
	// Drop cuts the connection in place of an answer.
	Drop bool `json:"drop"`
}

// Validate refuses a fault that could never do what it says. The error names
// the field that is wrong, by its JSON name.
func (f Fault) Validate() error {
	switch _, ok := operations.Find(f.Operation); {
	case f.Operation != "" && !ok:
		return invalid.Field("operation", "the pool has no operation %q", f.Operation)
	case f.Skip < 0:
		return invalid.Field("skip", "%d is negative", f.Skip)
	case f.Times < 0:
		return invalid.Field("times", "%d is negative", f.Times)
	case f.DelayMilliseconds < 0:
		return invalid.Field("delayMilliseconds", "%d is negative", f.DelayMilliseconds)
	case f.Error == "" && !f.Drop && f.DelayMilliseconds == 0:
		return invalid.Field("error", "missing; a fault needs error, drop or delayMilliseconds")
	case f.Error != "" && f.Drop:
		return invalid.Field("drop", "the fault has an error already; set one of the two")
	case f.Error != "" && !exception.IsName(f.Error):
		return invalid.Field("error", "%q does not end in \"Exception\"", f.Error)
	case f.AfterWork && !traffic.Fault(f).Fails():
		return invalid.Field("afterWork", "a call that only takes longer loses no response; set error or drop")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return invalid.Field("status", "%d is not between 400 and 599", f.Status)
	case f.Status != 0 && f.Error == "":
		return invalid.Field("status", "a status needs an error")
	}
	return nil
}

// Fail makes calls fail. A call counts against the first fault in order that
// is for its operation, and only against that one. Fail panics if
// [Fault.Validate] refuses a fault.
func (p *Pool) Fail(faults ...Fault) {
	for i, f := range faults {
		if err := f.Validate(); err != nil {
			panic(fmt.Sprintf("cognitotest: Fail: %v", invalid.Within(fmt.Sprintf("faults[%d]", i), err)))
		}
	}
	waiting := make([]traffic.Fault, len(faults))
	for i, f := range faults {
		waiting[i] = traffic.Fault(f)
	}
	p.state.Traffic.Fail(waiting...)
}

// Faults returns the faults that still wait for calls, with the Skip and Times
// that are left. A test that ends with none has met all its faults.
func (p *Pool) Faults() []Fault {
	var waiting []Fault
	for _, f := range p.state.Traffic.Faults() {
		waiting = append(waiting, Fault(f))
	}
	return waiting
}

// Request is a call that the pool received.
type Request struct {
	// Operation is its name, such as "InitiateAuth".
	Operation string
	// Body is the decoded JSON body, secrets included.
	Body map[string]any
}

// Requests returns the calls received so far, refused ones included: the last
// 1,000 of them, and no more than 4 MB of bodies.
func (p *Pool) Requests() []Request {
	var received []Request
	for _, r := range p.state.Traffic.Requests() {
		received = append(received, Request(r))
	}
	return received
}
