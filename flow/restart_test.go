package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// lost is a fault: the service does its work, and the reply is lost.
func lost(operation string, skip, times int) cognitotest.Fault {
	return cognitotest.Fault{Operation: operation, Skip: skip, Times: times, Drop: true, AfterWork: true}
}

// passwordOnly makes the desk's pool ask for the password alone.
func passwordOnly(c *cognitotest.PoolConfig) {
	c.DeviceConfiguration, c.MFA = nil, "OFF"
	c.Users[0].MFA, c.Users[0].TOTPSecret = nil, ""
}

// If a reply is lost before any answer of a person, the sign-in begins again once.
func TestLostReplyStartsOverOnce(t *testing.T) {
	const start, proof = "USER_SRP_AUTH", "PASSWORD_VERIFIER"
	for name, test := range map[string]struct {
		faults []cognitotest.Fault
		sent   []string
		fails  bool
	}{
		"the first request": {[]cognitotest.Fault{lost("InitiateAuth", 0, 1)}, []string{start, start, proof}, false},
		"the proof":         {[]cognitotest.Fault{lost("RespondToAuthChallenge", 0, 1)}, []string{start, proof, start, proof}, false},
		"twice the first":   {[]cognitotest.Fault{lost("InitiateAuth", 0, 2)}, []string{start, start}, true},
		"twice the proof":   {[]cognitotest.Fault{lost("RespondToAuthChallenge", 0, 2)}, []string{start, proof, start, proof}, true},
		"one of each": {
			[]cognitotest.Fault{lost("InitiateAuth", 0, 1), lost("RespondToAuthChallenge", 0, 1)}, []string{start, start, proof}, true,
		},
		"a fault of the service":  {[]cognitotest.Fault{{Operation: "InitiateAuth", Error: "InternalErrorException"}}, []string{start, start, proof}, false},
		"a throttle is no loss":   {[]cognitotest.Fault{{Operation: "InitiateAuth", Error: "TooManyRequestsException"}}, []string{start}, true},
		"a refusal is no loss":    {[]cognitotest.Fault{{Operation: "RespondToAuthChallenge", Error: "NotAuthorizedException"}}, []string{start, proof}, true},
		"an unknown exception is": {[]cognitotest.Fault{{Operation: "InitiateAuth", Error: "WeatherOnMarsException"}}, []string{start}, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, passwordOnly)
			d.pool.Fail(test.faults...)
			_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), nil)
			if (err != nil) != test.fails {
				t.Errorf("got %v", err)
			}
			if sent, _ := d.sent(0); !slices.Equal(sent, test.sent) {
				t.Errorf("sent %q, want %q", sent, test.sent)
			}
		})
	}
}

// A sign-in that begins again gives the choice of the person again, and does not ask.
func TestChoiceIsReplayed(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) {
		passwordOnly(c)
		c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
	})
	d.pool.Fail(lost("RespondToAuthChallenge", 1, 1))
	asked := 0
	_, err := d.driver().SignIn(t.Context(), flow.UserAuth{Username: "ada"},
		countedAnswer(&asked, challenge.CurrentPassword(challenge.PasswordSRP, password)))
	if err != nil || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
	want := []string{"USER_AUTH", "SELECT_CHALLENGE", "PASSWORD_VERIFIER", "USER_AUTH", "SELECT_CHALLENGE", "PASSWORD_VERIFIER"}
	if sent, _ := d.sent(0); !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

// After an answer of a person, a sign-in does not begin again, because the answer is used up.
// The error has the prompt.
func TestLostReplyAfterAPersonAnswered(t *testing.T) {
	t.Run("to the answer itself", func(t *testing.T) {
		d := newDesk(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration = nil })
		d.pool.Fail(lost("RespondToAuthChallenge", 1, 1))
		_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), d, d.here)
		if e := flowError(t, err); e.Code() != flow.NetworkFault || e.Prompt == nil || d.asked != 1 {
			t.Errorf("asked %d times, then %v", d.asked, err)
		}
		d.wantSent(0, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
	})
	t.Run("to a choice", func(t *testing.T) { // the service may have sent a code
		d := newDesk(t, func(c *cognitotest.PoolConfig) {
			passwordOnly(c)
			c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
		})
		d.pool.Fail(lost("RespondToAuthChallenge", 0, 1))
		_, err := d.driver().SignIn(t.Context(), flow.UserAuth{Username: "ada"}, answering(challenge.Choose(challenge.EmailOTP)), d.here)
		if e := flowError(t, err); e.Code() != flow.NetworkFault || e.Prompt == nil {
			t.Errorf("got %v", err)
		}
		d.wantSent(0, 0, "USER_AUTH", "SELECT_CHALLENGE")
	})
	t.Run("to a machine's request after it", func(t *testing.T) {
		pool := newPool(t, setsUpAnApp, ada)
		pool.Fail(lost("RespondToAuthChallenge", 1, 1))
		_, err := newDriver(t, pool, "public").SignIn(t.Context(), srpAuth("ada"), challenge.HandlerFunc(
			func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) { return appCode(t, c), nil }))
		if e := flowError(t, err); e.Code() != flow.NetworkFault || e.Prompt == nil || !e.Prompt.Challenge().NoAnswerNeeded {
			t.Errorf("got %v", err)
		}
		if n := len(calls(pool, "InitiateAuth")); n != 1 {
			t.Errorf("%d sign-ins began", n)
		}
	})
	t.Run("in a later call", func(t *testing.T) {
		d := newDesk(t, afterCode)
		d.signIn(srpAuth("ada"), 1)
		step, err := d.driver().Start(t.Context(), srpAuth("ada"), d.here)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := d.Answer(t.Context(), step.Prompt.Challenge())
		mark := d.mark()
		d.pool.Fail(lost("RespondToAuthChallenge", 1, 1)) // the reply to DEVICE_SRP_AUTH
		_, err = d.driver().Respond(t.Context(), step.Prompt, a, d.here)
		if !errors.Is(err, flow.NetworkFault) {
			t.Errorf("got %v", err)
		}
		d.wantSent(mark, 2, "SOFTWARE_TOKEN_MFA", "DEVICE_SRP_AUTH")
	})
}

