package cognitotest

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

func TestSMSCode(t *testing.T) {
	var delivered []Code
	var r *rig
	r = newRig(t, func(c *PoolConfig) {
		c.MFA, c.MFATypes = "OPTIONAL", []string{"SMS_MFA"}
		c.Users[0].MFA = []string{"SMS_MFA"}
		c.OnCode = func(code Code) {
			if r.pool.LastCode(aliceEmail) != code { // OnCode may call the pool
				t.Error("LastCode is behind the hook")
			}
			delivered = append(delivered, code)
		}
	})
	out, err := r.srp("alice", password)
	if err != nil {
		t.Fatal(err)
	}
	if out.ChallengeName != "SMS_MFA" || out.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "+*******5678" {
		t.Fatalf("challenge %s %v", out.ChallengeName, out.ChallengeParameters)
	}
	if len(delivered) != 1 {
		t.Fatalf("%d codes delivered", len(delivered))
	}
	code := delivered[0]
	want := Code{r.pool.ID(), "alice", "SMS", "+3312345678", "+*******5678", "SMS_MFA", code.Code}
	if code != want || len(code.Code) != 6 || strings.Trim(code.Code, "0123456789") != "" {
		t.Errorf("delivered %+v", code)
	}
	got, err := r.respond("SMS_MFA", aws.ToString(out.Session), map[string]string{"USERNAME": "alice", "SMS_MFA_CODE": code.Code})
	if err != nil {
		t.Fatal(err)
	}
	wantTokens(t, got, nil)
}

// LastCode and TOTP panic if the user does not exist: the test is wrong.
func TestCodesOfNobody(t *testing.T) {
	p := newRig(t, nil).pool
	wantPanic(t, `cognitotest: LastCode: no user "nobody"`, func() { p.LastCode("nobody") })
	wantPanic(t, `cognitotest: Sub: no user "nobody"`, func() { p.Sub("nobody") })
	wantPanic(t, `cognitotest: TOTP: no user "nobody"`, func() { p.TOTP("nobody") })
	wantPanic(t, `cognitotest: TOTP: user "alice" has no TOTP secret`, func() { p.TOTP("alice") })
	if sent := p.LastCode("alice"); sent != (Code{}) {
		t.Errorf("a code that nobody sent: %+v", sent)
	}
}

// A code is valid only for the challenge that sent the code.
func TestCodeOfAnotherSession(t *testing.T) {
	r := newRig(t, withEmailMFA(Dialect{}))
	first := r.emailChallenge()
	old := r.pool.LastCode("alice").Code
	second := r.emailChallenge()
	if old == r.pool.LastCode("alice").Code {
		t.Skip("two random codes are the same: one run in a million")
	}
	wantError(t, r.emailCode(second, old), "CodeMismatchException", "")
	if err := r.emailCode(first, old); err != nil {
		t.Error(err)
	}
}

func withTOTP(c *PoolConfig) {
	c.MFA = "OPTIONAL"
	c.Users[0].TOTPSecret = totpSecret
}

func (r *rig) totpChallenge() (session string) {
	r.t.Helper()
	out, err := r.srp("alice", password)
	if err != nil {
		r.t.Fatal(err)
	}
	p := out.ChallengeParameters
	if out.ChallengeName != "SOFTWARE_TOKEN_MFA" || p["FRIENDLY_DEVICE_NAME"] == "" || p["USER_ID_FOR_SRP"] == "" {
		r.t.Fatalf("challenge %s %v", out.ChallengeName, p)
	}
	return aws.ToString(out.Session)
}

func (r *rig) totpCode(session, code string) error {
	_, err := r.respond("SOFTWARE_TOKEN_MFA", session, map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code})
	return err
}

func TestTOTP(t *testing.T) {
	r := newRig(t, withTOTP)
	session := r.totpChallenge()
	code := r.pool.TOTP("alice")
	wantError(t, r.totpCode(session, "12345x"), "CodeMismatchException", "Invalid code received for user")
	if err := r.totpCode(session, code); err != nil {
		t.Fatal(err)
	}

	session = r.totpChallenge()
	wantError(t, r.totpCode(session, code), "ExpiredCodeException", "used")
	wantError(t, r.totpCode(session, code), "NotAuthorizedException", "Invalid session")

	session = r.totpChallenge()
	early := r.pool.TOTP("alice")
	r.clock.Advance(time.Minute)
	wantError(t, r.totpCode(session, early), "ExpiredCodeException", "")

	session = r.totpChallenge()
	slow := r.pool.TOTP("alice")
	r.clock.Advance(30 * time.Second)
	if err := r.totpCode(session, slow); err != nil {
		t.Errorf("code of the step before: %v", err)
	}
}

