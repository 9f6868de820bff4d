package flow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// passwordGiven has every way to give a password, and whether it may be sent.
// The first reply is SELECT_CHALLENGE where the password is the answer to that.
var passwordGiven = map[string]struct {
	flow    flow.AuthFlow
	chosen  challenge.Answer
	maySend bool
}{
	"UserSRPAuth":                  {flow: srpAuth(username)},
	"CustomAuth":                   {flow: flow.CustomAuth{Username: username, Password: secret.New(password)}},
	"UserAuth":                     {flow: flow.UserAuth{Username: username, Password: secret.New(password)}},
	"UserAuth preferring SRP":      {flow: flow.UserAuth{Username: username, Password: secret.New(password), Preferred: challenge.PasswordSRP}},
	"UserAuth preferring a code":   {flow: flow.UserAuth{Username: username, Password: secret.New(password), Preferred: challenge.EmailOTP}},
	"CurrentPassword(PasswordSRP)": {flow.UserAuth{Username: username}, challenge.CurrentPassword(challenge.PasswordSRP, password), false},
	`CurrentPassword("")`:          {flow.UserAuth{Username: username}, challenge.CurrentPassword("", password), false},
	"Choose(PasswordSRP)":          {flow.UserAuth{Username: username, Password: secret.New(password)}, challenge.Choose(challenge.PasswordSRP), false},

	"UserPasswordAuth":             {flow: passwordAuth(username), maySend: true},
	"UserAuth preferring PASSWORD": {flow: flow.UserAuth{Username: username, Password: secret.New(password), Preferred: challenge.Password}, maySend: true},
	"CurrentPassword(Password)":    {flow.UserAuth{Username: username}, challenge.CurrentPassword(challenge.Password, password), true},
	"Choose(Password)":             {flow.UserAuth{Username: username, Password: secret.New(password)}, challenge.Choose(challenge.Password), true},
}

// Whatever the service asks, and whichever handler of the program falls for it,
// a password that was given to be proved does not leave the machine.
func TestPasswordGivenAndAskedFor(t *testing.T) {
	asked := map[string]struct {
		challenge challenge.Name
		answer    challenge.Answer // of one of Options.Handlers
	}{
		"PASSWORD, Raw":         {challenge.Password, challenge.Raw(map[string]string{"PASSWORD": password})},
		"CUSTOM_CHALLENGE":      {challenge.CustomChallenge, challenge.Custom(password)},
		"CUSTOM_CHALLENGE, Raw": {challenge.CustomChallenge, challenge.Raw(map[string]string{"ANSWER": password})},
		"SMS_MFA":               {challenge.SMSMFA, challenge.Code(password)},
		"a challenge of later":  {"FACE_SCAN", challenge.Raw(map[string]string{"FACE": password})},
		"PASSWORD of later":     {"FACE_SCAN", challenge.Raw(map[string]string{"PASSWORD": password})},
		"an attribute":          {challenge.NewPasswordRequired, challenge.NewPassword("Battery-Staple-8?", map[string]string{"nickname": password})},
	}
	for given, g := range passwordGiven {
		for name, a := range asked {
			t.Run(given+", "+name, func(t *testing.T) {
				api := &fakeAPI{replies: []fakeReply{{challenge: a.challenge}, {tokens: true}}}
				if g.chosen.String() != "no answer" {
					choice := fakeReply{challenge: challenge.SelectChallenge, available: []types.ChallengeNameType{"PASSWORD", "PASSWORD_SRP"}}
					api.replies = append([]fakeReply{choice}, api.replies...)
				}
				_, err := api.driver(t, func(o *flow.Options) {
					o.Handlers = challenge.Mux{a.challenge: answering(a.answer)}
				}).SignIn(t.Context(), g.flow, challenge.Mux{challenge.SelectChallenge: answering(g.chosen)})

				sent := strings.Contains(fmt.Sprint(api.sent), password)
				if g.maySend {
					if !sent || errors.Is(err, flow.PasswordInClear) {
						t.Errorf("sent: %v, %v", sent, err)
					}
					return
				}
				if sent || !errors.Is(err, flow.PasswordInClear) {
					t.Errorf("sent: %v, %v", sent, err)
				}
				if e := flowError(t, err); e.Challenge != a.challenge || e.Operation != "" || e.Prompt != nil || e.Remedy() != "" {
					t.Errorf("got %+v", e)
				}
				for _, part := range []string{"UserPasswordAuth", "UserAuth with Preferred Password", "CurrentPassword(challenge.Password)"} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not say how to allow it: %s", err, part)
					}
				}
				if strings.Contains(err.Error(), password) {
					t.Errorf("%q tells the password", err)
				}
			})
		}
	}
}

