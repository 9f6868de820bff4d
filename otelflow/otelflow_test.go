package otelflow_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/otelflow"
	"github.com/cognitoflow/cognitoflow/secret"
)

const password = "Correct-Horse-7!"

// rig is a pool with one user, and a driver whose spans and metrics stay in memory.
type rig struct {
	*testing.T
	pool   *cognitotest.Pool
	driver *flow.Driver
	spans  *tracetest.InMemoryExporter
	reader *sdkmetric.ManualReader
}

func newRig(t *testing.T) *rig {
	r := &rig{T: t, spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	r.pool = cognitotest.Start(t, cognitotest.PoolConfig{
		MFA:     "ON",
		Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users: []cognitotest.UserConfig{{
			Name: "ada", Password: password, MFA: []string{"SMS_MFA"}, Attributes: map[string]string{"phone_number": "+15550100123"},
		}},
	})
	observe, err := otelflow.New(func(o *otelflow.Options) {
		o.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.spans))
		o.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader))
	})
	if err != nil {
		t.Fatal(err)
	}
	r.driver, err = flow.New(r.pool.Client(), flow.App{UserPoolID: r.pool.ID(), ClientID: "app"}, func(o *flow.Options) { o.Observe = observe })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// signIn answers with a wrong code, and then with the right code.
func (r *rig) signIn() *flow.Tokens {
	r.Helper()
	step, err := r.driver.Start(r.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New(password)})
	if err != nil {
		r.Fatal(err)
	}
	var refused *flow.Error
	if _, err = r.driver.Respond(r.Context(), step.Prompt, challenge.Code("000000")); !errors.As(err, &refused) {
		r.Fatal(err)
	}
	if step, err = r.driver.Respond(r.Context(), refused.Prompt, challenge.Code(r.pool.LastCode("ada").Code)); err != nil {
		r.Fatal(err)
	}
	return step.Tokens
}

// metrics returns the value of each counter and the count of each histogram, by name and
// attributes.
func (r *rig) metrics() map[string]int {
	r.Helper()
	var all metricdata.ResourceMetrics
	if err := r.reader.Collect(r.Context(), &all); err != nil {
		r.Fatal(err)
	}
	found := map[string]int{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					found[m.Name+" "+text(p.Attributes.ToSlice())] = int(p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					found[m.Name+" "+text(p.Attributes.ToSlice())] = int(p.Count)
				}
			default:
				r.Errorf("%s has %T", m.Name, data)
			}
		}
	}
	return found
}

