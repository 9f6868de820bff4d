package flow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// asking is a service that answers every start with one challenge, and keeps
// what it was sent.
func asking(name types.ChallengeNameType, sent *[]map[string]string, available ...types.ChallengeNameType) scripted {
	return scripted{
		initiate: func(in *cip.InitiateAuthInput) (*cip.InitiateAuthOutput, error) {
			*sent = append(*sent, in.AuthParameters)
			return &cip.InitiateAuthOutput{ChallengeName: name, AvailableChallenges: available, Session: aws.String("session")}, nil
		},
		respond: func(in *cip.RespondToAuthChallengeInput) (*cip.RespondToAuthChallengeOutput, error) {
			*sent = append(*sent, in.ChallengeResponses)
			return nil, &types.NotAuthorizedException{}
		},
	}
}

// A flow that promises not to send the password does not send it because the
// peer asks for it.
func TestPasswordIsNotSentForTheAsking(t *testing.T) {
	for _, f := range []flow.AuthFlow{
		srpAuth(username),
		flow.CustomAuth{Username: username, Password: secret.New(password)},
		flow.UserAuth{Username: username, Password: secret.New(password), Preferred: challenge.PasswordSRP},
		flow.UserAuth{Username: username, Password: secret.New(password)},
	} {
		var sent []map[string]string
		d, err := flow.New(asking("PASSWORD", &sent), anApp)
		if err != nil {
			t.Fatal(err)
		}
		step, err := d.Start(t.Context(), f)
		if err != nil || step.Prompt == nil || step.Prompt.Challenge().Name != challenge.Password {
			t.Errorf("%T: got %v, %v; want a prompt", f, step, err)
			continue
		}
		// Neither does the answer that says the same.
		_, err = d.Respond(t.Context(), step.Prompt, challenge.CurrentPassword(challenge.PasswordSRP, password))
		if refused := (*flow.Error)(nil); !errors.As(err, &refused) || refused.Prompt == nil {
			t.Errorf("%T: CurrentPassword(PasswordSRP) to PASSWORD: %v", f, err)
		}
		if strings.Contains(fmt.Sprint(sent), password) {
			t.Errorf("%T: the password was sent: %v", f, sent)
		}
	}
}

// A person who chooses PASSWORD, or answers it, has said that it may be sent.
func TestPasswordIsSentWhereItWasChosen(t *testing.T) {
	for name, service := range map[types.ChallengeNameType]challenge.Answer{
		"SELECT_CHALLENGE": challenge.CurrentPassword(challenge.Password, password),
		"PASSWORD":         challenge.CurrentPassword(challenge.Password, password),
	} {
		var sent []map[string]string
		d, err := flow.New(asking(name, &sent, "PASSWORD", "PASSWORD_SRP"), anApp)
		if err != nil {
			t.Fatal(err)
		}
		step, err := d.Start(t.Context(), flow.UserAuth{Username: username})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Respond(t.Context(), step.Prompt, service)
		wantRemedy(t, err, flow.CheckCredentials)
		if len(sent) != 2 || sent[1]["PASSWORD"] != password {
			t.Errorf("%s: sent %v", name, sent)
		}
	}
}

// NotAuthorized at a choice that carried no password is about the session.
func TestExpiredSessionAtAChoice(t *testing.T) {
	var sent []map[string]string
	d, err := flow.New(asking("SELECT_CHALLENGE", &sent, "EMAIL_OTP"), anApp)
	if err != nil {
		t.Fatal(err)
	}
	step, err := d.Start(t.Context(), flow.UserAuth{Username: username})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Respond(t.Context(), step.Prompt, challenge.Choose(challenge.EmailOTP))
	wantRemedy(t, err, flow.StartAgain)
}

// Options.Handlers are asked again as a person is, and told why.
func TestHandlersAreAskedAgain(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.MFA = "ON" },
		cognitotest.UserConfig{Name: username, Password: password, TOTPSecret: totpSecret})
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

// Who gives up after a refusal is told of it.
func TestGivingUpKeepsTheReason(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.MFA = "ON" },
		cognitotest.UserConfig{Name: username, Password: password, TOTPSecret: totpSecret})
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

// The name goes into SECRET_HASH, and the service would say that the refresh
// token is no good.
func TestRefreshTokenAuthNeedsTheName(t *testing.T) {
	pool := newPool(t, nil, ada)
	for _, d := range []*flow.Driver{newDriver(t, pool, "secret"), newAdminDriver(t, pool, "secret")} {
		_, err := d.Start(t.Context(), flow.RefreshTokenAuth{RefreshToken: secret.New("refresh")})
		if err == nil || !strings.Contains(err.Error(), "RefreshTokenAuth.Username") || len(pool.Requests()) != 0 {
			t.Errorf("got %v after %d requests", err, len(pool.Requests()))
		}
	}
}

// What a function of one call puts into a map is not another call's.
func TestOptionsOfACallStayThere(t *testing.T) {
	var sent []map[string]string
	shared := map[string]string{"tenant": "7"}
	d, err := flow.New(asking("EMAIL_OTP", &sent), anApp, func(o *flow.Options) { o.ClientMetadata = shared })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Start(t.Context(), flow.UserAuth{Username: username}, func(o *flow.Options) { o.ClientMetadata["page"] = "1" }); err != nil {
		t.Fatal(err)
	}
	if len(shared) != 1 {
		t.Errorf("the driver's metadata is %v", shared)
	}
}

// A prompt that could not be read again is refused when it is written.
func TestPromptTooLargeToKeep(t *testing.T) {
	service := scripted{initiate: func(*cip.InitiateAuthInput) (*cip.InitiateAuthOutput, error) {
		return &cip.InitiateAuthOutput{
			ChallengeName: "CUSTOM_CHALLENGE", ChallengeParameters: map[string]string{"picture": strings.Repeat("A", 70_000)},
		}, nil
	}}
	d, err := flow.New(service, anApp)
	if err != nil {
		t.Fatal(err)
	}
	step, err := d.Start(t.Context(), flow.CustomAuth{Username: username})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := step.Prompt.MarshalBinary(); err == nil {
		t.Error("written, and never to be read")
	}
}
