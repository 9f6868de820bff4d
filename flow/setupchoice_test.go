package flow_test

import (
	"errors"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

// A service may leave out what can be set up. A choice is possible all the same.
func TestChoiceOfASetUpThatIsNotListed(t *testing.T) {
	for name, keep := range keeping {
		t.Run(name, func(t *testing.T) {
			api := &fakeAPI{replies: []fakeReply{{challenge: challenge.MFASetup}, {tokens: true}}}
			d := api.driver(t)
			step, err := d.Start(t.Context(), srpAuth(username))
			if err != nil {
				t.Fatal(err)
			}
			step, err = d.Respond(t.Context(), keep(t, step.Prompt), challenge.Choose(challenge.EmailOTP))
			if err != nil {
				t.Fatal(err)
			}
			if step, err = d.Respond(t.Context(), keep(t, step.Prompt), challenge.Email(email)); err != nil || step.Tokens == nil {
				t.Error(err)
			}
		})
	}
}

// Who answers with the same choice for ever is stopped like everybody else.
func TestChoiceForEver(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.MFASetup, params: map[string]string{
		"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`,
	}}}}
	_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), answering(challenge.Choose(challenge.EmailOTP)))
	if !errors.Is(err, flow.LimitReached) || len(api.sent) != 1 {
		t.Errorf("%d requests, then %v", len(api.sent), err)
	}
}
