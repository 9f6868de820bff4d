package flow_test

import (
	"context"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/chains"
)

// onlyDocumented are the values that no pool sends or needs. The test of each value proves that
// the value needs no chain.
var onlyDocumented = map[string]func(*testing.T){
	// The driver sends the synonym REFRESH_TOKEN_AUTH.
	string(types.AuthFlowTypeRefreshToken): func(t *testing.T) {
		if !driven(t)[string(types.AuthFlowTypeRefreshTokenAuth)] {
			t.Error("no chain has REFRESH_TOKEN_AUTH either")
		}
	},
	// As an auth flow, the value has chains.
	"challenge ADMIN_NO_SRP_AUTH": func(t *testing.T) { promptedAndAnsweredRaw(t, challenge.AdminNoSRPAuth) },
}

// driven has the auth flows and the challenges of all chains. The key of a challenge begins
// with the word challenge.
func driven(t testing.TB) map[string]bool {
	all := make(map[string]bool)
	for _, text := range chains.All() {
		p := readChain(t, text)
		all[p.Start.Name] = true
		for _, e := range p.Steps {
			all["challenge "+e.Name] = true
		}
	}
	return all
}

// TestEnumsCovered wants each value of the service's enumerations to be in a chain, or to have
// a row in onlyDocumented. TestChains runs all chains.
func TestEnumsCovered(t *testing.T) {
	var values []string
	for _, v := range types.AuthFlowType("").Values() {
		values = append(values, string(v))
	}
	for _, v := range types.ChallengeNameType("").Values() {
		values = append(values, "challenge "+string(v))
	}
	chained := driven(t)
	for _, value := range values {
		t.Run(value, func(t *testing.T) {
			proof := onlyDocumented[value]
			switch {
			case chained[value] && proof != nil:
				t.Error("the value has a chain and a row in onlyDocumented")
			case proof != nil:
				proof(t)
			case !chained[value]:
				t.Error("the value has no chain and no row in onlyDocumented")
			}
		})
	}
	for value := range maps.Keys(onlyDocumented) {
		if !slices.Contains(values, value) {
			t.Errorf("%s is no value of the service", value)
		}
	}
}

// The tables of the documentation name each value.
func TestEnumsDocumented(t *testing.T) {
	documents := map[string][]string{"../README.md": nil, "authflow.go": nil, "../challenge/doc.go": nil}
	for _, v := range types.AuthFlowType("").Values() {
		documents["../README.md"] = append(documents["../README.md"], string(v))
		documents["authflow.go"] = append(documents["authflow.go"], string(v))
	}
	for _, v := range types.ChallengeNameType("").Values() {
		documents["../README.md"] = append(documents["../README.md"], string(v))
		documents["../challenge/doc.go"] = append(documents["../challenge/doc.go"], string(v))
	}
	for file, values := range documents {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range values {
			if !regexp.MustCompile(`\b` + value + `\b`).Match(text) {
				t.Errorf("%s does not mention %s", file, value)
			}
		}
	}
}

// promptedAndAnsweredRaw has a service ask a challenge that no handler knows. The caller must
// get the challenge, and can answer with challenge.Raw.
func promptedAndAnsweredRaw(t *testing.T, name challenge.Name) {
	t.Helper()
	api := &fakeAPI{replies: []fakeReply{
		{challenge: name, params: map[string]string{"HINT": "left"}},
		{tokens: true},
	}}
	d := api.driver(t)
	step, err := d.Start(t.Context(), srpAuth(username))
	if err != nil {
		t.Fatal(err)
	}
	if step.Prompt == nil || step.Prompt.Challenge().Name != name || step.Prompt.Challenge().Parameters["HINT"] != "left" {
		t.Fatalf("%s did not reach the caller with its parameters", name)
	}
	step, err = d.Respond(t.Context(), step.Prompt, challenge.Raw(map[string]string{"ANSWER": "right"}))
	if err != nil || step.Tokens == nil {
		t.Fatalf("an answer with challenge.Raw: %v", err)
	}
	sent := api.sent[1]
	if sent.challenge != name || sent.params["ANSWER"] != "right" || sent.params["USERNAME"] != username || sent.session == "" {
		t.Errorf("sent %+v", sent)
	}
}

// The driver does not know a challenge that AWS will add. A caller or a handler can answer it.
func TestUnknownChallenge(t *testing.T) {
	promptedAndAnsweredRaw(t, "RETINA_SCAN")
	api := &fakeAPI{replies: []fakeReply{{challenge: "RETINA_SCAN"}, {tokens: true}}}
	scan := challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		return challenge.Raw(map[string]string{"EYE": "blue"}), nil
	})
	d := api.driver(t, func(o *flow.Options) { o.Handlers = challenge.Mux{"RETINA_SCAN": scan} })
	if _, err := d.SignIn(t.Context(), srpAuth(username), nil); err != nil {
		t.Fatal(err)
	}
	if api.sent[1].params["EYE"] != "blue" {
		t.Errorf("sent %+v", api.sent[1])
	}
}
