package otelflow_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/otelflow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A program that has set the providers of the process calls otelflow.New without options.
func ExampleNew() {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-central-1_Ab12Cd34E",
		Clients: []cognitotest.ClientConfig{{ID: "1example23456789"}},
		Users:   []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	running := httptest.NewServer(server) // stands in for the service
	defer running.Close()
	client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: "eu-central-1", BaseEndpoint: &running.URL, Credentials: aws.AnonymousCredentials{},
	})

	spans := tracetest.NewInMemoryExporter()
	observe, err := otelflow.New(func(o *otelflow.Options) {
		o.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	})
	if err != nil {
		log.Fatal(err)
	}
	driver, err := flow.New(client, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}, func(o *flow.Options) { o.Observe = observe })
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
