package cognitotest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

const verifierParameters = "SALT SECRET_BLOCK SRP_B USERNAME USER_ID_FOR_SRP"

// withEmailMFA makes a code by e-mail the second factor of Alice.
func withEmailMFA(d Dialect) func(*PoolConfig) {
	return func(c *PoolConfig) {
		c.MFA, c.Dialect = "ON", d
		c.Users[0].MFA = []string{"EMAIL_OTP"}
	}
}

// emailChallenge signs in up to EMAIL_OTP and returns the session.
func (r *rig) emailChallenge() string {
	r.t.Helper()
	out, err := r.login("alice")
	if err != nil {
		r.t.Fatal(err)
	}
	if out.ChallengeName != "EMAIL_OTP" {
		r.t.Fatalf("challenge %q", out.ChallengeName)
	}
	return aws.ToString(out.Session)
}

func (r *rig) emailCode(session, code string) error {
	_, err := r.respond("EMAIL_OTP", session, map[string]string{"USERNAME": "alice", "EMAIL_OTP_CODE": code})
	return err
}

// wrongCode returns a code that differs from the last delivered code.
func (r *rig) wrongCode() string {
	code := []byte(r.pool.LastCode("alice").Code)
	code[0] = '0' + (code[0]-'0'+1)%10
	return string(code)
}

func TestSessionIsUsedOnce(t *testing.T) {
	r := newRig(t, withEmailMFA(Dialect{}))
	session := r.emailChallenge()
	code := r.pool.LastCode("alice").Code
	if err := r.emailCode(session, code); err != nil {
		t.Fatal(err)
	}
	wantError(t, r.emailCode(session, code), "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
}

// A PASSWORD_VERIFIER without a Session takes several proofs, right or wrong.
func TestProofIsRepeated(t *testing.T) {
	r := newRig(t, nil)
	_, answer := r.startSRP("alice", password)
	right := answer["PASSWORD_CLAIM_SIGNATURE"]
	for _, signature := range []string{"AAAA", right, right} {
		answer["PASSWORD_CLAIM_SIGNATURE"] = signature
		_, err := r.respond("PASSWORD_VERIFIER", "", answer)
		if signature == right && err != nil {
			t.Error(err)
		}
		if signature != right {
			wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
		}
	}
	r.pool.ExpireSessions()
	_, err := r.respond("PASSWORD_VERIFIER", "", answer)
	wantError(t, err, "NotAuthorizedException", "expired")
}

// If many answers to one session arrive at once, the pool takes exactly one.
func TestSessionIsTakenOnce(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Dialect.Session = "ALWAYS" })
	out, answer := r.startSRP("alice", password)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Go(func() {
			_, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer)
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	taken := 0
	for err := range errs {
		if err == nil {
			taken++
			continue
		}
		wantError(t, err, "NotAuthorizedException", "Invalid session")
	}
	if taken != 1 {
		t.Errorf("%d answers taken", taken)
	}
}

func TestSessionAfterCodeMismatch(t *testing.T) {
	r := newRig(t, withEmailMFA(Dialect{}))
	session := r.emailChallenge()
	for range 3 {
		wantError(t, r.emailCode(session, r.wrongCode()), "CodeMismatchException", "Invalid code or auth state for the user.")
	}
	if err := r.emailCode(session, r.pool.LastCode("alice").Code); err != nil {
		t.Errorf("right code after wrong ones: %v", err)
	}

	r = newRig(t, withEmailMFA(Dialect{DropSessionOnCodeMismatch: true}))
	session = r.emailChallenge()
	wantError(t, r.emailCode(session, r.wrongCode()), "CodeMismatchException", "")
	wantError(t, r.emailCode(session, r.pool.LastCode("alice").Code), "NotAuthorizedException", "Invalid session")
}

func TestSessionAfterNotAuthorized(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Dialect.Session = "ALWAYS" })
	out, answer := r.startSRP("alice", password)
	right := answer["PASSWORD_CLAIM_SIGNATURE"]
	answer["PASSWORD_CLAIM_SIGNATURE"] = "AAAA"
	_, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer)
	wantError(t, err, "NotAuthorizedException", "Incorrect")
	answer["PASSWORD_CLAIM_SIGNATURE"] = right
	_, err = r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
}

// The pool does not judge a malformed answer. The session lives.
func TestSessionAfterInvalidParameter(t *testing.T) {
	r := newRig(t, nil)
	out, answer := r.startSRP("alice", password)
	timestamp := answer["TIMESTAMP"]
	answer["TIMESTAMP"] = "now"
	_, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer)
	wantError(t, err, "InvalidParameterException", "TIMESTAMP")
	answer["TIMESTAMP"] = timestamp
	if _, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer); err != nil {
		t.Error(err)
	}
}

