package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// If the service refuses a request that the driver sent without an answer, the refusal does not
// count as a wrong answer of the person.
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

// If the API lacks the operations to set up an app, the program is misconfigured.
func TestSetUpWithoutTheOperations(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.MFASetup, params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}}}}
	if _, err := api.driver(t).Start(t.Context(), srpAuth(username)); !errors.Is(err, flow.Misconfigured) {
		t.Errorf("got %v", err)
	}
}

// appAPI is a fakeAPI with the operations to set up an app. VerifySoftwareToken returns the status.
type appAPI struct {
	*fakeAPI
	status types.VerifySoftwareTokenResponseType
}

func (appAPI) AssociateSoftwareToken(context.Context, *cip.AssociateSoftwareTokenInput, ...func(*cip.Options)) (*cip.AssociateSoftwareTokenOutput, error) {
	return &cip.AssociateSoftwareTokenOutput{SecretCode: aws.String("JBSWY3DP")}, nil
}

func (a appAPI) VerifySoftwareToken(context.Context, *cip.VerifySoftwareTokenInput, ...func(*cip.Options)) (*cip.VerifySoftwareTokenOutput, error) {
	return &cip.VerifySoftwareTokenOutput{Status: a.status}, nil
}

// A status of the service may repeat the session. The error cuts the status after the session is
// replaced, and not before.
func TestStatusDoesNotEcho(t *testing.T) {
	const session = "session-1-of-a-fake-service" // the session that fakeAPI sends
	api := appAPI{&fakeAPI{replies: []fakeReply{{challenge: challenge.MFASetup, params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}}}}, session}
	d, err := flow.New(api, anApp)
	if err != nil {
		t.Fatal(err)
	}
	step, err := d.Start(t.Context(), flow.UserAuth{Username: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Respond(t.Context(), step.Prompt, challenge.Code("123456"))
	if !errors.Is(err, flow.WrongAnswer) || strings.Contains(err.Error(), session[:10]) {
		t.Errorf("got %v", err)
	}
}
