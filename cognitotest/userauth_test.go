package cognitotest

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

// everyFactor allows all first factors of Alice except passkeys.
func everyFactor(c *PoolConfig) {
	c.AllowedFirstFactors = directory.FirstFactorSettings
	c.WebAuthn = &WebAuthnConfig{RPID: "example.com", Origins: []string{"https://login.example.com"}}
	c.Users[0].Attributes["phone_number_verified"] = "true"
}

func (r *rig) userAuth(username string, parameters map[string]string) (*cip.InitiateAuthOutput, error) {
	all := map[string]string{"USERNAME": username}
	maps.Copy(all, parameters)
	return r.initiate("USER_AUTH", all)
}

// choose starts USER_AUTH without a preference and answers SELECT_CHALLENGE.
func (r *rig) choose(responses map[string]string) (*cip.RespondToAuthChallengeOutput, error) {
	r.t.Helper()
	out, err := r.userAuth("alice", nil)
	if err != nil || out.ChallengeName != "SELECT_CHALLENGE" {
		r.t.Fatalf("USER_AUTH: %v, %v", out, err)
	}
	all := map[string]string{"USERNAME": "alice"}
	maps.Copy(all, responses)
	return r.respond("SELECT_CHALLENGE", aws.ToString(out.Session), all)
}

func TestAvailableChallenges(t *testing.T) {
	cases := map[string]struct {
		adjust func(*PoolConfig)
		want   []types.ChallengeNameType
	}{
		"by default": {func(*PoolConfig) {}, []types.ChallengeNameType{"PASSWORD_SRP", "PASSWORD"}},
		"all but a passkey that is not registered": {everyFactor, []types.ChallengeNameType{"PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"}},
		"unverified addresses": {func(c *PoolConfig) {
			everyFactor(c)
			c.Users[0].Attributes["phone_number_verified"], c.Users[0].Attributes["email_verified"] = "false", ""
			delete(c.Users[0].Attributes, "email_verified")
		}, []types.ChallengeNameType{"PASSWORD_SRP", "PASSWORD"}},
		"no password": {func(c *PoolConfig) {
			everyFactor(c)
			c.Users[0].Password = ""
		}, []types.ChallengeNameType{"EMAIL_OTP", "SMS_OTP"}},
		"some allowed": {func(c *PoolConfig) {
			everyFactor(c)
			c.AllowedFirstFactors = []string{"SMS_OTP"}
		}, []types.ChallengeNameType{"SMS_OTP"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.adjust)
			out, err := r.userAuth("alice", nil)
			if err != nil {
				t.Fatal(err)
			}
			if out.ChallengeName != "SELECT_CHALLENGE" || !slices.Equal(out.AvailableChallenges, c.want) {
				t.Errorf("%s of %v, want %v", out.ChallengeName, out.AvailableChallenges, c.want)
			}
			if len(out.ChallengeParameters) != 0 {
				t.Errorf("parameters %v", out.ChallengeParameters)
			}
		})
	}
	nothing := newRig(t, func(c *PoolConfig) { c.Users[0].Password = "" })
	_, err := nothing.userAuth("alice", nil)
	wantError(t, err, "NotAuthorizedException", "Incorrect")
}

// An unknown name gets a challenge as other names do, and no code.
func TestUserAuthOfNobody(t *testing.T) {
	var delivered []Code
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		hideUsers(c)
		c.OnCode = func(code Code) { delivered = append(delivered, code) }
	})
	out, err := r.userAuth("nobody", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
	if err != nil || out.ChallengeName != "EMAIL_OTP" || listKeys(out.ChallengeParameters) != "CODE_DELIVERY_DELIVERY_MEDIUM CODE_DELIVERY_DESTINATION" {
		t.Fatalf("%v, %v", out, err)
	}
	if !slices.Equal(out.AvailableChallenges, []types.ChallengeNameType{"EMAIL_OTP"}) {
		t.Errorf("nobody can choose from %q", out.AvailableChallenges)
	}
	_, err = r.respond("EMAIL_OTP", aws.ToString(out.Session), map[string]string{"USERNAME": "nobody", "EMAIL_OTP_CODE": "no code"})
	wantError(t, err, "CodeMismatchException", "")
	if len(delivered) > 0 {
		t.Errorf("sent %+v", delivered)
	}
	out, err = r.userAuth("nobody@invalid.example", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
	if err != nil || out.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "n***@i***" {
		t.Errorf("the code for an address that nobody has goes to %v, %v", out, err)
	}
}

// An answer may have any name of the user. The answer of an unknown hidden user has the
// name of the first request.
func TestNamesOfAnswers(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		hideUsers(c)
	})
	for typed, answered := range map[string]string{"alice": aliceEmail, "+3312345678": aliceEmail, "nobody@example.com": "Nobody@example.com"} {
		out, err := r.userAuth(typed, map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
		begun(t, out, err, "EMAIL_OTP")
		_, err = r.respond("EMAIL_OTP", *out.Session, map[string]string{"USERNAME": answered, "EMAIL_OTP_CODE": "no code"})
		wantError(t, err, "CodeMismatchException", "")
	}
}

