package flow

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/cognitoflow/cognitoflow/challenge"
)

// Observer is called when an operation begins. The operation runs in the context that the
// Observer returns, for example one with a span. Return ctx if you add nothing to it. The driver
// calls the returned function once, when the operation has ended, also after a panic. The
// function may be nil.
//
// An Observer sees each call of SignIn, Start, Respond and Refresh, and each operation of the
// service. Operations of package account and of [Driver.Call] are among these, and also operations
// that the driver refuses to send. An Observer does not see a call that fails because of an
// argument, such as an empty user name.
//
// The driver calls an Observer in the goroutine of the operation, so from several goroutines at
// once. A panic of an Observer goes on to the caller of the operation. If the caller is a
// [TokenSource] or package websession, the tokens are kept and OnError is told.
//
// Neither [Operation] nor [Outcome] holds a secret or the name of a user. Module otelflow makes
// traces and metrics of OpenTelemetry.
type Observer func(ctx context.Context, op Operation) (context.Context, func(Outcome))

// OnEnd returns an [Observer] that calls f when an operation has ended.
func OnEnd(f func(context.Context, Operation, Outcome)) Observer {
	return func(ctx context.Context, op Operation) (context.Context, func(Outcome)) {
		return ctx, func(out Outcome) { f(ctx, op, out) }
	}
}

// OperationKind tells the two kinds of operations that an [Observer] sees.
type OperationKind string

const (
	// DriverCall is a call of [Driver.SignIn], [Driver.Start], [Driver.Respond] or
	// [Driver.Refresh]. The service operations of the call begin and end within it.
	DriverCall OperationKind = "call"
	// ServiceOperation is one operation of the service, the retries of the SDK client
	// included. Operations on tokens, devices and accounts are service operations without
	// a call around them.
	ServiceOperation OperationKind = "service"
)

// Operation is what an [Observer] sees when an operation begins.
type Operation struct {
	Kind OperationKind
	// Name is SignIn, Start, Respond or Refresh for a call. For a service operation it is
	// the service's name, such as InitiateAuth.
	Name string
	// Flow is the auth flow of the sign-in, "" for operations outside of a sign-in.
	Flow types.AuthFlowType
	// Challenge is the challenge that the operation answers, "" for a start.
	Challenge challenge.Name
	// By says who gives the answer: ByDriver for a start without a handler, "" for
	// operations outside of a sign-in.
	By By
	// Attempt counts the answers to this challenge that were refused before.
	Attempt int
}

// Outcome is what an [Observer] sees when an operation has ended.
type Outcome struct {
	// Code is that of Err, "" if Err is nil, and [Other] if Err is not an *[Error]. An
	// error of the handler given to SignIn is such an error.
	Code Code
	// Err is the error that the operation returns. The text of an *[Error] holds no secret.
	Err error
	// Duration is the time between begin and end by Options.Now.
	Duration time.Duration
	// Asked is the challenge that the service asks in its reply. For a call it is the
	// challenge of the prompt that the call returns, in its result or in its error.
	Asked challenge.Name
	// Prompted says that a call returns a prompt, in its result or in its error.
	Prompted bool
	// Granted says that tokens have come.
	Granted bool
	// SinceStart is the time from the start of the sign-in to its tokens, over all calls
	// and machines. Only calls with Granted have SinceStart, and refreshes do not.
	SinceStart time.Duration
	// RequestID is the service's ID of the last request, for AWS support, "" if the service
	// has not answered. The RequestID of a call is the ID in Err.
	RequestID string
	// Requests is the number of HTTP requests that the SDK client has sent. A call has 0, as
	// has an API that is not the SDK client.
	Requests int
}

// By says who answered a challenge.
type By string

const (
	ByDriver  By = "driver"  // one of the driver's own handlers
	ByHandler By = "handler" // one of Options.Handlers
	ByCaller  By = "caller"  // the caller of Respond, or the handler given to SignIn
)

// LogValue gives log/slog the parts of the operation that are not empty.
func (op Operation) LogValue() slog.Value {
	attrs := texts("kind", string(op.Kind), "name", op.Name, "flow", string(op.Flow), "challenge", bound(string(op.Challenge)), "by", string(op.By))
	if op.Attempt > 0 {
		attrs = append(attrs, slog.Int("attempt", op.Attempt))
	}
	return slog.GroupValue(attrs...)
}

// LogValue gives log/slog the parts of the outcome that are not empty. The error is
// there if it is an *[Error]: only such a text is known to hold no secret.
func (out Outcome) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Duration("duration", out.Duration), slog.Bool("granted", out.Granted)}
	attrs = append(attrs, texts("asked", bound(string(out.Asked)), "code", string(out.Code), "request_id", out.RequestID)...)
	var known *Error
	if errors.As(out.Err, &known) {
		attrs = append(attrs, slog.String("error", known.Error()))
	}
	if out.SinceStart > 0 {
		attrs = append(attrs, slog.Duration("since_start", out.SinceStart))
	}
	return slog.GroupValue(attrs...)
}

