package cognitotest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

// mfaRequired makes Alice set up a second factor.
func mfaRequired(c *PoolConfig) { c.MFA = "ON" }

func (r *rig) setupSession() string {
	r.t.Helper()
	out, err := r.login("alice")
	if err != nil || out.ChallengeName != "MFA_SETUP" {
		r.t.Fatalf("%v, %v", out, err)
	}
	return aws.ToString(out.Session)
}

func (r *rig) associate(session string) (*cip.AssociateSoftwareTokenOutput, error) {
	return r.sdk.AssociateSoftwareToken(r.t.Context(), &cip.AssociateSoftwareTokenInput{Session: aws.String(session)})
}

func (r *rig) verify(session, code string) (*cip.VerifySoftwareTokenOutput, error) {
	return r.sdk.VerifySoftwareToken(r.t.Context(), &cip.VerifySoftwareTokenInput{
		Session: aws.String(session), UserCode: aws.String(code), FriendlyDeviceName: aws.String("phone"),
	})
}

// shown is what an app with that secret shows.
func (r *rig) shown(secret *string) string {
	return (&totp.App{Secret: aws.ToString(secret)}).Shown(r.clock.Now())
}

func TestSoftwareTokenSetUp(t *testing.T) {
	r := newRig(t, mfaRequired)
	first := r.setupSession()
	_, err := r.verify(first, "123456")
	wantError(t, err, "SoftwareTokenMFANotFoundException", "")
	_, err = r.respond("MFA_SETUP", first, map[string]string{"USERNAME": "alice"})
	wantError(t, err, "InvalidParameterException", "verified")
	made, err := r.associate(first)
	if err != nil {
		t.Fatal(err)
	}
	if len(aws.ToString(made.SecretCode)) < 16 || aws.ToString(made.Session) == first {
		t.Errorf("secret of %d characters, new session %v", len(aws.ToString(made.SecretCode)), aws.ToString(made.Session) != first)
	}
	_, err = r.associate(first)
	wantError(t, err, "NotAuthorizedException", "Invalid session")

	second, code := aws.ToString(made.Session), r.shown(made.SecretCode)
	_, err = r.verify(second, "12345x")
	wantError(t, err, "InvalidParameterException", "userCode")
	_, err = r.verify(second, "12345")
	wantError(t, err, "InvalidParameterException", "userCode")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	_, err = r.verify(second, wrong)
	wantError(t, err, "EnableSoftwareTokenMFAException", "Code mismatch")
	_, err = r.respond("MFA_SETUP", second, map[string]string{"USERNAME": "alice"})
	wantError(t, err, "InvalidParameterException", "verified")
	verified, err := r.verify(second, code)
	if err != nil || verified.Status != types.VerifySoftwareTokenResponseTypeSuccess {
		t.Fatalf("%v, %v", verified, err)
	}
	_, err = r.respond("MFA_SETUP", second, map[string]string{"USERNAME": "alice"})
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	done, err := r.respond("MFA_SETUP", aws.ToString(verified.Session), map[string]string{"USERNAME": "alice"})
	wantTokens(t, done, err)

	// From now on the app is asked, and the code of the set-up is used.
	asked, err := r.login("alice")
	if err != nil || asked.ChallengeName != "SOFTWARE_TOKEN_MFA" || asked.ChallengeParameters["FRIENDLY_DEVICE_NAME"] != "phone" {
		t.Fatalf("%v, %v", asked, err)
	}
	answer := map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code}
	_, err = r.respond("SOFTWARE_TOKEN_MFA", aws.ToString(asked.Session), answer)
	wantError(t, err, "ExpiredCodeException", "used")
}

// An address that is replaced does not find its user any more.
func TestReplacedAlias(t *testing.T) {
	r := newRig(t, mfaRequired)
	next, err := r.respond("MFA_SETUP", r.setupSession(), map[string]string{"USERNAME": "alice", "EMAIL": "new@example.com"})
	if err != nil || next.ChallengeName != "EMAIL_OTP" {
		t.Fatalf("%v, %v", next, err)
	}
	_, err = r.login(aliceEmail)
	wantError(t, err, "UserNotFoundException", "")
}

func TestSoftwareTokenRefusals(t *testing.T) {
	r := newRig(t, mfaRequired)
	_, err := r.associate("a-session-that-nobody-has")
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	session := r.setupSession()
	r.clock.Advance(4 * 60e9)
	_, err = r.associate(session)
	wantError(t, err, "NotAuthorizedException", "expired")
	_, err = r.sdk.AssociateSoftwareToken(t.Context(), &cip.AssociateSoftwareTokenInput{})
	wantError(t, err, "NotAuthorizedException", "Access Token")
	session = r.setupSession()
	_, err = r.sdk.AssociateSoftwareToken(t.Context(), &cip.AssociateSoftwareTokenInput{Session: &session, AccessToken: aws.String("x.y.z")})
	wantError(t, err, "InvalidParameterException", "either")
	other := newRig(t, func(c *PoolConfig) { c.MFA, c.MFATypes = "ON", []string{"EMAIL_OTP"} })
	_, err = other.associate(other.setupSession())
	wantError(t, err, "SoftwareTokenMFANotFoundException", "")
	if _, err = other.respond("MFA_SETUP", other.setupSession(), map[string]string{"USERNAME": "alice"}); err == nil {
		t.Error("MFA_SETUP can be passed by")
	}
}

