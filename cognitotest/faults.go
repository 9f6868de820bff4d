package cognitotest

import "time"

// Fault is something that goes wrong, for [Pool.Fail].
type Fault struct {
	// Operation is the operation hit, such as "InitiateAuth". Empty: any.
	Operation string
	// Skip is how many calls pass unharmed first.
	Skip int
	// Times is how many calls are hit; 0: one.
	Times int
	// Delay passes before the call is looked at. It is real time, whatever
	// the pool's clock, and ends with the request.
	Delay time.Duration
	// AfterWork lets the operation do its work first, so that only its
	// response is lost.
	AfterWork bool
	// Error is the exception to answer with: "TooManyRequestsException",
	// "InternalErrorException", ... Status is its HTTP status; 0: the usual.
	Error  string
	Status int
	// Drop cuts the connection in place of an answer.
	Drop bool
}
