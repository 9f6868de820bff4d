package flow_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A second CUSTOM_CHALLENGE in a row counts as an attempt. The driver does not know whether the
// answer was wrong or the trigger has another question.
func TestAttemptsAtACustomChallenge(t *testing.T) {
	asks := func(name challenge.Name) fakeReply { return fakeReply{challenge: name} }
	api := &fakeAPI{replies: []fakeReply{
		asks(challenge.CustomChallenge), asks(challenge.CustomChallenge), asks(challenge.CustomChallenge), asks(challenge.SMSMFA),
		asks(challenge.CustomChallenge), {tokens: true},
	}}
	var got []string
	_, err := api.driver(t).SignIn(t.Context(), flow.CustomAuth{Username: username}, challenge.HandlerFunc(
		func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
			got = append(got, fmt.Sprint(c.Name, " ", c.Attempt, " ", c.Reason == challenge.ErrAskedAgain))
			if c.Name == challenge.SMSMFA {
				return challenge.Code("123456"), nil
			}
			return challenge.Custom("x"), nil
		}))
	want := []string{
		"CUSTOM_CHALLENGE 0 false", "CUSTOM_CHALLENGE 1 true", "CUSTOM_CHALLENGE 2 true", "SMS_MFA 0 false", "CUSTOM_CHALLENGE 0 false",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// If a handler gives SRP_A, the driver sends that SRP_A. If not, the driver makes one with the
// password.
func TestFirstMessageOfTheCaller(t *testing.T) {
	for name, given := range map[string]map[string]string{"of the caller": {"SRP_A": "abcdef"}, "of the driver": nil} {
		api := &fakeAPI{replies: []fakeReply{{challenge: challenge.PasswordSRP}, {tokens: true}}}
		_, err := api.driver(t).SignIn(t.Context(), flow.UserAuth{Username: username, Password: secret.New(password)}, nil, func(o *flow.Options) {
			o.Handlers = challenge.Mux{challenge.PasswordSRP: onceThen(challenge.Raw(given))}
		})
		if err != nil || len(api.sent) != 2 {
			t.Fatalf("%s: %d requests, %v", name, len(api.sent), err)
		}
		if got := api.sent[1].params["SRP_A"]; got == "" || (got == "abcdef") != (given != nil) {
			t.Errorf("%s: sent %q", name, got)
		}
	}
}

// onceThen returns a handler that answers once. From then on the handler has no answer.
func onceThen(a challenge.Answer) challenge.Handler {
	asked := false
	return challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		if asked {
			return challenge.Answer{}, challenge.ErrNoAnswer
		}
		asked = true
		return a, nil
	})
}

// Without a preference, the driver does not send PREFERRED_CHALLENGE. The service refuses an empty
// one.
func TestNoPreference(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.SelectChallenge, available: []types.ChallengeNameType{"EMAIL_OTP"}}}}
	if _, err := api.driver(t).Start(t.Context(), flow.UserAuth{Username: username}); err != nil {
		t.Fatal(err)
	}
	if preferred, has := api.sent[0].params["PREFERRED_CHALLENGE"]; has {
		t.Errorf("sent %q", preferred)
	}
}