func TestSessionIsBound(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		withEmailMFA(Dialect{})(c)
		c.Users = append(c.Users, UserConfig{Name: "bob", Password: password, Attributes: map[string]string{"email": "bob@example.com"}})
	})
	session := r.emailChallenge()
	code := r.pool.LastCode("alice").Code
	if len(session) < 20 || len(session) > 2048 {
		t.Errorf("session of %d characters", len(session))
	}
	answer := map[string]string{"USERNAME": "alice", "EMAIL_OTP_CODE": code, "SMS_MFA_CODE": code}

	_, err := r.withSecret().respond("EMAIL_OTP", session, answer)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	_, err = r.respond("SMS_MFA", session, answer)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	_, err = r.respond("EMAIL_OTP", session, map[string]string{"USERNAME": "bob", "EMAIL_OTP_CODE": code})
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	_, err = r.respond("EMAIL_OTP", strings.Repeat("x", 40), answer)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	_, err = r.respond("EMAIL_OTP", "", answer)
	wantError(t, err, "InvalidParameterException", "Session")
	_, err = r.respond("EMAIL_OTP", "tooshort", answer)
	wantError(t, err, "InvalidParameterException", "'session'")
	_, err = r.respond("ADMIN_NO_SRP_AUTH", session, answer)
	wantError(t, err, "InvalidParameterException", "ADMIN_NO_SRP_AUTH")

	if err := r.emailCode(session, code); err != nil {
		t.Errorf("strangers have spent the session: %v", err)
	}
}

func TestSessionExpires(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		withEmailMFA(Dialect{})(c)
		c.Clients[0].AuthSessionSeconds = 240
	})
	session := r.emailChallenge()
	r.clock.Advance(239 * time.Second)
	wantError(t, r.emailCode(session, r.wrongCode()), "CodeMismatchException", "")
	r.clock.Advance(time.Second)
	wantError(t, r.emailCode(session, r.pool.LastCode("alice").Code), "NotAuthorizedException", "expired")

	session = r.emailChallenge()
	r.pool.ExpireSessions()
	wantError(t, r.emailCode(session, r.pool.LastCode("alice").Code), "NotAuthorizedException", "expired")
}

// PASSWORD_VERIFIER comes without a session and needs no session, unless the dialect
// demands a session.
func TestSessionOfPasswordVerifier(t *testing.T) {
	send := func(d Dialect) (string, error) {
		r := newRig(t, func(c *PoolConfig) { c.Dialect = d })
		out, answer := r.startSRP("alice", password)
		_, err := r.respond("PASSWORD_VERIFIER", "", answer)
		return aws.ToString(out.Session), err
	}
	if session, err := send(Dialect{}); err != nil || session != "" {
		t.Errorf("session %q, %v", session, err)
	}
	session, err := send(Dialect{Session: "ALWAYS"})
	wantError(t, err, "InvalidParameterException", "Session")
	if session == "" {
		t.Error("a session is demanded that was not sent")
	}

	// A client may send the session of an earlier sign-in along.
	r := newRig(t, withEmailMFA(Dialect{}))
	earlier := r.emailChallenge()
	wantError(t, r.emailCode("", "123456"), "InvalidParameterException", "Session")
	_, answer := r.startSRP("alice", password)
	if _, err := r.respond("PASSWORD_VERIFIER", earlier, answer); err != nil {
		t.Error(err)
	}
}

// The pool ignores a device key that it does not know.
func TestDeviceKeyIsTolerated(t *testing.T) {
	r := newRig(t, nil)
	out, answer := r.startSRP("alice", password)
	answer["DEVICE_KEY"] = "eu-west-1_4f0b2f4e-0000-4000-8000-000000000000"
	answer["SRP_A"] = "abcd"
	if _, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer); err != nil {
		t.Error(err)
	}
}

func TestManySignInsAtOnce(t *testing.T) {
	r := newRig(t, withEmailMFA(Dialect{}))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := string(rune('a'+i)) + "-user"
			err := r.pool.AddUser(UserConfig{
				Name: name, Password: password, MFA: []string{"EMAIL_OTP"}, Attributes: map[string]string{"email": name + "@example.com"},
			})
			if err != nil {
				t.Error(err)
				return
			}
			out, err := r.login(name)
			if err != nil {
				t.Error(err)
				return
			}
			_, err = r.sdk.RespondToAuthChallenge(context.Background(), &cip.RespondToAuthChallengeInput{
				ChallengeName: out.ChallengeName, ClientId: aws.String(r.app), Session: out.Session,
				ChallengeResponses: map[string]string{"USERNAME": name, "EMAIL_OTP_CODE": r.pool.LastCode(name).Code},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

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
