package flow_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// A refusal of what the driver sent by itself is not a person's wrong answer.
func TestRefusedSetUpIsNotRepeated(t *testing.T) {
	for name, fault := range map[string]cognitotest.Fault{
		"of the secret": {Operation: "AssociateSoftwareToken", Error: "InvalidParameterException", Times: 20},
		"of the answer": {Operation: "RespondToAuthChallenge", Skip: 1, Error: "InvalidParameterException", Times: 20},
	} {
		t.Run(name, func(t *testing.T) {
			pool := newPool(t, setsUpAnApp, ada)
			pool.Fail(fault)
			before := len(calls(pool, fault.Operation))
			_, err := newDriver(t, pool, "public").SignIn(t.Context(), srpAuth("ada"), challenge.HandlerFunc(
				func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) { return appCode(t, c), nil }))
			if !is[*types.InvalidParameterException](err) || errors.Is(err, flow.LimitReached) {
				t.Errorf("got %v", err)
			}
			if sent := len(calls(pool, fault.Operation)) - before; sent != 1+fault.Skip {
				t.Errorf("%d calls of %s", sent, fault.Operation)
			}
		})
	}
}

// An API without the operations is a fault of the program, and not of the pool.
func TestSetUpWithoutTheOperations(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.MFASetup, params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}}}}
	if _, err := api.driver(t).Start(t.Context(), srpAuth(username)); !errors.Is(err, flow.Misconfigured) {
		t.Errorf("got %v", err)
	}
}