func TestCodeOfSMSAsFirstFactor(t *testing.T) {
	r := newRig(t, everyFactor)
	out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "SMS_OTP"})
	begun(t, out, err, "SMS_OTP")
	if code := r.pool.LastCode("alice").Code; len(code) != 6 {
		t.Errorf("a code of %d digits", len(code))
	}
}

func TestPreferredChallenge(t *testing.T) {
	r := newRig(t, everyFactor)
	srpA := newSRPClient(t).publicA.Text(16)
	cases := []struct {
		preferred, key, value string
		want                  types.ChallengeNameType // "": tokens
	}{
		{"PASSWORD", "PASSWORD", password, ""},
		{"PASSWORD_SRP", "SRP_A", srpA, "PASSWORD_VERIFIER"},
		{"EMAIL_OTP", "", "", "EMAIL_OTP"},
		{"SMS_OTP", "", "", "SMS_OTP"},
		{"WEB_AUTHN", "", "", "SELECT_CHALLENGE"}, // Alice has no passkey
	}
	for _, c := range cases {
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": c.preferred, c.key: c.value})
		if err != nil || out.ChallengeName != c.want {
			t.Errorf("%s: %v, %v, want %s", c.preferred, out, err, c.want)
		}
		if c.key != "" {
			_, err = r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": c.preferred})
			wantError(t, err, "InvalidParameterException", c.key)
		}
	}
	_, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "SMS_MFA"})
	wantError(t, err, "InvalidParameterException", "PREFERRED_CHALLENGE")
	_, err = r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "wrong"})
	wantError(t, err, "NotAuthorizedException", "Incorrect")
	off := newRig(t, func(c *PoolConfig) { c.Clients[0].AuthFlows = []string{"ALLOW_USER_SRP_AUTH"} })
	_, err = off.userAuth("alice", nil)
	wantError(t, err, "InvalidParameterException", "not enabled")
}

func TestSelectChallenge(t *testing.T) {
	r := newRig(t, everyFactor)
	out, err := r.choose(map[string]string{"ANSWER": "PASSWORD", "PASSWORD": password})
	wantTokens(t, out, err)
	out, err = r.choose(map[string]string{"ANSWER": "PASSWORD_SRP", "SRP_A": newSRPClient(t).publicA.Text(16)})
	if err != nil || out.ChallengeName != "PASSWORD_VERIFIER" || out.Session == nil {
		t.Errorf("%v, %v", out, err)
	}
	refusals := []struct {
		responses     map[string]string
		name, message string
	}{
		{map[string]string{}, "InvalidParameterException", "ANSWER"},
		{map[string]string{"ANSWER": "WEB_AUTHN"}, "InvalidParameterException", "available"},
		{map[string]string{"ANSWER": "SMS_MFA"}, "InvalidParameterException", "available"},
		{map[string]string{"ANSWER": "PASSWORD"}, "InvalidParameterException", "PASSWORD"},
		{map[string]string{"ANSWER": "PASSWORD_SRP"}, "InvalidParameterException", "SRP_A"},
		{map[string]string{"ANSWER": "PASSWORD_SRP", "SRP_A": "0"}, "InvalidParameterException", "SRP_A"},
		{map[string]string{"ANSWER": "PASSWORD", "PASSWORD": "wrong"}, "NotAuthorizedException", "Incorrect"},
	}
	for _, c := range refusals {
		_, err := r.choose(c.responses)
		wantError(t, err, c.name, c.message)
	}
	// A wrong password ends the session.
	asked, err := r.userAuth("alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	session := aws.ToString(asked.Session)
	_, err = r.respond("SELECT_CHALLENGE", session, map[string]string{"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": "wrong"})
	wantError(t, err, "NotAuthorizedException", "Incorrect")
	_, err = r.respond("SELECT_CHALLENGE", session, map[string]string{"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": password})
	wantError(t, err, "NotAuthorizedException", "Invalid session")
}

// With PasswordChallenges the pool poses PASSWORD and PASSWORD_SRP, and SELECT_CHALLENGE takes
// both names as answers, as the API model says.
func TestPasswordChallenges(t *testing.T) {
	strict := newRig(t, everyFactor)
	asked, err := strict.userAuth("alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]string{"USERNAME": "alice", "PASSWORD": password, "SRP_A": newSRPClient(t).publicA.Text(16)}
	for _, name := range []string{"PASSWORD", "PASSWORD_SRP"} {
		_, err = strict.respond(name, aws.ToString(asked.Session), answer)
		wantError(t, err, "InvalidParameterException", name)
	}

	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.Dialect.PasswordChallenges = true
	})
	for name, next := range map[string]types.ChallengeNameType{"PASSWORD": "", "PASSWORD_SRP": "PASSWORD_VERIFIER"} {
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": name})
		if err != nil || string(out.ChallengeName) != name {
			t.Fatalf("preferred %s: %v, %v", name, out, err)
		}
		got, err := r.respond(name, aws.ToString(out.Session), answer)
		if err != nil || got.ChallengeName != next {
			t.Errorf("%s leads to %v, %v", name, got, err)
		}
		if out, err = r.userAuth("alice", nil); err != nil {
			t.Fatal(err)
		}
		if got, err = r.respond(name, aws.ToString(out.Session), answer); err != nil || got.ChallengeName != next {
			t.Errorf("SELECT_CHALLENGE answered by %s leads to %v, %v", name, got, err)
		}
	}
	// SELECT_CHALLENGE refuses the other factors as names of challenges.
	asked, err = r.userAuth("alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.respond("EMAIL_OTP", aws.ToString(asked.Session), map[string]string{"USERNAME": "alice", "EMAIL_OTP_CODE": "123456"})
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	without := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.Dialect.PasswordChallenges, c.AllowedFirstFactors = true, []string{"EMAIL_OTP"}
	})
	if asked, err = without.userAuth("alice", nil); err != nil {
		t.Fatal(err)
	}
	_, err = without.respond("PASSWORD", aws.ToString(asked.Session), answer)
	wantError(t, err, "InvalidParameterException", "available")
}

