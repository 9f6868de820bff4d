package cognitotest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// withEmailMFA makes Alice's second factor a code by e-mail.
func withEmailMFA(d Dialect) func(*PoolConfig) {
	return func(c *PoolConfig) {
		c.MFA, c.Dialect = "ON", d
		c.Users[0].MFA = []string{"EMAIL_OTP"}
	}
}

// emailChallenge signs in as far as EMAIL_OTP and returns the session.
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

// wrongCode gives a code that is not the one last delivered.
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

// A proof that goes by its SECRET_BLOCK can be given again, right or wrong.
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

// Of many answers at once to one session exactly one is taken.
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

// A malformed answer is not judged and costs nothing.
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

// PASSWORD_VERIFIER comes without a session and needs none, unless the dialect
// wants it.
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

// An alias is good in every answer, unless the dialect wants the name that the
// pool has told.
func TestAliasInAnswers(t *testing.T) {
	r := newRig(t, withEmailMFA(Dialect{}))
	out, err := r.login(aliceEmail)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := out.ChallengeParameters["USERNAME"]; ok {
		t.Fatal("EMAIL_OTP names the user")
	}
	answer := map[string]string{"USERNAME": aliceEmail, "EMAIL_OTP_CODE": r.pool.LastCode("alice").Code}
	if _, err := r.respond("EMAIL_OTP", aws.ToString(out.Session), answer); err != nil {
		t.Errorf("alias that was not resolved: %v", err)
	}

	for _, refuse := range []bool{false, true} {
		r := newRig(t, withEmailMFA(Dialect{ResolvedNames: refuse}))
		out, err := r.srp(aliceEmail, password)
		if err != nil {
			t.Fatal(err)
		}
		answer["EMAIL_OTP_CODE"] = r.pool.LastCode(aliceEmail).Code
		_, err = r.respond("EMAIL_OTP", aws.ToString(out.Session), answer)
		if !refuse && err != nil {
			t.Errorf("alias that was resolved: %v", err)
		}
		if refuse {
			wantError(t, err, "NotAuthorizedException", "Invalid session")
		}
	}
}

func TestParameters(t *testing.T) {
	for choice, want := range map[string]string{
		"":     "CODE_DELIVERY_DELIVERY_MEDIUM CODE_DELIVERY_DESTINATION",
		"ALL":  "CODE_DELIVERY_DELIVERY_MEDIUM CODE_DELIVERY_DESTINATION USERNAME USER_ID_FOR_SRP",
		"NONE": "",
	} {
		r := newRig(t, withEmailMFA(Dialect{Parameters: choice}))
		out, err := r.login("alice")
		if err != nil {
			t.Fatal(err)
		}
		if got := listKeys(out.ChallengeParameters); got != want {
			t.Errorf("%q: parameters %s, want %s", choice, got, want)
		}
		if choice == "" && out.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "a***@e***" {
			t.Errorf("parameters %v", out.ChallengeParameters)
		}
	}
}

// A client needs USER_ID_FOR_SRP alone to go on.
func TestParametersOfPasswordVerifier(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Dialect.Parameters = "NONE" })
	out, answer := r.startSRP("alice", password)
	wantKeys(t, out.ChallengeParameters, "SALT SECRET_BLOCK SRP_B USER_ID_FOR_SRP")
	done, err := r.respond("PASSWORD_VERIFIER", "", answer)
	wantTokens(t, done, err)
}

func TestSpellingOfMFASetup(t *testing.T) {
	out, err := newRig(t, func(c *PoolConfig) {
		mfaRequired(c)
		c.Dialect.MFACanSetup = true
	}).login("alice")
	begun(t, out, err, "MFA_SETUP")
	wantKeys(t, out.ChallengeParameters, "MFA_CAN_SETUP USER_ID_FOR_SRP")
}

// A device key that the pool does not know is nothing to it.
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
