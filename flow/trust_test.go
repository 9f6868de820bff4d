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

// asking returns a service that asks a challenge and refuses the answer.
func asking(name challenge.Name, available ...types.ChallengeNameType) *fakeAPI {
	return &fakeAPI{app: anApp, replies: []fakeReply{{challenge: name, available: available}, {err: &types.NotAuthorizedException{}}}}
}

// If an auth flow proves the password, the driver does not send the password when the peer asks
// for it.
func TestPasswordIsNotSentForTheAsking(t *testing.T) {
	for _, f := range []flow.AuthFlow{
		srpAuth(username),
		flow.CustomAuth{Username: username, Password: secret.New(password)},
		flow.UserAuth{Username: username, Password: secret.New(password), Preferred: challenge.PasswordSRP},
		flow.UserAuth{Username: username, Password: secret.New(password)},
	} {
		api := asking(challenge.Password)
		d := api.driver(t)
		step, err := d.Start(t.Context(), f)
		if err != nil || step.Prompt == nil || step.Prompt.Challenge().Name != challenge.Password {
			t.Errorf("%T: got %v, %v, want a prompt", f, step, err)
			continue
		}
		// An answer with a password for a proof does not send the password either.
		_, err = d.Respond(t.Context(), step.Prompt, challenge.CurrentPassword(challenge.PasswordSRP, password))
		if refused := (*flow.Error)(nil); !errors.As(err, &refused) || refused.Prompt == nil {
			t.Errorf("%T: CurrentPassword(PasswordSRP) to PASSWORD: %v", f, err)
		}
		if strings.Contains(fmt.Sprint(api.sent), password) {
			t.Errorf("%T: the password was sent: %v", f, api.sent)
		}
	}
}

// If a person chooses or answers PASSWORD, the driver sends the password.
func TestPasswordIsSentWhereItWasChosen(t *testing.T) {
	for _, name := range []challenge.Name{challenge.SelectChallenge, challenge.Password} {
		api := asking(name, "PASSWORD", "PASSWORD_SRP")
		d := api.driver(t)
		step, err := d.Start(t.Context(), flow.UserAuth{Username: username})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Respond(t.Context(), step.Prompt, challenge.CurrentPassword(challenge.Password, password))
		wantRemedy(t, err, flow.CheckCredentials)
		if len(api.sent) != 2 || api.sent[1].params["PASSWORD"] != password {
			t.Errorf("%s: sent %v", name, api.sent)
		}
	}
}

// If a choice without a password gets NotAuthorizedException, the session has ended.
func TestExpiredSessionAtAChoice(t *testing.T) {
	d := asking(challenge.SelectChallenge, "EMAIL_OTP").driver(t)
	step, err := d.Start(t.Context(), flow.UserAuth{Username: username})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Respond(t.Context(), step.Prompt, challenge.Choose(challenge.EmailOTP))
	wantRemedy(t, err, flow.StartAgain)
}

// After a refusal, a handler of Options.Handlers is asked again and gets the reason.
func TestHandlersAreAskedAgain(t *testing.T) {
	pool := newCodePool(t)
	app := challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Attempt == 0 {
			return challenge.Code("000000"), nil
		}
		if mismatch := (*types.CodeMismatchException)(nil); !errors.As(c.Reason, &mismatch) {
			t.Errorf("the reason is %v", c.Reason)
		}
		return challenge.Code(pool.TOTP(username)), nil
	})
	_, err := newDriver(t, pool, "public", func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.SoftwareTokenMFA: app}
	}).SignIn(t.Context(), srpAuth(username), nil)
	if err != nil {
		t.Error(err)
	}
}

// If a handler gives up after a refusal, the error has the refusal too.
func TestGivingUpKeepsTheReason(t *testing.T) {
	pool := newCodePool(t)
	_, err := newDriver(t, pool, "public").SignIn(t.Context(), srpAuth(username), challenge.HandlerFunc(
		func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
			if c.Attempt > 0 {
				return challenge.Answer{}, challenge.ErrNoAnswer
			}
			return challenge.Code("000000"), nil
		}))
	var mismatch *types.CodeMismatchException
	if !errors.Is(err, challenge.ErrNoAnswer) || !errors.As(err, &mismatch) {
		t.Errorf("got %v", err)
	}
}

// The user name is a part of SECRET_HASH. Without the name, the service would refuse the refresh
// token, so the driver sends nothing.
func TestRefreshTokenAuthNeedsTheName(t *testing.T) {
	pool := newPool(t, nil, ada)
	for _, d := range []*flow.Driver{newDriver(t, pool, "secret"), newAdminDriver(t, pool, "secret")} {
		_, err := d.Start(t.Context(), flow.RefreshTokenAuth{RefreshToken: secret.New("refresh")})
		if err == nil || !strings.Contains(err.Error(), "RefreshTokenAuth.Username") || len(pool.Requests()) != 0 {
			t.Errorf("got %v after %d requests", err, len(pool.Requests()))
		}
	}
}

// If a function of one call changes a map of the options, other calls do not get the change.
func TestOptionsOfACallStayThere(t *testing.T) {
	shared := map[string]string{"tenant": "7"}
	d := asking(challenge.EmailOTP).driver(t, func(o *flow.Options) { o.ClientMetadata = shared })
	if _, err := d.Start(t.Context(), flow.UserAuth{Username: username}, func(o *flow.Options) { o.ClientMetadata["page"] = "1" }); err != nil {
		t.Fatal(err)
	}
	if len(shared) != 1 {
		t.Errorf("the driver's metadata is %v", shared)
	}
}

// MarshalBinary refuses a prompt that UnmarshalBinary would refuse.
func TestPromptTooLargeToKeep(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.CustomChallenge, params: map[string]string{"picture": strings.Repeat("A", 70_000)}}}}
	step, err := api.driver(t).Start(t.Context(), flow.CustomAuth{Username: username})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := step.Prompt.MarshalBinary(); err == nil {
		t.Error("MarshalBinary wrote a prompt with 70,000 bytes of parameters")
	}
}
