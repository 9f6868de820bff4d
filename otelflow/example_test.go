package otelflow_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/otelflow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A program that has set the providers of the process calls otelflow.New without options.
// This program keeps the spans in memory, and prints them.
func ExampleNew() {
	client, app, stop := startPool()
	defer stop()
	spans := tracetest.NewInMemoryExporter()
	observe, err := otelflow.New(func(o *otelflow.Options) {
		o.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	})
	if err != nil {
		log.Fatal(err)
	}
	driver, err := flow.New(client, app, func(o *flow.Options) { o.Observe = observe })
	if err != nil {
		log.Fatal(err)
	}
	_, err = driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range spans.GetSpans() {
		fmt.Println(s.Name, s.SpanKind)
	}
	// Output:
	// CognitoIdentityProvider/InitiateAuth client
	// CognitoIdentityProvider/RespondToAuthChallenge client
	// cognito SignIn internal
}

// This program counts sign-ins in memory, and prints the counts with their attributes. The
// attribute error.type has the code of the error.
func ExampleNew_metrics() {
	client, app, stop := startPool()
	defer stop()
	reader := metric.NewManualReader()
	observe, err := otelflow.New(func(o *otelflow.Options) {
		o.MeterProvider = metric.NewMeterProvider(metric.WithReader(reader))
	})
	if err != nil {
		log.Fatal(err)
	}
	driver, err := flow.New(client, app, func(o *flow.Options) { o.Observe = observe })
	if err != nil {
		log.Fatal(err)
	}
	for _, password := range []string{"Wrong-Horse-7!", "Wrong-Horse-8!", "Correct-Horse-7!"} {
		_, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New(password)}, nil)
		if err != nil {
			fmt.Println("refused")
		}
	}
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		log.Fatal(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if m.Name != "cognito.client.sign_ins" {
			continue
		}
		for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
			code, _ := p.Attributes.Value("error.type")
			fmt.Printf("%d sign-ins, error.type %q\n", p.Value, code.AsString())
		}
	}
	// Unordered output:
	// refused
	// refused
	// 2 sign-ins, error.type "wrong_credentials"
	// 1 sign-ins, error.type ""
}

// startPool runs a pool in this process, instead of the service.
func startPool() (client *cognitoidentityprovider.Client, app flow.App, stop func()) {
	pool, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-central-1_Ab12Cd34E",
		Clients: []cognitotest.ClientConfig{{ID: "1example23456789"}},
		Users:   []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(pool)
	client = cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{},
	})
	return client, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}, server.Close
}
