package flow_test

import (
	"cmp"
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

// fakeAPI is a service that replies to each request with the next reply, and repeats the last
// reply. A test can give replies that no pool sends.
type fakeAPI struct {
	app     flow.App // fakeApp if empty
	replies []fakeReply
	sent    []fakeRequest
}

var fakeApp = flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"}

var someTokens = &types.AuthenticationResultType{AccessToken: aws.String("opaque"), ExpiresIn: 3600}

type fakeReply struct {
	challenge challenge.Name
	params    map[string]string
	available []types.ChallengeNameType
	tokens    bool
	empty     bool // a result without tokens
	result    *types.AuthenticationResultType
	noSession bool
	err       error
}

type fakeRequest struct {
	flow      types.AuthFlowType
	challenge challenge.Name
	params    map[string]string
	session   string
}

// name returns the auth flow or the challenge of the request.
func (q fakeRequest) name() string { return cmp.Or(string(q.flow), string(q.challenge)) }

func (a *fakeAPI) driver(t testing.TB, optFns ...func(*flow.Options)) *flow.Driver {
	t.Helper()
	if a.app.ClientID == "" {
		a.app = fakeApp
	}
	d, err := flow.New(a, a.app, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (a *fakeAPI) next(q fakeRequest) (fakeReply, *string, *types.AuthenticationResultType) {
	a.sent = append(a.sent, q)
	r := a.replies[min(len(a.sent), len(a.replies))-1]
	switch {
	case r.empty:
		return r, nil, &types.AuthenticationResultType{}
	case r.tokens:
		return r, nil, someTokens
	case r.result != nil:
		return r, nil, r.result
	}
	if r.noSession {
		return r, nil, nil
	}
	return r, aws.String(fmt.Sprintf("session-%d-of-a-fake-service", len(a.sent))), nil
}

func (a *fakeAPI) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	r, session, tokens := a.next(fakeRequest{flow: in.AuthFlow, params: in.AuthParameters, session: aws.ToString(in.Session)})
	if r.err != nil {
		return nil, r.err
	}
	return &cip.InitiateAuthOutput{
		ChallengeName: types.ChallengeNameType(r.challenge), ChallengeParameters: r.params, AvailableChallenges: r.available,
		Session: session, AuthenticationResult: tokens,
	}, nil
}

func (a *fakeAPI) RespondToAuthChallenge(_ context.Context, in *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	r, session, tokens := a.next(fakeRequest{
		challenge: challenge.Name(in.ChallengeName), params: in.ChallengeResponses, session: aws.ToString(in.Session),
	})
	if r.err != nil {
		return nil, r.err
	}
	return &cip.RespondToAuthChallengeOutput{
		ChallengeName: types.ChallengeNameType(r.challenge), ChallengeParameters: r.params,
		Session: session, AuthenticationResult: tokens,
	}, nil
}