// texts makes attributes of names and their values, without those that are empty.
func texts(pairs ...string) []slog.Attr {
	var attrs []slog.Attr
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			attrs = append(attrs, slog.String(pair[0], pair[1]))
		}
	}
	return attrs
}

// observation is an operation from its begin to its end. A nil observation is that of
// options without an Observer.
type observation struct {
	now      func() time.Time
	began    time.Time
	ended    func(Outcome)
	response response
}

// response has facts about the replies to an operation, other than their content.
type response struct {
	id       string
	requests int
}

type responseKey struct{}

// begin tells the Observer of an operation.
func (o *Options) begin(ctx context.Context, op Operation) (context.Context, *observation) {
	if o.Observe == nil {
		return ctx, nil
	}
	b := &observation{now: o.Now, began: o.Now()}
	within, ended := o.Observe(ctx, op)
	if within == nil {
		within = ctx
	}
	b.ended = ended
	if op.Kind == ServiceOperation {
		within = context.WithValue(within, responseKey{}, &b.response)
	}
	return within, b
}

// end tells the Observer of the outcome.
func (b *observation) end(out Outcome) {
	if b == nil || b.ended == nil {
		return
	}
	out.Duration, out.RequestID, out.Requests = b.now().Sub(b.began), b.response.id, b.response.requests
	var known *Error
	switch {
	case errors.As(out.Err, &known):
		out.Code = known.Code()
		if out.RequestID == "" {
			out.RequestID = known.RequestID()
		}
	case out.Err != nil:
		out.Code = Other
	}
	b.ended(out)
}

// errNotReturned is the outcome of an operation that has panicked.
var errNotReturned = errors.New("the operation did not return, because of a panic or runtime.Goexit")

// observe runs a call, and tells the Observer of it.
func (e *engine) observe(ctx context.Context, name string, call func(context.Context) (Step, error)) (step Step, err error) {
	if e.options.Observe == nil {
		return call(ctx)
	}
	op := Operation{Kind: DriverCall, Name: name, Flow: e.st.flow, Challenge: e.shown(e.st.ask.Name), Attempt: e.st.ask.Attempt}
	if op.Challenge != "" {
		op.By = ByCaller
	}
	ctx, b := e.options.begin(ctx, op)
	err = errNotReturned
	defer func() {
		out := Outcome{Err: err, Granted: step.Tokens != nil}
		if out.Granted && !refreshes(op.Flow) {
			out.SinceStart = e.sinceStart()
		}
		if p := promptOf(step, err); p != nil {
			out.Prompted, out.Asked = true, e.shown(p.Challenge().Name)
		}
		b.end(out)
	}()
	return call(ctx)
}

// promptOf returns the prompt that a call returns, in its result or in its error.
func promptOf(step Step, err error) *Prompt {
	var known *Error
	if errors.As(err, &known) {
		return known.Prompt
	}
	return step.Prompt
}

func (e *engine) beginExchange(ctx context.Context, r request) (context.Context, *observation) {
	if e.options.Observe == nil {
		return ctx, nil
	}
	op := Operation{Kind: ServiceOperation, Name: e.service.operation(r), Flow: e.st.flow, Challenge: e.shown(r.challenge), By: r.by}
	if r.challenge == e.st.ask.Name {
		op.Attempt = e.st.ask.Attempt
	}
	return e.options.begin(ctx, op)
}

func (e *engine) endExchange(b *observation, rep *reply, f *fault) {
	switch {
	case b == nil:
	case f != nil:
		b.end(Outcome{Err: e.newError(f)})
	default:
		b.end(Outcome{Asked: e.shown(rep.challenge), Granted: rep.tokens != nil})
	}
}

// shown returns the name of a challenge without secrets. A server can give a challenge any
// name, even the password that was sent.
func (e *engine) shown(name challenge.Name) challenge.Name {
	return challenge.Name(Error{sent: e.secrets(request{})}.clean(string(name)))
}

// recordResponses notes facts about the replies in the observation. The SDK client calls
// it for each operation.
func recordResponses(o *cip.Options) {
	o.APIOptions = append(slices.Clip(o.APIOptions), func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("cognitoflow.RecordResponses", recordResponse), middleware.Before)
	})
}

func recordResponse(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleInitialize(ctx, in)
	if r, ok := ctx.Value(responseKey{}).(*response); ok {
		if id, has := awsmiddleware.GetRequestIDMetadata(metadata); has {
			r.id = id
		}
		if attempts, has := retry.GetAttemptResults(metadata); has {
			r.requests += len(attempts.Results)
		}
	}
	return out, metadata, err
}