func TestTOTPKeepsSessionIfTold(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		withTOTP(c)
		c.Dialect.KeepSessionOnExpiredCode = true
	})
	code := r.pool.TOTP("alice")
	if err := r.totpCode(r.totpChallenge(), code); err != nil {
		t.Fatal(err)
	}
	session := r.totpChallenge()
	wantError(t, r.totpCode(session, code), "ExpiredCodeException", "")
	r.clock.Advance(30 * time.Second)
	if err := r.totpCode(session, r.pool.TOTP("alice")); err != nil {
		t.Error(err)
	}
}

func TestMFASettings(t *testing.T) {
	both := []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
	cases := map[string]struct {
		adjust func(*PoolConfig)
		want   string
	}{
		"preferred":     {func(c *PoolConfig) { c.Users[0].MFA, c.Users[0].PreferredMFA = both, "EMAIL_OTP" }, "EMAIL_OTP"},
		"optional":      {func(c *PoolConfig) { c.Users[0].TOTPSecret = "" }, ""},
		"implied":       {func(*PoolConfig) {}, "SOFTWARE_TOKEN_MFA"},
		"switched off":  {func(c *PoolConfig) { c.MFA, c.Users[0].TOTPSecret = "OFF", "" }, ""},
		"on and chosen": {func(c *PoolConfig) { c.MFA, c.Users[0].MFA = "ON", both[:1] }, "EMAIL_OTP"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(p *PoolConfig) {
				withTOTP(p)
				c.adjust(p)
			})
			out, err := r.srp("alice", password)
			if err != nil {
				t.Fatal(err)
			}
			if string(out.ChallengeName) != c.want {
				t.Errorf("challenge %q, want %q", out.ChallengeName, c.want)
			}
		})
	}
}

// mfaRequired makes the pool demand a second factor, which Alice must set up.
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

// shown is the code that an app with this secret shows.
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

	// The pool asks for the app now. The code of the set-up does not work twice.
	asked, err := r.login("alice")
	if err != nil || asked.ChallengeName != "SOFTWARE_TOKEN_MFA" || asked.ChallengeParameters["FRIENDLY_DEVICE_NAME"] != "phone" {
		t.Fatalf("%v, %v", asked, err)
	}
	answer := map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code}
	_, err = r.respond("SOFTWARE_TOKEN_MFA", aws.ToString(asked.Session), answer)
	wantError(t, err, "ExpiredCodeException", "used")
}

// An address that the user has replaced does not find the user.
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
	_, err = choose("EMAIL_MFA") // the spelling of the documentation
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

var evidenceOfMFA = map[string]func(*testing.T){
	"a wrong EMAIL_OTP code": func(t *testing.T) {
		r := newRig(t, withEmailMFA(Dialect{}))
		wantError(t, r.emailCode(r.emailChallenge(), r.wrongCode()), "CodeMismatchException", wrongCodeText)
	},
	"a wrong SMS_MFA code": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			c.MFA = "ON"
			c.Users[0].MFA = []string{"SMS_MFA"}
		})
		out, err := r.login("alice")
		begun(t, out, err, "SMS_MFA")
		_, err = r.respond("SMS_MFA", *out.Session, map[string]string{"USERNAME": "alice", "SMS_MFA_CODE": r.wrongCode()})
		wantError(t, err, "CodeMismatchException", wrongCodeText)
	},
	"a wrong SOFTWARE_TOKEN_MFA code": func(t *testing.T) {
		r := newRig(t, withTOTP)
		wantError(t, r.totpCode(r.totpChallenge(), "no"), "CodeMismatchException", "Invalid code received for user")
	},
	"a TOTP code that was used": func(t *testing.T) {
		r := newRig(t, withTOTP)
		code := r.pool.TOTP("alice")
		if err := r.totpCode(r.totpChallenge(), code); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.totpCode(r.totpChallenge(), code), "ExpiredCodeException", "Your software token has already been used once.")
	},
	"a wrong code in VerifySoftwareToken": func(t *testing.T) {
		r := newRig(t, mfaRequired)
		made, err := r.associate(r.setupSession())
		if err != nil {
			t.Fatal(err)
		}
		wrong := []byte(r.shown(made.SecretCode))
		wrong[0] = '0' + (wrong[0]-'0'+1)%10
		_, err = r.verify(*made.Session, string(wrong))
		wantError(t, err, "EnableSoftwareTokenMFAException", "Code mismatch")
	},
}