// retrying gives the SDK client its standard retryer without pauses.
func retrying(o *flow.Options) {
	o.APIOptions = append(o.APIOptions, func(o *cip.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
	})
}

// The driver and the SDK client do not repeat a request that makes the service send a code.
// Otherwise the user would get two codes, and the first one would not work.
func TestCodeIsSentOnce(t *testing.T) {
	for _, preferred := range []challenge.Name{challenge.EmailOTP, challenge.SMSOTP} {
		for name, option := range map[string]func(*flow.Options){"no retries": func(*flow.Options) {}, "retries": retrying} {
			t.Run(string(preferred)+", "+name, func(t *testing.T) {
				var codes atomic.Int32
				pool := newPool(t, func(c *cognitotest.PoolConfig) {
					c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP"}
					c.OnCode = func(cognitotest.Code) { codes.Add(1) }
				}, cognitotest.UserConfig{Name: "ada", Password: password, Attributes: map[string]string{
					"email": email, "email_verified": "true", "phone_number": phone, "phone_number_verified": "true",
				}})
				pool.Fail(lost("InitiateAuth", 0, 1))
				_, err := newDriver(t, pool, "public", option).Start(t.Context(), flow.UserAuth{Username: "ada", Preferred: preferred})
				if !errors.Is(err, flow.NetworkFault) || codes.Load() != 1 || len(calls(pool, "InitiateAuth")) != 1 {
					t.Errorf("%d codes, %d requests, then %v", codes.Load(), len(calls(pool, "InitiateAuth")), err)
				}
			})
		}
	}
}

// The SDK client repeats an answer that the service has not processed, and no other answer.
func TestAnswersAreRetriedUnlessTheyMayHaveArrived(t *testing.T) {
	for name, test := range map[string]struct {
		fault cognitotest.Fault
		sent  int
		fails bool
	}{
		"throttled":              {cognitotest.Fault{Error: "TooManyRequestsException", Times: 2}, 3, false},
		"lost":                   {cognitotest.Fault{Drop: true, AfterWork: true}, 1, true},
		"lost on the way":        {cognitotest.Fault{Drop: true}, 1, true},
		"a fault of the service": {cognitotest.Fault{Error: "InternalErrorException"}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			pool, d, p := atTheCode(t, retrying)
			before := len(calls(pool, "RespondToAuthChallenge"))
			test.fault.Operation = "RespondToAuthChallenge"
			pool.Fail(test.fault)
			step, err := d.Respond(t.Context(), p, challenge.Code(pool.TOTP("ada")))
			if (err != nil) != test.fails || (step.Tokens == nil) != test.fails {
				t.Errorf("got %v", err)
			}
			if sent := len(calls(pool, "RespondToAuthChallenge")) - before; sent != test.sent {
				t.Errorf("the answer was sent %d times, want %d", sent, test.sent)
			}
		})
	}
}

// The first request uses up the session of a sign-up, so the driver does not repeat the request.
func TestSessionOfASignUpIsSentOnce(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{replies: []fakeReply{{err: &types.InternalErrorException{}}, {tokens: true}}}
	_, err := api.driver(t).SignIn(t.Context(), flow.UserAuth{Username: "ada", Session: secret.New("session-of-the-sign-up")}, nil)
	if e := flowError(t, err); e.Code() != flow.ServiceFault || len(api.sent) != 1 {
		t.Errorf("%d requests, %v", len(api.sent), err)
	}
}

// If a handler returns the error of its context, the sign-in is canceled.
func TestHandlerWhoseContextEnds(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{replies: []fakeReply{{challenge: challenge.SMSMFA}}}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := api.driver(t).SignIn(ctx, passwordAuth("ada"), nil, func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.SMSMFA: challenge.HandlerFunc(func(ctx context.Context, _ challenge.Challenge) (challenge.Answer, error) {
			cancel()
			return challenge.Answer{}, ctx.Err()
		})}
	})
	if e := flowError(t, err); e.Code() != flow.Canceled {
		t.Errorf("got %v", err)
	}
}

// The driver proves the same password once, also if the person gives it again.
func TestSamePasswordAgain(t *testing.T) {
	t.Parallel()
	offer := fakeReply{challenge: challenge.SelectChallenge, available: []types.ChallengeNameType{"PASSWORD_SRP"}}
	api := &fakeAPI{replies: []fakeReply{offer, proofReply("SALT", "7a"), offer, proofReply("SALT", "7a"), {tokens: true}}}
	_, err := api.driver(t).SignIn(t.Context(), flow.UserAuth{Username: username}, answering(challenge.CurrentPassword("", password)))
	if !errors.Is(err, flow.LimitReached) || !strings.Contains(err.Error(), "proved once") {
		t.Errorf("got %v", err)
	}
}
