package cognitotest

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/traffic"
)

// Fault makes calls fail, see [Pool.Fail]. Without Error and without Drop a call only
// takes longer. A Fault decodes from JSON.
type Fault struct {
	// Operation is the name of the operation, such as "InitiateAuth". Empty: any.
	Operation string `json:"operation"`
	// Skip is the number of calls that succeed first.
	Skip int `json:"skip"`
	// Times is the number of calls that fail. 0: one.
	Times int `json:"times"`
	// DelayMilliseconds is the real time before the pool reads the call. The clock of
	// the pool has no effect. The delay ends when the client cancels the request.
	DelayMilliseconds int `json:"delayMilliseconds"`
	// AfterWork makes the operation do its work first, so that only the response is
	// lost.
	AfterWork bool `json:"afterWork"`
	// Error is the exception of the response, such as "TooManyRequestsException" or
	// "InternalErrorException".
	Error string `json:"error"`
	// Status is the HTTP status of the exception. 0: the usual one.
	Status int `json:"status"`
	// Drop cuts the connection instead of a response.
	Drop bool `json:"drop"`
}

// Validate returns an error for a fault that cannot have an effect. The error names the
// wrong field by its JSON name.
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
		return invalid.Field("error", "missing: a fault needs error, drop or delayMilliseconds")
	case f.Error != "" && f.Drop:
		return invalid.Field("drop", "the fault has an error already: set one of the two")
	case f.Error != "" && !exception.IsName(f.Error):
		return invalid.Field("error", "%q does not end in \"Exception\"", f.Error)
	case f.AfterWork && !traffic.Fault(f).Fails():
		return invalid.Field("afterWork", "a call that only takes longer loses no response: set error or drop")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return invalid.Field("status", "%d is not between 400 and 599", f.Status)
	case f.Status != 0 && f.Error == "":
		return invalid.Field("status", "a status needs an error")
	}
	return nil
}

// Fail makes calls fail. A call counts for one fault: the first fault that is for its
// operation. Fail panics if [Fault.Validate] returns an error.
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

// Faults returns the faults that wait for calls, with the remaining Skip and Times. A
// test can check at its end that all faults had an effect.
func (p *Pool) Faults() []Fault {
	var waiting []Fault
	for _, f := range p.state.Traffic.Faults() {
		waiting = append(waiting, Fault(f))
	}
	return waiting
}

// Request is a call that the pool received.
type Request struct {
	// Operation is the name of the operation, such as "InitiateAuth".
	Operation string
	// Body is the decoded JSON body, with all secrets.
	Body map[string]any
}

// Requests returns the last 1,000 calls, the oldest first, with 4 MB of bodies at most.
// Refused calls are in the list. Use the list to check what a client sends.
func (p *Pool) Requests() []Request {
	var received []Request
	for _, r := range p.state.Traffic.Requests() {
		received = append(received, Request(r))
	}
	return received
}
