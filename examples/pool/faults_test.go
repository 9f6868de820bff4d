package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

// The calls fail as the file says, each fault for its pool and operation.
func TestFaults(t *testing.T) {
	ready := start(t, "-config", writeConfig(t, `{
		"pools": [
			{"id": "eu-test-1_First", "clients": [{"id": "first"}], "users": [{"name": "alice", "password": "Correct-horse-1"}]},
			{"id": "eu-test-1_Second", "clients": [{"id": "second"}], "users": [{"name": "alice", "password": "Correct-horse-1"}]}
		],
		"faults": [
			{"pool": "eu-test-1_First", "operation": "InitiateAuth", "skip": 1, "times": 2, "error": "TooManyRequestsException"},
			{"pool": "eu-test-1_First", "operation": "InitiateAuth", "drop": true}
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
			return exception.ErrorCode()
		}
		return "cut"
	}

	for i, want := range []string{"answered", "TooManyRequestsException", "TooManyRequestsException", "cut", "answered"} {
		if got := outcome("second"); got != "answered" {
			t.Errorf("call %d to the other pool: %s", i, got)
		}
		if got := outcome("first"); got != want {
			t.Errorf("call %d: %s, want %s", i, got, want)
		}
	}
}

func TestBadFaults(t *testing.T) {
	for _, test := range []struct{ fault, want string }{
		{`{"pool": "eu-test-1_B", "error": "InternalErrorException"}`, `faults[0].pool: no pool has the ID "eu-test-1_B"`},
		{`{"pool": "eu-test-1_A"}`, "faults[0]: either error or drop"},
		{`{"pool": "eu-test-1_A", "error": "InternalErrorException", "drop": true}`, "faults[0]: either error or drop"},
		{`{"pool": "eu-test-1_A", "drop": true, "times": -1}`, "faults[0]: skip and times"},
		{`{"pool": "eu-test-1_A", "drop": true, "after": 1}`, "faults[0].after: there is no such field"},
	} {
		file := writeConfig(t, `{"pools": [{"id": "eu-test-1_A", "clients": [{"id": "c"}]}], "faults": [`+test.fault+`]}`)
		if message := fails(t, 1, "-config", file); !strings.Contains(message, file+": "+test.want) {
			t.Errorf("%s: standard error %q does not say %q", test.fault, message, test.want)
		}
	}
}
