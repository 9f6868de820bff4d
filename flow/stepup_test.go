package flow_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestStepUpMetBy(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for name, test := range map[string]struct {
		wanted flow.StepUp
		tokens *flow.Tokens
		met    bool
	}{
		"no tokens":                    {flow.StepUp{Levels: []string{flow.Level1}}, nil, false},
		"tokens without a level":       {flow.StepUp{Levels: []string{flow.Level1}}, &flow.Tokens{AuthTime: now}, false},
		"no levels":                    {flow.StepUp{}, &flow.Tokens{ACR: flow.Level4}, false},
		"the level":                    {flow.StepUp{Levels: []string{flow.Level3}}, &flow.Tokens{ACR: flow.Level3}, true},
		"a higher one":                 {flow.StepUp{Levels: []string{flow.Level1}}, &flow.Tokens{ACR: flow.Level4}, true},
		"a lower one":                  {flow.StepUp{Levels: []string{flow.Level4}}, &flow.Tokens{ACR: flow.Level3}, false},
		"the second choice":            {flow.StepUp{Levels: []string{flow.Level4, flow.Level2}}, &flow.Tokens{ACR: flow.Level2}, true},
		"a name of the pool":           {flow.StepUp{Levels: []string{"gold"}}, &flow.Tokens{ACR: "gold"}, true},
		"another name of the pool":     {flow.StepUp{Levels: []string{"gold"}}, &flow.Tokens{ACR: "silver"}, false},
		"the pool's for the service's": {flow.StepUp{Levels: []string{flow.Level1}}, &flow.Tokens{ACR: "gold"}, false},
		"the service's for the pool's": {flow.StepUp{Levels: []string{"gold"}}, &flow.Tokens{ACR: flow.Level4}, false},
		"an empty level":               {flow.StepUp{Levels: []string{""}}, &flow.Tokens{}, false},
		"just in time":                 {flow.StepUp{Levels: []string{flow.Level1}, MaxAge: time.Minute}, &flow.Tokens{ACR: flow.Level1, AuthTime: ago(time.Minute)}, true},
		"too old":                      {flow.StepUp{Levels: []string{flow.Level1}, MaxAge: time.Minute}, &flow.Tokens{ACR: flow.Level1, AuthTime: ago(time.Minute + 1)}, false},
		"of unknown age":               {flow.StepUp{Levels: []string{flow.Level1}, MaxAge: time.Minute}, &flow.Tokens{ACR: flow.Level1}, false},
		"a negative age":               {flow.StepUp{Levels: []string{flow.Level1}, MaxAge: -time.Minute}, &flow.Tokens{ACR: flow.Level1, AuthTime: now}, false},
		"any age":                      {flow.StepUp{Levels: []string{flow.Level1}}, &flow.Tokens{ACR: flow.Level1, AuthTime: ago(1e6 * time.Minute)}, true},
	} {
		if got := test.wanted.MetBy(test.tokens, now); got != test.met {
			t.Errorf("%s: MetBy returns %t", name, got)
		}
	}
}

func stepUp(change func(*flow.StepUp)) flow.UserAuth {
	s := flow.StepUp{
		Levels: []string{flow.Level4, flow.Level3}, MaxAge: 5 * time.Minute,
		From: &flow.Tokens{Username: "ada", AccessToken: secret.New("the-access-token"), ACR: flow.Level1},
	}
	if change != nil {
		change(&s)
	}
	return flow.UserAuth{StepUp: &s}
}

func TestStepUpRequest(t *testing.T) {
	from := map[string]string{"USERNAME": "ada", "TARGET_ACR_VALUES": flow.Level4 + " " + flow.Level3, "MAX_AGE": "300", "ACCESS_TOKEN": "the-access-token"}
	scratch := maps.Clone(from)
	delete(scratch, "ACCESS_TOKEN")
	delete(scratch, "MAX_AGE")
	preferred := maps.Clone(from)
	preferred["PREFERRED_CHALLENGE"] = "WEB_AUTHN"
	for name, test := range map[string]struct {
		auth flow.UserAuth
		want map[string]string
	}{
		"from tokens":   {stepUp(nil), from},
		"from nothing":  {flow.UserAuth{Username: "ada", StepUp: &flow.StepUp{Levels: []string{flow.Level4, flow.Level3}}}, scratch},
		"with a factor": {flow.UserAuth{Preferred: challenge.WebAuthn, StepUp: stepUp(nil).StepUp}, preferred},
	} {
		api := &fakeAPI{replies: []fakeReply{{challenge: challenge.SelectChallenge}}}
		if _, err := api.driver(t).Start(t.Context(), test.auth); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := api.sent[0].params; !maps.Equal(got, test.want) {
			t.Errorf("%s: sent %v, want %v", name, got, test.want)
		}
	}
}

