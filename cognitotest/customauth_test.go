package cognitotest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// script asks the challenges in this order, and records the events.
func script(events *[]trigger.Event, names ...string) func(*PoolConfig) {
	return func(c *PoolConfig) {
		c.Triggers = trigger.Functions{
			Define: func(e trigger.Event) (trigger.Decision, error) {
				*events = append(*events, e)
				answered := len(e.Rounds)
				if answered > 0 && e.Rounds[0].ChallengeName == "SRP_A" {
					answered--
				}
				if answered == len(names) {
					return trigger.Decision{IssueTokens: true}, nil
				}
				return trigger.Decision{ChallengeName: names[answered]}, nil
			},
			Create: func(e trigger.Event) (trigger.Challenge, error) {
				*events = append(*events, e)
				return trigger.Challenge{
					Public: map[string]string{"hint": "a colour"}, Private: map[string]string{"answer": "blue"}, Metadata: "SKY",
				}, nil
			},
			Verify: func(e trigger.Event) (bool, error) {
				*events = append(*events, e)
				return e.Answer == e.Challenge.Private["answer"], nil
			},
		}
	}
}

func (r *rig) custom(parameters map[string]string) (*cip.InitiateAuthOutput, error) {
	if parameters["USERNAME"] == "" {
		parameters["USERNAME"] = "alice"
	}
	return r.initiate("CUSTOM_AUTH", parameters)
}

func TestTriggerEvents(t *testing.T) {
	var events []trigger.Event
	r := newRig(t, script(&events, "CUSTOM_CHALLENGE", "CUSTOM_CHALLENGE"))
	out, err := r.sdk.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
		AuthFlow: "CUSTOM_AUTH", ClientId: aws.String(publicApp), ClientMetadata: map[string]string{"call": "first"},
		AuthParameters: map[string]string{"USERNAME": aliceEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"USERNAME": "alice", "hint": "a colour"}; !reflect.DeepEqual(out.ChallengeParameters, want) {
		t.Errorf("parameters %v, want %v", out.ChallengeParameters, want)
	}
	session := out.Session
	for _, answer := range []string{"", "blue"} {
		got, err := r.sdk.RespondToAuthChallenge(t.Context(), &cip.RespondToAuthChallengeInput{
			ChallengeName: "CUSTOM_CHALLENGE", ClientId: aws.String(publicApp), Session: session,
			ClientMetadata:     map[string]string{"call": "answer"},
			ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": answer},
		})
		if err != nil {
			t.Fatal(err)
		}
		session = got.Session
	}
	if session != nil {
		t.Error("no tokens after two rounds")
	}
	attributes := map[string]string{
		"sub": r.pool.Sub("alice"), "email": aliceEmail, "email_verified": "true", "phone_number": "+3312345678",
		"cognito:user_status": "CONFIRMED",
	}
	told := map[string]string{"call": "answer"}
	missed := trigger.Round{ChallengeName: "CUSTOM_CHALLENGE", Metadata: "SKY"}
	right := trigger.Round{ChallengeName: "CUSTOM_CHALLENGE", Metadata: "SKY", Passed: true}
	asked := trigger.Challenge{Public: map[string]string{"hint": "a colour"}, Private: map[string]string{"answer": "blue"}, Metadata: "SKY"}
	want := []trigger.Event{
		{}, {}, // Define and Create for the first request
		{ClientMetadata: told, Challenge: asked}, // Verify
		{ClientMetadata: told, Rounds: []trigger.Round{missed}}, {ClientMetadata: told, Rounds: []trigger.Round{missed}},
		{ClientMetadata: told, Rounds: []trigger.Round{missed}, Challenge: asked, Answer: "blue"},
		{ClientMetadata: told, Rounds: []trigger.Round{missed, right}},
	}
	for i, name := range []string{"Define", "Create", "Verify", "Define", "Create", "Verify", "Define"} {
		want[i].Source = map[string]string{
			"Define": "DefineAuthChallenge", "Create": "CreateAuthChallenge", "Verify": "VerifyAuthChallengeResponse",
		}[name] + "_Authentication"
		want[i].ClientID, want[i].Username, want[i].Attributes = publicApp, "alice", attributes
	}
	if !reflect.DeepEqual(events, want) {
		t.Errorf("events\n     %+v\nwant %+v", events, want)
	}
}

