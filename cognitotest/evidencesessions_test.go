package cognitotest

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// begun wants a response that asks the challenge, and returns it.
func begun(t *testing.T, out *cip.InitiateAuthOutput, err error, challenge string) *cip.InitiateAuthOutput {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if string(out.ChallengeName) != challenge {
		t.Fatalf("challenge %q, want %s", out.ChallengeName, challenge)
	}
	return out
}

// wantKeys compares the keys of parameters.
func wantKeys(t *testing.T, parameters map[string]string, want string) {
	t.Helper()
	if got := listKeys(parameters); got != want {
		t.Errorf("parameters %q, want %q", got, want)
	}
}

// wantSession wants a session to be there, or not.
func wantSession(t *testing.T, session *string, present bool) {
	t.Helper()
	if (aws.ToString(session) != "") != present {
		t.Errorf("a session is present: %v", !present)
	}
}

const verifierParameters = "SALT SECRET_BLOCK SRP_B USERNAME USER_ID_FOR_SRP"

var evidenceOfSessions = map[string]func(*testing.T){
	"Session with PASSWORD_VERIFIER after USER_SRP_AUTH": func(t *testing.T) {
		r := newRig(t, nil)
		out, answer := r.startSRP("alice", password)
		wantSession(t, out.Session, false)
		wantKeys(t, out.ChallengeParameters, verifierParameters)
		done, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantTokens(t, done, err)
	},
	"Session with PASSWORD_VERIFIER after AdminInitiateAuth": func(t *testing.T) {
		r := newRig(t, nil)
		s := newSRPClient(t)
		out, err := r.pool.AdminClient().AdminInitiateAuth(t.Context(), &cip.AdminInitiateAuthInput{
			UserPoolId: aws.String(r.pool.ID()), ClientId: &r.app, AuthFlow: "USER_SRP_AUTH",
			AuthParameters: map[string]string{"USERNAME": "alice", "SRP_A": s.publicA.Text(16)},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantSession(t, out.Session, false)
		wantKeys(t, out.ChallengeParameters, verifierParameters)
		done, err := r.pool.AdminClient().AdminRespondToAuthChallenge(t.Context(), &cip.AdminRespondToAuthChallengeInput{
			UserPoolId: aws.String(r.pool.ID()), ClientId: &r.app, ChallengeName: out.ChallengeName,
			ChallengeResponses: r.proofOf(s, password, out.ChallengeParameters),
		})
		wantTokens(t, done, err)
	},
	"Session with PASSWORD_VERIFIER after CUSTOM_AUTH": func(t *testing.T) {
		r := newRig(t, script(new([]trigger.Event), "PASSWORD_VERIFIER"))
		s := newSRPClient(t)
		out, err := r.custom(map[string]string{"CHALLENGE_NAME": "SRP_A", "SRP_A": s.publicA.Text(16)})
		begun(t, out, err, "PASSWORD_VERIFIER")
		wantSession(t, out.Session, true)
		answer := r.proofOf(s, password, out.ChallengeParameters)
		_, err = r.respond("PASSWORD_VERIFIER", "", answer)
		wantError(t, err, "InvalidParameterException", "Session")
		done, err := r.respond("PASSWORD_VERIFIER", *out.Session, answer)
		wantTokens(t, done, err)
	},
	"Session with PASSWORD_VERIFIER under USER_AUTH": func(t *testing.T) {
		r := newRig(t, nil)
		s := newSRPClient(t)
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": s.publicA.Text(16)})
		begun(t, out, err, "PASSWORD_VERIFIER")
		wantSession(t, out.Session, true)
		_, err = r.respond("PASSWORD_VERIFIER", "", r.proofOf(s, password, out.ChallengeParameters))
		wantError(t, err, "InvalidParameterException", "Session")
	},
	"Session with DEVICE_SRP_AUTH": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, _ := r.newDevice()
		s, err := r.passwordStep(b.key)
		if err != nil {
			t.Fatal(err)
		}
		r.wantStep(s, "DEVICE_SRP_AUTH")
		wantSession(t, &s.session, true)
	},
	"Session in answers to device challenges": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, _ := r.newDevice()
		s, err := r.passwordStep(b.key)
		if err != nil {
			t.Fatal(err)
		}
		half := newSRPClient(t)
		s.session = ""
		s = r.mustAnswer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": half.publicA.Text(16)})
		s.session = ""
		wantTokens(t, r.mustAnswer(s, r.deviceClaim(half, s, b)).result, nil)
	},
	"a proof that is given twice": func(t *testing.T) {
		r := newRig(t, nil)
		_, answer := r.startSRP("alice", password)
		right := answer["PASSWORD_CLAIM_SIGNATURE"]
		answer["PASSWORD_CLAIM_SIGNATURE"] = "AAAA"
		_, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
		answer["PASSWORD_CLAIM_SIGNATURE"] = right
		done, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantTokens(t, done, err)
	},
	"a session that was answered": func(t *testing.T) {
		r := newRig(t, withEmailMFA(Dialect{}))
		session := r.emailChallenge()
		if err := r.emailCode(session, r.pool.LastCode("alice").Code); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.emailCode(session, "123456"), "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	},
	"a session that is too old": func(t *testing.T) {
		r := newRig(t, withEmailMFA(Dialect{}))
		session := r.emailChallenge()
		r.clock.Advance(3*time.Minute + 54*time.Second)
		wantError(t, r.emailCode(session, r.pool.LastCode("alice").Code), "NotAuthorizedException", "session is expired")
	},
	"the session after a wrong EMAIL_OTP code": func(t *testing.T) {
		r := newRig(t, withEmailMFA(Dialect{}))
		session := r.emailChallenge()
		for range 6 {
			wantError(t, r.emailCode(session, r.wrongCode()), "CodeMismatchException", "")
		}
		if err := r.emailCode(session, r.pool.LastCode("alice").Code); err != nil {
			t.Error(err)
		}
	},
	"the session after a wrong SOFTWARE_TOKEN_MFA code": func(t *testing.T) {
		r := newRig(t, withTOTP)
		session := r.totpChallenge()
		wantError(t, r.totpCode(session, "no"), "CodeMismatchException", "")
		if err := r.totpCode(session, r.pool.TOTP("alice")); err != nil {
			t.Error(err)
		}
	},
	"the session after ExpiredCodeException": func(t *testing.T) {
		r := newRig(t, withTOTP)
		used := r.pool.TOTP("alice")
		if err := r.totpCode(r.totpChallenge(), used); err != nil {
			t.Fatal(err)
		}
		session := r.totpChallenge()
		wantError(t, r.totpCode(session, used), "ExpiredCodeException", "")
		r.clock.Advance(30 * time.Second)
		wantError(t, r.totpCode(session, r.pool.TOTP("alice")), "NotAuthorizedException", "Invalid session for the user.")
	},
	"the session after NotAuthorizedException": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			c.Triggers = trigger.Functions{
				Define: func(e trigger.Event) (trigger.Decision, error) {
					return trigger.Decision{FailAuthentication: len(e.Rounds) == 1, ChallengeName: [2]string{"CUSTOM_CHALLENGE"}[len(e.Rounds)]}, nil
				},
				Create: func(trigger.Event) (trigger.Challenge, error) { return trigger.Challenge{}, nil },
				Verify: func(trigger.Event) (bool, error) { return false, nil },
			}
		})
		out, err := r.custom(map[string]string{})
		begun(t, out, err, "CUSTOM_CHALLENGE")
		answer := map[string]string{"USERNAME": "alice", "ANSWER": "red"}
		_, err = r.respond("CUSTOM_CHALLENGE", *out.Session, answer)
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
		_, err = r.respond("CUSTOM_CHALLENGE", *out.Session, answer)
		wantError(t, err, "NotAuthorizedException", "Invalid session for the user.")
	},
	"the session after an exception of a trigger": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			script(new([]trigger.Event), "CUSTOM_CHALLENGE")(c)
			c.Triggers.Verify = func(trigger.Event) (bool, error) { panic("no such colour") }
		})
		out, err := r.custom(map[string]string{})
		begun(t, out, err, "CUSTOM_CHALLENGE")
		answer := map[string]string{"USERNAME": "alice", "ANSWER": "blue"}
		_, err = r.respond("CUSTOM_CHALLENGE", *out.Session, answer)
		wantError(t, err, "UnexpectedLambdaException", "")
		_, err = r.respond("CUSTOM_CHALLENGE", *out.Session, answer)
		wantError(t, err, "NotAuthorizedException", "Invalid session for the user.")
	},
}