// The first request is no exception.
func TestPasswordInTheFirstRequest(t *testing.T) {
	for _, key := range []string{"PASSWORD", "SRP_A"} {
		api := &fakeAPI{replies: []fakeReply{{tokens: true}}}
		_, err := api.driver(t, func(o *flow.Options) {
			o.Handlers = challenge.Mux{challenge.PasswordSRP: answering(challenge.Raw(map[string]string{key: password}))}
		}).Start(t.Context(), srpAuth(username))
		if !errors.Is(err, flow.PasswordInClear) || len(api.sent) != 0 {
			t.Errorf("%s: %d requests, %v", key, len(api.sent), err)
		}
	}
}

// A new password is judged by the pool, also where it is the present one.
func TestNewPasswordThatIsTheOldOne(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.NewPasswordRequired}, {tokens: true}}}
	_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), answering(challenge.NewPassword(password, nil)))
	if err != nil || api.sent[1].params["NEW_PASSWORD"] != password {
		t.Errorf("got %v", err)
	}
}

// What the protocol says itself is no password, whatever the password is.
func TestPasswordThatIsAWordOfTheProtocol(t *testing.T) {
	for word, f := range map[string]func(secret.String) flow.AuthFlow{
		"SRP_A": func(p secret.String) flow.AuthFlow { return flow.CustomAuth{Username: username, Password: p} },
		"PASSWORD_SRP": func(p secret.String) flow.AuthFlow {
			return flow.UserAuth{Username: username, Password: p, Preferred: challenge.PasswordSRP}
		},
		username: func(p secret.String) flow.AuthFlow { return flow.UserSRPAuth{Username: username, Password: p} },
	} {
		api := &fakeAPI{replies: []fakeReply{{tokens: true}}}
		if _, err := api.driver(t).Start(t.Context(), f(secret.New(word))); err != nil {
			t.Errorf("%s: %v", word, err)
		}
	}
}

// A form field that was left empty is not the wish to sign in without a password.
func TestCustomAuthWithAnEmptyPassword(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{tokens: true}}}
	d := api.driver(t)
	_, err := d.Start(t.Context(), flow.CustomAuth{Username: username, Password: secret.New("")})
	if !errors.Is(err, flow.WrongCredentials) || !strings.Contains(err.Error(), "CustomAuth.Password is empty; leave the field out") || len(api.sent) != 0 {
		t.Errorf("%d requests, %v", len(api.sent), err)
	}
	if _, err := d.Start(t.Context(), flow.CustomAuth{Username: username}); err != nil || len(api.sent) != 1 || api.sent[0].params["SRP_A"] != "" {
		t.Errorf("without a password: %v, sent %v", err, api.sent)
	}
}

// Nobody gave a password to be proved: a handler of the program may send its own.
func TestHandlerWithAPasswordOfItsOwn(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.Password}, {tokens: true}}}
	_, err := api.driver(t, func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.Password: challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			return challenge.CurrentPassword(challenge.Password, password), nil
		})}
	}).Start(t.Context(), flow.UserAuth{Username: username})
	if err != nil || api.sent[1].params["PASSWORD"] != password {
		t.Errorf("got %v", err)
	}
}