// The code of a refusal depends on the tokens and on the exception. Other tests get refusals
// from a pool.
func TestStepUpRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*flow.StepUp)
		err    error
		code   flow.Code
	}{
		"too old":      {func(s *flow.StepUp) { s.From.ACR = flow.Level3 }, &types.InvalidParameterException{}, flow.LevelUnreachable},
		"from nothing": {func(s *flow.StepUp) { s.From = nil }, &types.NotAuthorizedException{}, flow.WrongCredentials},
		// The request has a right password too, so the tokens were refused.
		"from tokens that have expired": {func(s *flow.StepUp) { s.From.Expiry = time.Now().Add(-time.Second) }, &types.NotAuthorizedException{}, flow.TokenRefused},
		"from tokens that are good":     {func(s *flow.StepUp) { s.From.Expiry = time.Now().Add(time.Hour) }, &types.NotAuthorizedException{}, flow.WrongCredentials},
	} {
		auth := stepUp(test.change)
		auth.Username, auth.Preferred, auth.Password = "ada", challenge.Password, secret.New(password)
		api := &fakeAPI{replies: []fakeReply{{err: test.err}}}
		_, err := api.driver(t).Start(t.Context(), auth)
		if !errors.Is(err, test.code) || len(api.sent) != 1 {
			t.Errorf("%s: after %d requests: %v", name, len(api.sent), err)
		}
	}
}

// If the tokens have the level, the driver sends no request and returns LevelMet.
func TestStepUpMetIsNotSent(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{tokens: true}}}
	_, err := api.driver(t).Start(t.Context(), stepUp(func(s *flow.StepUp) { s.MaxAge, s.From.ACR = 0, flow.Level4 }))
	if !errors.Is(err, flow.LevelMet) || len(api.sent) != 0 {
		t.Errorf("after %d requests: %v", len(api.sent), err)
	}
}

func TestStepUpMistakes(t *testing.T) {
	for want, change := range map[string]func(*flow.StepUp){
		"StepUp.Levels is empty":          func(s *flow.StepUp) { s.Levels = nil },
		`StepUp.Levels has "two words"`:   func(s *flow.StepUp) { s.Levels = []string{"two words"} },
		`StepUp.Levels has ""`:            func(s *flow.StepUp) { s.Levels = []string{flow.Level4, ""} },
		"StepUp.MaxAge is -1s":            func(s *flow.StepUp) { s.MaxAge = -time.Second },
		"StepUp.MaxAge is 1.5s":           func(s *flow.StepUp) { s.MaxAge = 1500 * time.Millisecond },
		"StepUp.From has no access token": func(s *flow.StepUp) { s.From = &flow.Tokens{Username: "ada"} },
		"UserAuth.Username is empty":      func(s *flow.StepUp) { s.From = &flow.Tokens{AccessToken: secret.New("access")} },
	} {
		api := &fakeAPI{replies: []fakeReply{{tokens: true}}}
		_, err := api.driver(t).Start(t.Context(), stepUp(change))
		if err == nil || !strings.Contains(err.Error(), want) || len(api.sent) != 0 {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// An error of the service may repeat the access token. The driver's error does not contain it.
func TestStepUpHidesTheAccessToken(t *testing.T) {
	message := "the-access-token is not good enough"
	api := &fakeAPI{replies: []fakeReply{{err: &types.InvalidParameterException{Message: &message}}}}
	_, err := api.driver(t).Start(t.Context(), stepUp(nil))
	if err == nil || strings.Contains(err.Error(), "the-access-token") || !strings.Contains(err.Error(), "is not good enough") {
		t.Errorf("got %v", err)
	}
}

// The service may have sent a code before its reply was lost. The driver does not repeat the
// start.
func TestStepUpIsNotRepeated(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{err: &types.InternalErrorException{}}, {tokens: true}}}
	if _, err := api.driver(t).Start(t.Context(), stepUp(nil)); !errors.Is(err, flow.ServiceFault) || len(api.sent) != 1 {
		t.Errorf("after %d requests: %v", len(api.sent), err)
	}
}

// If the tokens have expired, the error is not LevelMet.
func TestStepUpFromExpiredTokens(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{err: &types.NotAuthorizedException{}}}}
	_, err := api.driver(t).Start(t.Context(), stepUp(func(s *flow.StepUp) {
		s.MaxAge, s.From.ACR, s.From.Expiry = 0, flow.Level4, time.Now().Add(-time.Minute)
	}))
	if !errors.Is(err, flow.TokenRefused) || len(api.sent) != 1 {
		t.Errorf("after %d requests: %v", len(api.sent), err)
	}
}

// If the tokens are another user's, the driver sends the request.
func TestStepUpOfAnotherUser(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.SelectChallenge}}}
	auth := stepUp(func(s *flow.StepUp) { s.MaxAge, s.From.ACR = 0, flow.Level4 })
	auth.Username = "bob"
	if _, err := api.driver(t).Start(t.Context(), auth); err != nil || len(api.sent) != 1 {
		t.Errorf("after %d requests: %v", len(api.sent), err)
	}
}