func TestEmailSetUp(t *testing.T) {
	r := newRig(t, mfaRequired)
	answer := map[string]string{"USERNAME": "alice", "EMAIL": "other@example.com"}
	out, err := r.respond("MFA_SETUP", r.setupSession(), answer)
	if err != nil || out.ChallengeName != "EMAIL_OTP" {
		t.Fatalf("%v, %v", out, err)
	}
	if u := r.pool.state.LookUp("alice"); u.Attributes["email_verified"] != "false" || len(u.MFA) != 0 {
		t.Error("the address is good before it is proved")
	}
	done, err := r.respond("EMAIL_OTP", aws.ToString(out.Session), map[string]string{
		"USERNAME": "alice", "EMAIL_OTP_CODE": r.pool.LastCode("alice").Code,
	})
	wantTokens(t, done, err)
	if sent := r.pool.LastCode("alice").Destination; sent != "other@example.com" {
		t.Errorf("the code went to %s", sent)
	}
	if out, err := r.login("other@example.com"); err != nil || out.ChallengeName != "EMAIL_OTP" {
		t.Errorf("by the new address: %v, %v", out, err)
	}
	for name, spoil := range map[string]func(*PoolConfig){
		"refused by the dialect": func(c *PoolConfig) { c.Dialect.NoEmailSetup = true },
		"not offered":            func(c *PoolConfig) { c.MFATypes = []string{"SOFTWARE_TOKEN_MFA"} },
	} {
		r := newRig(t, func(c *PoolConfig) { mfaRequired(c); spoil(c) })
		_, err := r.respond("MFA_SETUP", r.setupSession(), answer)
		if err == nil {
			t.Errorf("EMAIL is taken though %s", name)
			continue
		}
		wantError(t, err, "InvalidParameterException", "EMAIL")
	}
}

func TestSelectMFAType(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.MFA, c.Users[0].MFA = "OPTIONAL", []string{"SMS_MFA", "EMAIL_OTP"}
	})
	out, err := r.login("alice")
	if err != nil || out.ChallengeName != "SELECT_MFA_TYPE" || out.ChallengeParameters["MFAS_CAN_CHOOSE"] != `["SMS_MFA","EMAIL_OTP"]` {
		t.Fatalf("%v, %v", out, err)
	}
	choose := func(name string) (*cip.RespondToAuthChallengeOutput, error) {
		return r.respond("SELECT_MFA_TYPE", aws.ToString(out.Session), map[string]string{"USERNAME": "alice", "ANSWER": name})
	}
	_, err = choose("SOFTWARE_TOKEN_MFA")
	wantError(t, err, "MFAMethodNotFoundException", "SOFTWARE_TOKEN_MFA")
	_, err = choose("EMAIL_MFA") // as the documentation has it
	wantError(t, err, "InvalidParameterException", "ANSWER")
	next, err := choose("SMS_MFA")
	if err != nil || next.ChallengeName != "SMS_MFA" || r.pool.LastCode("alice").Medium != "SMS" {
		t.Errorf("%v, %v", next, err)
	}
}

func TestMFAPreference(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.MFA = "OPTIONAL" })
	out, err := r.login("alice")
	token := wantTokens(t, out, err).AccessToken
	on, preferred := true, true
	set := func(in *cip.SetUserMFAPreferenceInput) error {
		in.AccessToken = token
		_, err := r.sdk.SetUserMFAPreference(t.Context(), in)
		return err
	}
	app := &types.SoftwareTokenMfaSettingsType{Enabled: on}
	wantError(t, set(&cip.SetUserMFAPreferenceInput{SoftwareTokenMfaSettings: app}), "InvalidParameterException", "totpSecret")
	made, err := r.sdk.AssociateSoftwareToken(t.Context(), &cip.AssociateSoftwareTokenInput{AccessToken: token})
	if err != nil || made.Session != nil {
		t.Fatalf("%v, %v", made, err)
	}
	verify := func(code string) error {
		_, err := r.sdk.VerifySoftwareToken(t.Context(), &cip.VerifySoftwareTokenInput{AccessToken: token, UserCode: &code})
		return err
	}
	wantError(t, verify("000000"), "EnableSoftwareTokenMFAException", "")
	if err := verify(r.shown(made.SecretCode)); err != nil {
		t.Fatal(err)
	}
	if err := set(&cip.SetUserMFAPreferenceInput{
		SoftwareTokenMfaSettings: app, SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: on, PreferredMfa: preferred},
	}); err != nil {
		t.Fatal(err)
	}
	if out, err = r.login("alice"); err != nil || out.ChallengeName != "SMS_MFA" {
		t.Errorf("preferred SMS: %v, %v", out, err)
	}
	if err := set(&cip.SetUserMFAPreferenceInput{SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: on}}); err != nil {
		t.Fatal(err)
	}
	if out, err = r.login("alice"); err != nil || out.ChallengeName != "SELECT_MFA_TYPE" {
		t.Errorf("no preference: %v, %v", out, err)
	}
	if err := set(&cip.SetUserMFAPreferenceInput{SMSMfaSettings: &types.SMSMfaSettingsType{}, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{}}); err != nil {
		t.Fatal(err)
	}
	out, err = r.login("alice")
	wantTokens(t, out, err)
}
