package flow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// passwordGiven has every way to give a password, and whether the driver may send the password.
// If chosen is set, the service first asks SELECT_CHALLENGE.
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

// The driver does not send a password that the caller gave for a proof. A challenge of the
// service or an answer of a handler does not change that.
func TestPasswordGivenAndAskedFor(t *testing.T) {
	asked := map[string]struct {
		challenge challenge.Name
		answer    challenge.Answer // from Options.Handlers
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
						t.Errorf("%q does not name a way to send the password: %s", err, part)
					}
				}
				if strings.Contains(err.Error(), password) {
					t.Errorf("%q contains the password", err)
				}
			})
		}
	}
}

// The first request does not have the password either.
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

// The driver sends a new password that equals the present one. The pool decides whether to
// accept the new password.
func TestNewPasswordThatIsTheOldOne(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.NewPasswordRequired}, {tokens: true}}}
	_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), answering(challenge.NewPassword(password, nil)))
	if err != nil || api.sent[1].params["NEW_PASSWORD"] != password {
		t.Errorf("got %v", err)
	}
}

// If the password equals a word of the protocol or the user name, the driver sends the word.
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

// An empty password is an error, because a user may have left a form field empty. A sign-in
// without a password leaves the field of CustomAuth out.
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

// If the caller gave no password, a handler may send one.
func TestHandlerMaySendAPassword(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.Password}, {tokens: true}}}
	_, err := api.driver(t, func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.Password: answering(challenge.CurrentPassword(challenge.Password, password))}
	}).Start(t.Context(), flow.UserAuth{Username: username})
	if err != nil || api.sent[1].params["PASSWORD"] != password {
		t.Errorf("got %v", err)
	}
}
