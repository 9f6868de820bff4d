package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The pool refuses sign-ins because of its settings, its users or its triggers. The test injects
// no fault.
func TestRefusedByThePool(t *testing.T) {
	const proof = "USER_SRP_AUTH -> PASSWORD_VERIFIER"
	user := func(change func(*cognitotest.UserConfig)) func(*cognitotest.PoolConfig) {
		return func(c *cognitotest.PoolConfig) { change(&c.Users[0]) }
	}
	fails := func(d trigger.Decision, problem error) func(*cognitotest.PoolConfig) {
		return func(c *cognitotest.PoolConfig) {
			c.Triggers.Define = func(trigger.Event) (trigger.Decision, error) { return d, problem }
		}
	}
	cases := map[string]struct {
		chain  string
		change func(*cognitotest.PoolConfig)
		spoil  func(*chainRun, flow.AuthFlow) flow.AuthFlow // called before the last step
		is     func(error) bool
		remedy flow.Remedy
		says   string
	}{
		"disabled user": {proof, user(func(u *cognitotest.UserConfig) { u.Disabled = true }), nil,
			is[*types.NotAuthorizedException], flow.CheckCredentials, "disabled"},
		"sign-up not confirmed": {proof, user(func(u *cognitotest.UserConfig) { u.Unconfirmed = true }), nil,
			is[*types.UserNotConfirmedException], flow.ConfirmSignUp, ""},
		"password has to be reset": {proof, user(func(u *cognitotest.UserConfig) { u.ResetRequired = true }), nil,
			is[*types.PasswordResetRequiredException], flow.ResetPassword, ""},
		"unknown user, hidden": {proof, func(c *cognitotest.PoolConfig) {
			c.Users, c.Clients[1].PreventUserExistenceErrors = nil, "ENABLED"
		}, nil,
			is[*types.NotAuthorizedException], flow.CheckCredentials, ""},
		"unknown user, told": {proof, func(c *cognitotest.PoolConfig) {
			c.Users = nil
		}, nil, is[*types.UserNotFoundException], flow.CheckCredentials, ""},
		"flow not enabled": {proof, func(c *cognitotest.PoolConfig) { c.Clients[1].AuthFlows = []string{"ALLOW_CUSTOM_AUTH"} }, nil,
			is[*types.InvalidParameterException], "", "not enabled"},
		"unknown app client": {proof, func(c *cognitotest.PoolConfig) { c.Clients[1].ID = "other" }, nil,
			is[*types.ResourceNotFoundException], "", "secret"},
		"expired session": {proof + " -> SMS_MFA", nil, func(r *chainRun, f flow.AuthFlow) flow.AuthFlow {
			r.pool.ExpireSessions()
			return f
		}, is[*types.NotAuthorizedException], flow.StartAgain, "expired"},
		"wrong password in a choice": {"USER_AUTH(PASSWORD)", user(func(u *cognitotest.UserConfig) { u.Password = "Another-Word-9!" }), nil,
			is[*types.NotAuthorizedException], flow.CheckCredentials, ""},
		"session of no sign-up": {"USER_AUTH+Session", nil, func(_ *chainRun, f flow.AuthFlow) flow.AuthFlow {
			return flow.UserAuth{Username: signedUp, Session: secret.New("a-session-that-nobody-issued")}
		}, is[*types.NotAuthorizedException], flow.StartAgain, "session"},
		"session of a sign-up used twice": {"USER_AUTH+Session", nil, func(r *chainRun, f flow.AuthFlow) flow.AuthFlow {
			r.byHandler(f)
			return f
		}, is[*types.NotAuthorizedException], flow.StartAgain, "session"},
		"address of another user": {proof + " -> MFA_SETUP(EMAIL) -> EMAIL_OTP", func(c *cognitotest.PoolConfig) {
			c.Users = append(c.Users, cognitotest.UserConfig{
				Name: "bob", Password: password, Attributes: map[string]string{"email": "ada@example.net", "email_verified": "true"},
			})
		}, nil, is[*types.AliasExistsException], "", ""},
		"trigger refuses": {"CUSTOM_AUTH", fails(trigger.Decision{}, errors.New("not on Sundays")), nil,
			is[*types.UserLambdaValidationException], "", "not on Sundays"},
		"trigger gives up": {"CUSTOM_AUTH", fails(trigger.Decision{FailAuthentication: true}, nil), nil,
			is[*types.NotAuthorizedException], flow.CheckCredentials, ""},
		"trigger makes no sense": {"CUSTOM_AUTH", fails(trigger.Decision{IssueTokens: true, FailAuthentication: true}, nil), nil,
			is[*types.InvalidLambdaResponseException], "", ""},
		"trigger crashes": {"CUSTOM_AUTH", func(c *cognitotest.PoolConfig) {
			c.Triggers.Define = func(trigger.Event) (trigger.Decision, error) { panic("out of memory") }
		}, nil, is[*types.UnexpectedLambdaException], "", "out of memory"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			changes := []func(*cognitotest.PoolConfig){}
			if c.change != nil {
				changes = append(changes, c.change)
			}
			r, f := newChain(t, c.chain, "secret", changes...)
			step := flow.Step{}
			var err error
			if c.spoil == nil {
				err = r.walk(f)
			} else if len(r.Steps) == 0 {
				_, err = r.driver().Start(t.Context(), c.spoil(r, f))
			} else if step, err = r.driver().Start(t.Context(), f); err == nil {
				c.spoil(r, f)
				err = r.resume(step)
			}
			var e *flow.Error
			if !errors.As(err, &e) || !c.is(err) || e.Remedy() != c.remedy || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// At a limit, the error names the limit and the last refusal. The error has no prompt, also if
// the refusal says that the service is at fault.
func TestLimitOfRefusals(t *testing.T) {
	refusal := &smithy.GenericAPIError{Code: "CodeMismatchException", Message: "no", Fault: smithy.FaultServer}
	d := (&fakeAPI{replies: []fakeReply{{challenge: challenge.SMSMFA}, {err: refusal}}}).driver(t)
	_, err := d.SignIn(t.Context(), srpAuth(username), answering(challenge.Code("123456")))
	var e *flow.Error
	if !errors.As(err, &e) || e.Code() != flow.LimitReached || e.Prompt != nil || !is[*smithy.GenericAPIError](err) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"10 answers were refused", "Options.Limits", `CodeMismatchException: "no"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %s", err, part)
		}
	}
}

// SignIn returns an error of its handler unchanged. An error of Options.Handlers is wrapped.
func TestErrorOfAHandler(t *testing.T) {
	pool, d, _ := atTheCode(t)
	gone := errors.New("the user has left")
	fail := challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		return challenge.Answer{}, gone
	})
	if _, err := d.SignIn(t.Context(), srpAuth(username), fail); err != gone {
		t.Errorf("got %v", err)
	}
	_, err := d.SignIn(t.Context(), srpAuth(username), nil, func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.PasswordVerifier: fail}
	})
	if !errors.Is(err, gone) {
		t.Errorf("of Options.Handlers: got %v", err)
	}
	// If there is no answer, the prompt of the error can be answered later.
	_, err = d.SignIn(t.Context(), srpAuth(username), nil)
	var e *flow.Error
	if !errors.Is(err, challenge.ErrNoAnswer) || !errors.As(err, &e) || e.Prompt == nil || e.Remedy() != flow.AnswerPrompt {
		t.Fatalf("got %v", err)
	}
	if step, err := d.Respond(t.Context(), e.Prompt, challenge.Code(pool.TOTP(username))); err != nil || step.Tokens == nil {
		t.Errorf("the prompt of the error: %v", err)
	}
}

// The driver refuses an answer that the challenge does not take. No request is sent, and the
// prompt can be answered again.
func TestAnswersThatDoNotFit(t *testing.T) {
	pool, d, p := atTheCode(t)
	before := len(pool.Requests())
	for _, a := range []challenge.Answer{{}, challenge.Code("  "), challenge.Choose(challenge.SMSMFA), challenge.NewPassword(password, nil)} {
		_, err := d.Respond(t.Context(), p, a)
		var e *flow.Error
		if !errors.As(err, &e) || e.Remedy() != flow.AnswerPrompt || e.Prompt == nil || !strings.Contains(err.Error(), "SOFTWARE_TOKEN_MFA") {
			t.Errorf("%v: got %v", a, err)
		}
	}
	if sent := len(pool.Requests()) - before; sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
	if step, err := d.Respond(t.Context(), p, challenge.Code(pool.TOTP(username))); err != nil || step.Tokens == nil {
		t.Error(err)
	}
}

// The driver refuses an auth flow of the other kind of driver, or one without its fields. No
// request is sent, and the error says what to use.
func TestFlowsOfTheOtherDriver(t *testing.T) {
	pool := newPool(t, nil, cognitotest.UserConfig{Name: username, Password: password})
	pass := secret.New(password)
	_, err := newDriver(t, pool, "public").Start(t.Context(), flow.AdminUserPasswordAuth{Username: username, Password: pass})
	if err == nil || !strings.Contains(err.Error(), "NewAdmin") {
		t.Errorf("got %v", err)
	}
	_, err = newAdminDriver(t, pool, "public").Start(t.Context(), flow.UserPasswordAuth{Username: username, Password: pass})
	if err == nil || !strings.Contains(err.Error(), "AdminUserPasswordAuth") {
		t.Errorf("got %v", err)
	}
	for _, f := range []flow.AuthFlow{
		nil, flow.UserSRPAuth{Password: pass}, flow.UserSRPAuth{Username: username}, flow.UserPasswordAuth{Username: username},
		flow.UserAuth{Username: username, Preferred: challenge.PasswordSRP},
		flow.CustomAuth{}, flow.RefreshTokenAuth{},
	} {
		if _, err := newDriver(t, pool, "public").Start(t.Context(), f); err == nil {
			t.Errorf("%T is accepted without what it needs", f)
		}
	}
	if sent := pool.Requests(); len(sent) != 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

// Triggers may ask for the proof of the password last. The proof began with the first request.
// So SignIn can finish the proof, and Respond to a stored prompt cannot.
func TestPasswordAfterAQuestion(t *testing.T) {
	const chain = "CUSTOM_AUTH+SRP -> CUSTOM_CHALLENGE -> PASSWORD_VERIFIER"
	r, f := newChain(t, chain, "secret")
	r.byHandler(f)
	r, f = newChain(t, chain, "secret")
	step, err := r.driver().Start(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	step, err = r.driver().Respond(t.Context(), step.Prompt, challenge.Custom(rightAnswer))
	if !errors.Is(err, flow.NoAnswer) || !errors.Is(err, challenge.ErrNoAnswer) || !strings.Contains(err.Error(), "needs the password in the same call") {
		t.Errorf("got %v, %v, want an error that says what the answer needs", step, err)
	}
}

// If a refusal also ends the session, the error names both. Either of them alone would mislead
// the user.
func TestSessionThatEndedWithARefusal(t *testing.T) {
	for mode, signIn := range modes {
		t.Run(mode, func(t *testing.T) {
			d := newDesk(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration = nil })
			used := d.pool.TOTP("ada")
			_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), answering(challenge.Code(used)))
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			_, err = signIn(t, d.driver(), srpAuth("ada"), challenge.Mux{challenge.SoftwareTokenMFA: countedAnswer(&asked, challenge.Code(used))})
			if !errors.Is(err, flow.SessionEnded) || asked != 2 {
				t.Fatalf("asked %d times, then %v", asked, err)
			}
			text := err.Error()
			if !strings.Contains(text, "Invalid session for the user") {
				t.Errorf("%q does not say that the session has ended", text)
			}
			// A stored prompt does not have the refusal.
			told := strings.Contains(text, `; an earlier answer was refused: ExpiredCodeException: "Your software token has already been used once."`)
			if told != (mode == "handler") {
				t.Errorf("%q has the refusal before: %v", text, told)
			}
			if strings.Contains(text, used) {
				t.Errorf("%q contains the code", text)
			}
		})
	}
}
