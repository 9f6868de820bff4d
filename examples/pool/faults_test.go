package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A fault of the file makes calls of its pool and operation fail.
func TestFaults(t *testing.T) {
	ready := start(t, "-config", writeConfig(t, `{
		"pools": [
			{"id": "eu-test-1_First", "clients": [{"id": "first"}], "users": [{"name": "alice", "password": "Correct-horse-1"}]},
			{"id": "eu-test-1_Second", "clients": [{"id": "second"}], "users": [{"name": "alice", "password": "Correct-horse-1"}]}
		],
		"faults": [
			{"pool": "eu-test-1_First", "operation": "InitiateAuth", "skip": 1, "times": 2, "error": "TooManyRequestsException"},
			{"pool": "eu-test-1_First", "operation": "InitiateAuth", "drop": true, "delayMilliseconds": 1, "afterWork": true},
			{"pool": "eu-test-1_First", "error": "InternalErrorException", "status": 503}
		]}`))()
	outcome := func(clientID string) string {
		_, err := client(ready.Endpoint).InitiateAuth(t.Context(), &cip.InitiateAuthInput{
			AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: &clientID,
			AuthParameters: map[string]string{"USERNAME": "alice", "SRP_A": "2"},
		}, func(o *cip.Options) { o.Retryer = aws.NopRetryer{} })
		var exception smithy.APIError
		switch {
		case err == nil:
			return "answered"
		case errors.As(err, &exception):
			var response *smithyhttp.ResponseError
			if errors.As(err, &response) && response.HTTPStatusCode() != http.StatusBadRequest {
				return fmt.Sprint(exception.ErrorCode(), " ", response.HTTPStatusCode())
			}
			return exception.ErrorCode()
		}
		return "cut"
	}

	for i, want := range []string{"answered", "TooManyRequestsException", "TooManyRequestsException", "cut", "InternalErrorException 503", "answered"} {
		if got := outcome("second"); got != "answered" {
			t.Errorf("call %d to the other pool: %s", i, got)
		}
		if got := outcome("first"); got != want {
			t.Errorf("call %d: %s, want %s", i, got, want)
		}
	}
}

// In a file with one pool, a fault needs no pool.
func TestFaultsOfTheOnlyPool(t *testing.T) {
	ready := start(t, "-config", writeConfig(t, `{
		"pools": [{"id": "eu-test-1_A", "clients": [{"id": "c"}]}],
		"faults": [{"error": "TooManyRequestsException"}]}`))()
	_, err := client(ready.Endpoint).SignUp(t.Context(), &cip.SignUpInput{ClientId: aws.String("c"), Username: aws.String("bob"), Password: aws.String("Correct-horse-1")},
		func(o *cip.Options) { o.Retryer = aws.NopRetryer{} })
	var exception smithy.APIError
	if !errors.As(err, &exception) || exception.ErrorCode() != "TooManyRequestsException" {
		t.Errorf("error %v, want TooManyRequestsException", err)
	}
}

func TestBadFaults(t *testing.T) {
	const one, two = `{"id": "eu-test-1_A", "clients": [{"id": "c"}]}`, `{"id": "eu-test-1_A", "clients": [{"id": "c"}]}, {"id": "eu-test-1_B", "clients": [{"id": "d"}]}`
	for _, test := range []struct{ pools, fault, want string }{
		{one, `{"pool": "eu-test-1_B", "error": "InternalErrorException"}`, `faults[0].pool: no pool has the ID "eu-test-1_B"`},
		{two, `{"error": "InternalErrorException"}`, "faults[0].pool: missing, want the ID of a pool"},
		{one, `{"operation": "initiateauth", "drop": true}`, `faults[0].operation: the pool has no operation "initiateauth"`},
		{one, `{"drop": true, "after": 1}`, "faults[0].after: there is no such field"},
	} {
		file := writeConfig(t, `{"pools": [`+test.pools+`], "faults": [`+test.fault+`]}`)
		if message := fails(t, 1, "-config", file); !strings.Contains(message, file+": "+test.want) {
			t.Errorf("%s: standard error %q does not say %q", test.fault, message, test.want)
		}
	}
}
