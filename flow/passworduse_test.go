package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// No request has a password that the caller gave for a proof. A challenge of the service or an
// answer of a handler does not change that.
func TestPasswordForAProofIsNotSent(t *testing.T) {
	pass := secret.New(password)
	offers := fakeReply{challenge: challenge.SelectChallenge, available: []types.ChallengeNameType{"PASSWORD"}}
	asks := fakeReply{challenge: challenge.Password}
	custom := fakeReply{challenge: challenge.CustomChallenge}
	for name, test := range map[string]struct {
		flow    flow.AuthFlow
		replies []fakeReply
		answer  challenge.Answer
		code    flow.Code
	}{
		"SRP, and the handler chooses PASSWORD": {
			flow.UserSRPAuth{Username: username, Password: pass}, []fakeReply{offers, asks}, challenge.Choose(challenge.Password), ""},
		"SRP, and the handler sends it": {
			flow.UserSRPAuth{Username: username, Password: pass}, []fakeReply{asks},
			challenge.Raw(map[string]string{"PASSWORD": password}), flow.PasswordInClear},
		"custom, and the handler answers with it": {
			flow.CustomAuth{Username: username, Password: pass}, []fakeReply{custom}, challenge.Custom(password), flow.PasswordInClear},
		"a choice that the pool does not offer": {
			flow.UserAuth{Username: username}, []fakeReply{offers}, challenge.CurrentPassword("", password), flow.AnswerNotUsable},
		"SRP, and the service asks for it": {
			flow.UserSRPAuth{Username: username, Password: pass}, []fakeReply{asks}, challenge.Answer{}, flow.AnswerNotUsable},
	} {
		api := &fakeAPI{replies: test.replies}
		asked := 0
		_, err := api.driver(t).SignIn(t.Context(), test.flow, challenge.HandlerFunc(
			func(context.Context, challenge.Challenge) (challenge.Answer, error) {
				if asked++; test.code == "" && asked > 1 {
					return challenge.Answer{}, challenge.ErrNoAnswer
				}
				return test.answer, nil
			}), func(o *flow.Options) { o.Limits.Refusals = 2 })
		if err == nil || test.code != "" && !errors.Is(err, test.code) {
			t.Errorf("%s: got %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("%s: the error contains the password: %v", name, err)
		}
		for _, q := range api.sent {
			for parameter, value := range q.params {
				if strings.Contains(value, password) {
					t.Errorf("%s: %s of %s%s is the password", name, parameter, q.flow, q.challenge)
				}
			}
		}
	}
	// If the caller chooses to send the password, the driver sends it.
	api := &fakeAPI{replies: []fakeReply{offers, {tokens: true}}}
	_, err := api.driver(t).SignIn(t.Context(), flow.UserAuth{Username: username}, answering(challenge.CurrentPassword(challenge.Password, password)))
	if err != nil || api.sent[len(api.sent)-1].params["PASSWORD"] != password {
		t.Errorf("CurrentPassword(Password): %v", err)
	}
}