func TestCustomAuthWithSRP(t *testing.T) {
	var events []trigger.Event
	r := newRig(t, script(&events, "PASSWORD_VERIFIER"))
	srpA := newSRPClient(t).publicA.Text(16)
	out, err := r.custom(map[string]string{"CHALLENGE_NAME": "SRP_A", "SRP_A": srpA})
	if err != nil || out.ChallengeName != "PASSWORD_VERIFIER" {
		t.Fatalf("%v, %v", out, err)
	}
	if want := []trigger.Round{{ChallengeName: "SRP_A", Passed: true}}; !reflect.DeepEqual(events[0].Rounds, want) {
		t.Errorf("rounds %v, want %v", events[0].Rounds, want)
	}
	// Without SRP_A the triggers see the same event, but the client has no proof.
	_, err = r.custom(map[string]string{"CHALLENGE_NAME": "SRP_A"})
	wantError(t, err, "InvalidLambdaResponseException", "DefineAuthChallenge")
	if !reflect.DeepEqual(events[1].Rounds, events[0].Rounds) {
		t.Errorf("rounds %v, want %v", events[1].Rounds, events[0].Rounds)
	}
	_, err = r.custom(map[string]string{"CHALLENGE_NAME": "PASSWORD", "SRP_A": srpA})
	wantError(t, err, "InvalidParameterException", "CHALLENGE_NAME")
	_, err = r.custom(map[string]string{"CHALLENGE_NAME": "SRP_A", "SRP_A": "0"})
	wantError(t, err, "InvalidParameterException", "zero")
	// The documentation spells the key in another way, which the pool ignores. Without
	// SRP_A the client has no password to prove.
	_, err = r.custom(map[string]string{"ChallengeName": "SRP_A", "SRP_A": srpA})
	wantError(t, err, "InvalidLambdaResponseException", "DefineAuthChallenge")
}

