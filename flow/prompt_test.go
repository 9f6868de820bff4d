package flow_test

import (
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

// The driver refuses a prompt of another pool, app client or kind of driver. The service would only
// say that the session is invalid.
func TestPromptOfAnotherDriver(t *testing.T) {
	pool := newCodePool(t)
	step, err := newDriver(t, pool, "public").Start(t.Context(), srpAuth(username))
	if err != nil {
		t.Fatal(err)
	}
	before := len(pool.Requests())
	for name, test := range map[string]struct {
		driver *flow.Driver
		prompt *flow.Prompt
		says   string
	}{
		"an empty prompt":    {newDriver(t, pool, "public"), &flow.Prompt{}, "the prompt is empty"},
		"another app client": {newDriver(t, pool, "secret"), step.Prompt, `of app client "public"`},
		"an administrator's": {newAdminDriver(t, pool, "public"), step.Prompt, "NewAdmin"},
		"another pool":       {(&fakeAPI{}).driver(t), step.Prompt, "eu-west-1_Fake"},
	} {
		got, err := test.driver.Respond(t.Context(), test.prompt, challenge.Code(pool.TOTP(username)))
		if err == nil || !strings.Contains(err.Error(), test.says) || got != (flow.Step{}) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if sent := len(pool.Requests()) - before; sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

// If a challenge has told USERNAME, the driver uses that name until the end of the sign-in.
func TestNameThatIsToldOnce(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{
		{challenge: challenge.CustomChallenge, params: map[string]string{"USERNAME": "the-pool-s-name"}},
		{challenge: challenge.CustomChallenge, params: map[string]string{"USER_ID_FOR_SRP": "another-name"}},
		{tokens: true},
	}}
	tokens, err := api.driver(t).SignIn(t.Context(), flow.CustomAuth{Username: username}, answering(challenge.Custom("x")))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range api.sent[1:] {
		if r.params["USERNAME"] != "the-pool-s-name" {
			t.Errorf("answered as %q", r.params["USERNAME"])
		}
	}
	if tokens.Username != "the-pool-s-name" {
		t.Errorf("signed in as %q", tokens.Username)
	}
}