func text(attrs []attribute.KeyValue) string {
	var parts []string
	for _, a := range attrs {
		if a.Key == "aws.request_id" {
			continue // the ID differs in each run
		}
		parts = append(parts, string(a.Key)+"="+a.Value.String())
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func TestSignInWithMFA(t *testing.T) {
	r := newRig(t)
	tokens := r.signIn()
	if _, err := r.driver.Refresh(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
	var got []string
	names := map[trace.SpanID]string{}
	spans := r.spans.GetSpans()
	for _, s := range spans {
		names[s.SpanContext.SpanID()] = s.Name
	}
	for _, s := range spans {
		got = append(got, fmt.Sprintf("%s > %s (%s, %s) %s", names[s.Parent.SpanID()], s.Name, s.SpanKind, s.Status.Code, text(s.Attributes)))
		if id := s.SpanKind == trace.SpanKindClient; id != strings.Contains(fmt.Sprint(s.Attributes), "aws.request_id") && s.Status.Code != codes.Error {
			t.Errorf("%s: %v", s.Name, s.Attributes)
		}
	}
	const rpc, srp = "rpc.method=CognitoIdentityProvider/", "cognito.flow=USER_SRP_AUTH"
	want := []string{
		"cognito Start > CognitoIdentityProvider/InitiateAuth (client, Unset) cognito.answered_by=driver cognito.challenge.asked=PASSWORD_VERIFIER " + srp + " cognito.granted=false " + rpc + "InitiateAuth rpc.system.name=aws-api",
		"cognito Start > CognitoIdentityProvider/RespondToAuthChallenge (client, Unset) cognito.answered_by=driver cognito.challenge.asked=SMS_MFA cognito.challenge=PASSWORD_VERIFIER " + srp + " cognito.granted=false " + rpc + "RespondToAuthChallenge rpc.system.name=aws-api",
		" > cognito Start (internal, Unset) cognito.challenge.asked=SMS_MFA " + srp + " cognito.granted=false",
		"cognito Respond > CognitoIdentityProvider/RespondToAuthChallenge (client, Error) cognito.answered_by=caller cognito.challenge=SMS_MFA " + srp + " cognito.granted=false error.type=wrong_answer " + rpc + "RespondToAuthChallenge rpc.system.name=aws-api",
		" > cognito Respond (internal, Error) cognito.answered_by=caller cognito.challenge.asked=SMS_MFA cognito.challenge=SMS_MFA " + srp + " cognito.granted=false error.type=wrong_answer",
		"cognito Respond > CognitoIdentityProvider/RespondToAuthChallenge (client, Unset) cognito.answered_by=caller cognito.attempt=1 cognito.challenge=SMS_MFA " + srp + " cognito.granted=true " + rpc + "RespondToAuthChallenge rpc.system.name=aws-api",
		" > cognito Respond (internal, Unset) cognito.answered_by=caller cognito.attempt=1 cognito.challenge=SMS_MFA " + srp + " cognito.granted=true",
		"cognito Refresh > CognitoIdentityProvider/GetTokensFromRefreshToken (client, Unset) cognito.answered_by=driver cognito.flow=REFRESH_TOKEN_AUTH cognito.granted=true " + rpc + "GetTokensFromRefreshToken rpc.system.name=aws-api",
		" > cognito Refresh (internal, Unset) cognito.flow=REFRESH_TOKEN_AUTH cognito.granted=true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got spans\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	wantMetrics := map[string]int{
		"cognito.client.sign_ins " + srp:                           1,
		"cognito.client.sign_in.duration " + srp:                   1,
		"cognito.client.refreshes cognito.flow=REFRESH_TOKEN_AUTH": 1,
		"cognito.client.refusals error.type=wrong_answer " + rpc + "RespondToAuthChallenge rpc.system.name=aws-api":  1,
		"cognito.client.prompts cognito.challenge=SMS_MFA cognito.prompt.event=returned":                             2,
		"cognito.client.prompts cognito.challenge=SMS_MFA cognito.prompt.event=answered":                             2,
		"rpc.client.call.duration " + rpc + "InitiateAuth rpc.system.name=aws-api":                                   1,
		"rpc.client.call.duration " + rpc + "RespondToAuthChallenge rpc.system.name=aws-api":                         2,
		"rpc.client.call.duration " + rpc + "GetTokensFromRefreshToken rpc.system.name=aws-api":                      1,
		"rpc.client.call.duration error.type=wrong_answer " + rpc + "RespondToAuthChallenge rpc.system.name=aws-api": 1,
	}
	if got := r.metrics(); !maps.Equal(got, wantMetrics) {
		t.Errorf("got metrics\n%v\nwant\n%v", got, wantMetrics)
	}
}

// A sign-in that fails is counted once, with the code.
func TestSignInRefused(t *testing.T) {
	r := newRig(t)
	if _, err := r.driver.Start(t.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Wrong-Horse-7!")}); err == nil {
		t.Fatal("no error")
	}
	if n := r.metrics()["cognito.client.sign_ins cognito.flow=USER_SRP_AUTH error.type=wrong_credentials"]; n != 1 {
		t.Errorf("got %d of %v", n, r.metrics())
	}
}

// A server that invents names of challenges makes one time series, not one for each name.
func TestUnknownChallenge(t *testing.T) {
	spans, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	observe, err := otelflow.New(func(o *otelflow.Options) {
		o.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
		o.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []challenge.Name{"INVENTED_1", "INVENTED_2"} {
		_, end := observe(t.Context(), flow.Operation{Kind: flow.DriverCall, Name: "Respond", Challenge: name})
		end(flow.Outcome{Prompted: true, Asked: name})
	}
	r := &rig{T: t, spans: spans, reader: reader}
	want := map[string]int{
		"cognito.client.prompts cognito.challenge=_OTHER cognito.prompt.event=answered": 2,
		"cognito.client.prompts cognito.challenge=_OTHER cognito.prompt.event=returned": 2,
	}
	if got := r.metrics(); !maps.Equal(got, want) {
		t.Errorf("got metrics\n%v\nwant\n%v", got, want)
	}
	if shown := fmt.Sprint(spans.GetSpans()); strings.Contains(shown, "INVENTED") {
		t.Errorf("a span has an invented name: %s", shown)
	}
}

// A nil provider means the provider of the process.
func TestNilProviders(t *testing.T) {
	observe, err := otelflow.New(func(o *otelflow.Options) { o.TracerProvider, o.MeterProvider = nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	_, end := observe(t.Context(), flow.Operation{Kind: flow.DriverCall, Name: "SignIn"})
	end(flow.Outcome{Granted: true})
}

// docs/observability.md lists all metrics and attributes, and no others.
func TestDocumentedNames(t *testing.T) {
	page, err := os.ReadFile("../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, name := range regexp.MustCompile("`((?:cognito|rpc|aws|http|error)\\.[a-z_.]+)`").FindAllStringSubmatch(string(page), -1) {
		documented[name[1]] = true
	}
	source, err := os.ReadFile("otelflow.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"rpc.system.name": true, "rpc.method": true, "aws.request_id": true, "error.type": true, "http.request.resend_count": true}
	for _, name := range regexp.MustCompile(`"((?:cognito|rpc)\.[a-z_.]+)"`).FindAllStringSubmatch(string(source), -1) {
		used[name[1]] = true
	}
	if !maps.Equal(documented, used) {
		t.Errorf("documented %v, used %v", slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(used)))
	}
}
