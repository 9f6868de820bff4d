package cognitotest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

func TestFaults(t *testing.T) {
	r := newRig(t, nil)
	login := func() error {
		_, err := r.login("alice")
		return err
	}
	r.pool.Fail(
		Fault{Operation: "GetUser", Error: "InternalErrorException"},
		Fault{Operation: "InitiateAuth", Skip: 1, Times: 2, Error: "TooManyRequestsException"},
		Fault{Error: "ServiceUnavailableException", Status: 502},
	)
	if err := login(); err != nil {
		t.Fatalf("skipped call: %v", err)
	}
	if left := r.pool.Faults(); len(left) != 3 || left[1].Skip != 0 || left[1].Times != 2 {
		t.Errorf("faults left after the skipped call: %+v", left)
	}
	wantError(t, login(), "TooManyRequestsException", "")
	wantError(t, login(), "TooManyRequestsException", "")
	err := login()
	wantError(t, err, "ServiceUnavailableException", "")
	if !strings.Contains(err.Error(), "StatusCode: 502") {
		t.Errorf("status: %v", err)
	}
	if err := login(); err != nil {
		t.Errorf("after the faults: %v", err)
	}
	if left := r.pool.Faults(); len(left) != 1 || left[0].Operation != "GetUser" {
		t.Errorf("faults left: %+v", left)
	}

	r.pool.Fail(Fault{Drop: true})
	if err := login(); err == nil {
		t.Error("call answered on a dropped connection")
	}
	if got := len(r.pool.Requests()); got != 6 {
		t.Errorf("%d requests recorded, want 6", got)
	}
}

// Fail panics about a fault that cannot hit a call: the test that sets the fault is wrong.
func TestBadFaults(t *testing.T) {
	p := newRig(t, nil).pool
	for want, fault := range map[string]Fault{
		`operation: the pool has no operation "initiateauth"`: {Operation: "initiateauth", Drop: true},
		`error: "NoSuchThing" does not end in "Exception"`:    {Error: "NoSuchThing"},
		"error: missing":                    {Operation: "InitiateAuth"},
		"drop: the fault has an error":      {Error: "InternalErrorException", Drop: true},
		"skip: -1 is negative":              {Skip: -1, Drop: true},
		"times: -1 is negative":             {Times: -1, Drop: true},
		"delayMilliseconds: -1 is negative": {DelayMilliseconds: -1, Drop: true},
		"afterWork: a call":                 {AfterWork: true, DelayMilliseconds: 1},
		"status: 200 is not between":        {Error: "InternalErrorException", Status: 200},
		"status: a status needs an error":   {Drop: true, Status: 500},
	} {
		wantPanic(t, "cognitotest: Fail: faults[1]."+want, func() { p.Fail(Fault{Drop: true}, fault) })
		if left := p.Faults(); len(left) > 0 {
			t.Errorf("%s: armed all the same: %v", want, left)
		}
	}
}

// The pool does the work and loses the answer: the session is spent.
func TestFaultAfterWork(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Dialect.Session = "ALWAYS" })
	for _, fault := range []Fault{
		{Operation: "RespondToAuthChallenge", AfterWork: true, Drop: true},
		{Operation: "RespondToAuthChallenge", AfterWork: true, Error: "InternalErrorException"},
	} {
		out, answer := r.startSRP("alice", password)
		r.pool.Fail(fault)
		if _, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer); err == nil {
			t.Fatal("no fault")
		}
		_, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer)
		wantError(t, err, "NotAuthorizedException", "Invalid session")
	}
}

// A delay ends with the request, so that a test can show the timeout of a caller.
func TestFaultDelay(t *testing.T) {
	r := newRig(t, nil)
	token := r.tokens().AccessToken
	r.pool.Fail(Fault{DelayMilliseconds: 3_600_000})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := r.sdk.GetUser(ctx, &cip.GetUserInput{AccessToken: token})
	if err == nil {
		t.Error("answered before the delay was over")
	}
	r.pool.Fail(Fault{DelayMilliseconds: 1})
	if _, err := r.login("alice"); err != nil {
		t.Errorf("after a delay alone: %v", err)
	}
}

func TestRequests(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.sdk.InitiateAuth(context.Background(), &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String(publicApp),
		AuthParameters: map[string]string{"USERNAME": "nobody", "PASSWORD": "x"},
		ClientMetadata: map[string]string{"trace": "42"},
	})
	wantError(t, err, "UserNotFoundException", "")
	got := r.pool.Requests()
	if len(got) != 1 || got[0].Operation != "InitiateAuth" {
		t.Fatalf("requests %v", got)
	}
	metadata, ok := got[0].Body["ClientMetadata"].(map[string]any)
	if !ok || metadata["trace"] != "42" {
		t.Errorf("body %v", got[0].Body)
	}
}