// A second factor follows a password only. A temporary password must be the first factor.
func TestNoSecondFactorAfterACode(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.MFA, c.Users[0].MFA = "ON", []string{"SMS_MFA"}
	})
	out, err := r.choose(map[string]string{"ANSWER": "EMAIL_OTP"})
	if err != nil || out.ChallengeName != "EMAIL_OTP" {
		t.Fatalf("%v, %v", out, err)
	}
	sent := r.pool.LastCode("alice")
	if sent.Destination != aliceEmail || sent.Challenge != "EMAIL_OTP" || out.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != sent.Masked {
		t.Errorf("sent %+v, told %v", sent, out.ChallengeParameters)
	}
	done, err := r.respond("EMAIL_OTP", aws.ToString(out.Session), map[string]string{"USERNAME": "alice", "EMAIL_OTP_CODE": sent.Code})
	wantTokens(t, done, err)

	r = newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.Users[0].Password, c.Users[0].TemporaryPassword = "", password
	})
	_, err = r.choose(map[string]string{"ANSWER": "EMAIL_OTP"})
	wantError(t, err, "InvalidParameterException", "available")
	out, err = r.choose(map[string]string{"ANSWER": "PASSWORD", "PASSWORD": password})
	if err != nil || out.ChallengeName != "NEW_PASSWORD_REQUIRED" {
		t.Errorf("after the password: %v, %v", out, err)
	}
}

// The pool refuses a disabled user before it sends a code.
func TestDisabledUserWithoutPassword(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.Users[0].Disabled = true
	})
	_, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
	wantError(t, err, "NotAuthorizedException", "disabled")
	if sent := r.pool.LastCode("alice"); sent.Code != "" {
		t.Errorf("sent %+v", sent)
	}
}

func TestAdminUserAuth(t *testing.T) {
	r := newRig(t, everyFactor)
	ctx, admin := context.Background(), r.pool.AdminClient()
	out, err := admin.AdminInitiateAuth(ctx, &cip.AdminInitiateAuthInput{
		UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(publicApp), AuthFlow: "USER_AUTH",
		AuthParameters: map[string]string{"USERNAME": "alice"},
	})
	if err != nil || out.ChallengeName != "SELECT_CHALLENGE" || len(out.AvailableChallenges) != 4 {
		t.Fatalf("%v, %v", out, err)
	}
	got, err := admin.AdminRespondToAuthChallenge(ctx, &cip.AdminRespondToAuthChallengeInput{
		UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(publicApp), ChallengeName: "SELECT_CHALLENGE", Session: out.Session,
		ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": password},
	})
	wantTokens(t, got, err)
}