func TestTriggerFailures(t *testing.T) {
	failed := errors.New("not on Sundays")
	cases := map[string]struct {
		spoil         func(*trigger.Functions)
		name, message string
	}{
		"define fails":           {func(t *trigger.Functions) { t.Define = decide(trigger.Decision{}, failed) }, "UserLambdaValidationException", "DefineAuthChallenge failed with error not on Sundays"},
		"define decides nothing": {func(t *trigger.Functions) { t.Define = decide(trigger.Decision{}, nil) }, "InvalidLambdaResponseException", "DefineAuthChallenge"},
		"define decides twice": {func(t *trigger.Functions) {
			t.Define = decide(trigger.Decision{IssueTokens: true, ChallengeName: "SMS_MFA"}, nil)
		}, "InvalidLambdaResponseException", ""},
		"define names no challenge": {func(t *trigger.Functions) { t.Define = decide(trigger.Decision{ChallengeName: "MFA_SETUP"}, nil) }, "InvalidLambdaResponseException", ""},
		"define gives up":           {func(t *trigger.Functions) { t.Define = decide(trigger.Decision{FailAuthentication: true}, nil) }, "NotAuthorizedException", "Incorrect"},
		"define crashes": {func(t *trigger.Functions) {
			t.Define = func(trigger.Event) (trigger.Decision, error) { panic("nil map") }
		}, "UnexpectedLambdaException", "nil map"},
		"create fails": {func(t *trigger.Functions) {
			t.Create = func(trigger.Event) (trigger.Challenge, error) { return trigger.Challenge{}, failed }
		}, "UserLambdaValidationException", "CreateAuthChallenge"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var events []trigger.Event
			r := newRig(t, func(config *PoolConfig) {
				script(&events, "CUSTOM_CHALLENGE")(config)
				c.spoil(&config.Triggers)
			})
			_, err := r.custom(map[string]string{})
			wantError(t, err, c.name, c.message)
			_, err = r.login("alice") // the pool works after the failure
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// The trigger Define may ask for a factor that the user does not have.
func TestDefineAsksForNoAuthenticatorApp(t *testing.T) {
	r := newRig(t, script(new([]trigger.Event), "SOFTWARE_TOKEN_MFA"))
	_, err := r.custom(map[string]string{})
	wantError(t, err, "SoftwareTokenMFANotFoundException", "")
}

func decide(d trigger.Decision, err error) func(trigger.Event) (trigger.Decision, error) {
	return func(trigger.Event) (trigger.Decision, error) { return d, err }
}

func TestCustomAnswers(t *testing.T) {
	var events []trigger.Event
	r := newRig(t, func(c *PoolConfig) {
		script(&events, "CUSTOM_CHALLENGE")(c)
		verify := c.Triggers.Verify
		c.Triggers.Verify = func(e trigger.Event) (bool, error) {
			if e.Answer == "fail" {
				return false, errors.New("no such colour")
			}
			return verify(e)
		}
	})
	out, err := r.custom(map[string]string{"CHALLENGE_NAME": "CUSTOM_CHALLENGE"})
	if err != nil {
		t.Fatal(err)
	}
	session := aws.ToString(out.Session)
	_, err = r.respond("CUSTOM_CHALLENGE", session, map[string]string{"USERNAME": "alice"})
	wantError(t, err, "InvalidParameterException", "ANSWER")
	_, err = r.respond("CUSTOM_CHALLENGE", session, map[string]string{"USERNAME": "alice", "ANSWER": "fail"})
	wantError(t, err, "UserLambdaValidationException", "no such colour")
	_, err = r.respond("CUSTOM_CHALLENGE", session, map[string]string{"USERNAME": "alice", "ANSWER": "blue"})
	wantError(t, err, "NotAuthorizedException", "Invalid session for the user.")
}

// Triggers may know a user that the pool does not know. Such a user gets no tokens.
func TestCustomAuthOfNobody(t *testing.T) {
	var events []trigger.Event
	r := newRig(t, func(c *PoolConfig) {
		script(&events)(c)
		hideUsers(c)
	})
	_, err := r.custom(map[string]string{"USERNAME": "nobody"})
	wantError(t, err, "NotAuthorizedException", "Incorrect")
	if len(events) != 1 || !events[0].UserNotFound || events[0].Username != "nobody" {
		t.Errorf("events %+v", events)
	}
	if out, err := r.custom(map[string]string{}); err != nil || out.AuthenticationResult == nil || events[1].UserNotFound {
		t.Errorf("alice: %v, %v", out, err)
	}
}

func TestCustomQuestions(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.CustomQuestions = []CustomQuestion{{"colour of the sky?", "blue"}, {"of grass?", "green"}}
	})
	ask := func(answers ...string) (string, error) {
		out, err := r.custom(map[string]string{})
		if err != nil {
			t.Fatal(err)
		}
		question, session := out.ChallengeParameters["question"], aws.ToString(out.Session)
		for _, answer := range answers {
			got, err := r.respond("CUSTOM_CHALLENGE", session, map[string]string{"USERNAME": "alice", "ANSWER": answer})
			if err != nil {
				// The sign-in is over, and takes no further answer.
				_, again := r.respond("CUSTOM_CHALLENGE", session, map[string]string{"USERNAME": "alice", "ANSWER": "blue"})
				wantError(t, again, "NotAuthorizedException", "Invalid session")
				return question, err
			}
			question, session = got.ChallengeParameters["question"], aws.ToString(got.Session)
			if got.AuthenticationResult != nil {
				question = "tokens"
			}
		}
		return question, nil
	}
	for want, answers := range map[string][]string{
		"colour of the sky?": {"red"}, "of grass?": {"red", "blue", "brown"}, "tokens": {"red", "blue", "brown", "green"},
	} {
		if got, err := ask(answers...); got != want || err != nil {
			t.Errorf("after %q: %q, %v, want %q", answers, got, err, want)
		}
	}
	_, err := ask("red", "blue", "red", "brown")
	wantError(t, err, "NotAuthorizedException", "Incorrect")
	// After SRP_A the pool asks for the proof first, and then for the questions.
	out, err := r.custom(map[string]string{"CHALLENGE_NAME": "SRP_A", "SRP_A": newSRPClient(t).publicA.Text(16)})
	if err != nil || out.ChallengeName != "PASSWORD_VERIFIER" {
		t.Errorf("%v, %v", out, err)
	}
}

func TestNoTriggers(t *testing.T) {
	_, err := newRig(t, nil).custom(map[string]string{})
	wantError(t, err, "InvalidParameterException", "not configured")
}
