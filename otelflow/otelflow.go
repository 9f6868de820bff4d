// Package otelflow makes traces and metrics of OpenTelemetry of the operations of a driver
// of package flow. This package is a separate module, and package flow does not depend on
// OpenTelemetry.
//
//	observe, err := otelflow.New()
//	driver, err := flow.New(client, app, func(o *flow.Options) { o.Observe = observe })
//
// The page docs/observability.md of the repository lists the spans, the metrics and their
// attributes, and suggests a dashboard. No attribute holds a secret or the name of a user.
package otelflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

// scope names the instrumentation by the path of this module.
const scope = "github.com/cognitoflow/cognitoflow/otelflow"

// The semantic conventions of OpenTelemetry have no attributes for these facts.
const (
	flowKey      = attribute.Key("cognito.flow")
	challengeKey = attribute.Key("cognito.challenge")
	askedKey     = attribute.Key("cognito.challenge.asked")
	byKey        = attribute.Key("cognito.answered_by")
	attemptKey   = attribute.Key("cognito.attempt")
	grantedKey   = attribute.Key("cognito.granted")
	eventKey     = attribute.Key("cognito.prompt.event")
)

// Options are the settings of [New].
type Options struct {
	// TracerProvider makes the spans. If the field is nil, New uses otel.GetTracerProvider.
	TracerProvider trace.TracerProvider
	// MeterProvider makes the metrics. If the field is nil, New uses otel.GetMeterProvider.
	MeterProvider metric.MeterProvider
}

// New returns an observer for [flow.Options]. The observer makes a span of each operation,
// and records the metrics. New fails if the meter refuses an instrument, and returns the
// error of the meter.
func New(optFns ...func(*Options)) (flow.Observer, error) {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	in, err := newInstruments(o.MeterProvider.Meter(scope))
	if err != nil {
		return nil, fmt.Errorf("otelflow: %w", err)
	}
	tracer := o.TracerProvider.Tracer(scope)
	return func(ctx context.Context, op flow.Operation) (context.Context, func(flow.Outcome)) {
		ctx, span := start(ctx, tracer, op)
		return ctx, func(out flow.Outcome) {
			end(span, out)
			in.record(ctx, op, out)
		}
	}, nil
}

func start(ctx context.Context, tracer trace.Tracer, op flow.Operation) (context.Context, trace.Span) {
	name, kind, attrs := "cognito "+op.Name, trace.SpanKindInternal, []attribute.KeyValue(nil)
	if op.Kind == flow.ServiceOperation {
		name, kind = method(op), trace.SpanKindClient
		attrs = append(attrs, system, semconv.RPCMethod(method(op)))
	}
	attrs = append(attrs, given(
		flowKey.String(string(op.Flow)), challengeKey.String(known(op.Challenge)), byKey.String(string(op.By)),
	)...)
	if op.Attempt > 0 {
		attrs = append(attrs, attemptKey.Int(op.Attempt))
	}
	return tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
}

// end gives the span the code of an error, and leaves out the text of the error. The text of
// a handler's error may hold a secret.
func end(span trace.Span, out flow.Outcome) {
	attrs := given(askedKey.String(known(out.Asked)), semconv.AWSRequestID(out.RequestID), semconv.ErrorTypeKey.String(string(out.Code)))
	attrs = append(attrs, grantedKey.Bool(out.Granted))
	if out.Requests > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(out.Requests-1))
	}
	span.SetAttributes(attrs...)
	if out.Code != "" {
		span.SetStatus(codes.Error, string(out.Code))
	}
	span.End()
}

// system is the value that the semantic conventions for RPC give to AWS.
var system = semconv.RPCSystemNameKey.String("aws-api")

// method returns the value of rpc.method: the names of the service and of the operation.
func method(op flow.Operation) string { return "CognitoIdentityProvider/" + op.Name }

// given returns the attributes that are not empty.
func given(attrs ...attribute.KeyValue) []attribute.KeyValue {
	return slices.DeleteFunc(attrs, func(a attribute.KeyValue) bool { return a.Value.AsString() == "" })
}

// challengeNames are the challenges that the SDK knows. Values makes a new list at each call.
var challengeNames = types.ChallengeNameType("").Values()

// known returns the name of a challenge that the SDK knows, and _OTHER for every other name.
// A server can send any name, and a metric has a time series for each value of an attribute.
func known(name challenge.Name) string {
	if name == "" || slices.Contains(challengeNames, types.ChallengeNameType(name)) {
		return string(name)
	}
	return "_OTHER"
}

type instruments struct {
	signIns, refreshes, refusals, prompts metric.Int64Counter
	signInDuration, callDuration          metric.Float64Histogram
}

// personSeconds are the bounds for a duration that includes the answers of a person.
var personSeconds = []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320}

// callSeconds are the bounds that the semantic conventions for RPC give.
var callSeconds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

func newInstruments(m metric.Meter) (*instruments, error) {
	var in instruments
	var errs [6]error
	in.signIns, errs[0] = m.Int64Counter("cognito.client.sign_ins", metric.WithUnit("{sign_in}"),
		metric.WithDescription("Sign-ins that ended, with tokens or with an error without a prompt."))
	in.signInDuration, errs[1] = m.Float64Histogram("cognito.client.sign_in.duration", metric.WithUnit("s"),
		metric.WithDescription("Time from the start of a sign-in to its tokens."), metric.WithExplicitBucketBoundaries(personSeconds...))
	in.refreshes, errs[2] = m.Int64Counter("cognito.client.refreshes", metric.WithUnit("{refresh}"),
		metric.WithDescription("Refreshes that ended, with tokens or with an error."))
	in.refusals, errs[3] = m.Int64Counter("cognito.client.refusals", metric.WithUnit("{operation}"),
		metric.WithDescription("Operations of the service that failed."))
	in.prompts, errs[4] = m.Int64Counter("cognito.client.prompts", metric.WithUnit("{prompt}"),
		metric.WithDescription("Prompts that were returned to the program, and prompts that were answered."))
	in.callDuration, errs[5] = m.Float64Histogram("rpc.client.call.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of the operations of the service."), metric.WithExplicitBucketBoundaries(callSeconds...))
	return &in, errors.Join(errs[:]...)
}

func (in *instruments) record(ctx context.Context, op flow.Operation, out flow.Outcome) {
	failure := semconv.ErrorTypeKey.String(string(out.Code))
	if op.Kind == flow.ServiceOperation {
		set := metric.WithAttributes(given(system, semconv.RPCMethod(method(op)), failure)...)
		in.callDuration.Record(ctx, seconds(out.Duration), set)
		if out.Code != "" {
			in.refusals.Add(ctx, 1, set)
		}
		return
	}
	outcome := metric.WithAttributes(given(flowKey.String(string(op.Flow)), failure)...)
	if op.Flow == types.AuthFlowTypeRefreshTokenAuth {
		in.refreshes.Add(ctx, 1, outcome)
		return
	}
	if op.Challenge != "" {
		in.prompts.Add(ctx, 1, metric.WithAttributes(eventKey.String("answered"), challengeKey.String(known(op.Challenge))))
	}
	switch {
	case out.Prompted:
		in.prompts.Add(ctx, 1, metric.WithAttributes(eventKey.String("returned"), challengeKey.String(known(out.Asked))))
		return // the sign-in goes on
	case out.Granted:
		in.signInDuration.Record(ctx, seconds(out.SinceStart), outcome)
	}
	in.signIns.Add(ctx, 1, outcome)
}

func seconds(d time.Duration) float64 { return max(0, d).Seconds() }
