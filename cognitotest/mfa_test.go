package cognitotest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestSMSCode(t *testing.T) {
	var delivered []Code
	var r *rig
	r = newRig(t, func(c *PoolConfig) {
		c.MFA, c.MFATypes = "OPTIONAL", []string{"SMS_MFA"}
		c.Users[0].MFA = []string{"SMS_MFA"}
		c.OnCode = func(code Code) {
			if r.pool.LastCode(aliceEmail) != code { // hooks may call the pool
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

// A test that asks for a code of nobody's has a mistake.
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

// A code is good for the challenge that it was sent for.
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

// mustChangePassword gives Alice a temporary password.
func mustChangePassword(c *PoolConfig) {
	c.Users[0].Password, c.Users[0].TemporaryPassword = "", password
	c.RequiredAttributes = []string{"email", "given_name"}
}

func TestNewPassword(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		mustChangePassword(c)
		c.PasswordPolicy = &PasswordPolicy{RequireNumbers: true, HistorySize: 1}
	})
	out, err := r.srp("alice", password)
	if err != nil {
		t.Fatal(err)
	}
	if out.ChallengeName != "NEW_PASSWORD_REQUIRED" {
		t.Fatalf("challenge %q", out.ChallengeName)
	}
	var attributes map[string]string
	var required []string
	if err := json.Unmarshal([]byte(out.ChallengeParameters["userAttributes"]), &attributes); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out.ChallengeParameters["requiredAttributes"]), &required); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(required, []string{"userAttributes.given_name"}) || attributes["email_verified"] != "true" {
		t.Errorf("required %v, attributes %v", required, attributes)
	}

	session := aws.ToString(out.Session)
	good := map[string]string{"USERNAME": "alice", "NEW_PASSWORD": newPassword, "userAttributes.given_name": "Alice"}
	refusals := map[string]struct{ key, value, name, message string }{
		"no password":             {"NEW_PASSWORD", "", "InvalidParameterException", "NEW_PASSWORD"},
		"too short":               {"NEW_PASSWORD", "Short-1", "InvalidPasswordException", "not long enough"},
		"no digit":                {"NEW_PASSWORD", "Battery-Staple", "InvalidPasswordException", "numeric"},
		"the old one":             {"NEW_PASSWORD", password, "PasswordHistoryPolicyViolationException", "previously"},
		"required missing":        {"userAttributes.given_name", "", "InvalidParameterException", "given_name is missing"},
		"received back":           {"userAttributes.email_verified", "true", "InvalidParameterException", "email_verified"},
		"sub":                     {"userAttributes.sub", "x", "InvalidParameterException", "sub"},
		"not in the schema":       {"userAttributes.shoe_size", "42", "InvalidParameterException", "shoe_size"},
		"custom without its name": {"userAttributes.custom:", "42", "InvalidParameterException", "custom:"},
	}
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			answer := maps.Clone(good)
			answer[c.key] = c.value
			_, err := r.respond("NEW_PASSWORD_REQUIRED", session, answer)
			wantError(t, err, c.name, c.message)
		})
	}

	good["userAttributes.custom:team"] = "blue"
	got, err := r.respond("NEW_PASSWORD_REQUIRED", session, good)
	if err != nil {
		t.Fatal(err)
	}
	wantTokens(t, got, nil)
	_, err = r.srp("alice", password)
	wantError(t, err, "NotAuthorizedException", "Incorrect")
	again, err := r.srp("alice", newPassword)
	if err != nil {
		t.Fatal(err)
	}
	wantTokens(t, again, nil)
}

// Two sign-ins may ask for a new password, and one of them sets it.
func TestNewPasswordOfASecondSession(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		mustChangePassword(c)
		c.RequiredAttributes = nil
	})
	first, err := r.login("alice")
	begun(t, first, err, "NEW_PASSWORD_REQUIRED")
	second, err := r.login("alice")
	begun(t, second, err, "NEW_PASSWORD_REQUIRED")
	done, err := r.respond("NEW_PASSWORD_REQUIRED", *first.Session, map[string]string{"USERNAME": "alice", "NEW_PASSWORD": newPassword})
	wantTokens(t, done, err)
	_, err = r.respond("NEW_PASSWORD_REQUIRED", *second.Session, map[string]string{"USERNAME": "alice", "NEW_PASSWORD": "Another-Horse-9!"})
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	out, err := r.srp("alice", newPassword)
	wantTokens(t, out, err)
}

func TestNewPasswordThenMFA(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		withTOTP(c)
		mustChangePassword(c)
		c.RequiredAttributes = nil
	})
	out, err := r.login("alice")
	if err != nil {
		t.Fatal(err)
	}
	if got := out.ChallengeParameters["requiredAttributes"]; got != "[]" {
		t.Errorf("requiredAttributes %s", got)
	}
	next, err := r.respond("NEW_PASSWORD_REQUIRED", aws.ToString(out.Session), map[string]string{"USERNAME": "alice", "NEW_PASSWORD": newPassword})
	if err != nil {
		t.Fatal(err)
	}
	if next.ChallengeName != "SOFTWARE_TOKEN_MFA" {
		t.Fatalf("challenge %q", next.ChallengeName)
	}
	if err := r.totpCode(aws.ToString(next.Session), r.pool.TOTP("alice")); err != nil {
		t.Error(err)
	}
}

// An attribute that has a value stays, and the session ends.
func TestAttributeWithAValue(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		mustChangePassword(c)
		c.RequiredAttributes = nil
	})
	out, err := r.login("alice")
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]string{"USERNAME": "alice", "NEW_PASSWORD": newPassword, "userAttributes.email": aliceEmail}
	_, err = r.respond("NEW_PASSWORD_REQUIRED", aws.ToString(out.Session), answer)
	wantError(t, err, "NotAuthorizedException", "Cannot modify an already provided email")
	delete(answer, "userAttributes.email")
	_, err = r.respond("NEW_PASSWORD_REQUIRED", aws.ToString(out.Session), answer)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
}

// An alias of somebody else cannot be taken, and a new address is not a
// verified one.
func TestAliasesInNewPassword(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		mustChangePassword(c)
		c.RequiredAttributes = nil
		c.Users[0].Attributes = nil
		c.Users = append(c.Users, UserConfig{Name: "bob", Attributes: map[string]string{"preferred_username": "bobby"}})
	})
	out, err := r.login("alice")
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]string{"USERNAME": "alice", "NEW_PASSWORD": newPassword, "userAttributes.preferred_username": "bobby"}
	_, err = r.respond("NEW_PASSWORD_REQUIRED", aws.ToString(out.Session), answer)
	wantError(t, err, "AliasExistsException", "")
	answer["userAttributes.preferred_username"] = "al"
	answer["userAttributes.email"] = "new@example.com"
	if _, err := r.respond("NEW_PASSWORD_REQUIRED", aws.ToString(out.Session), answer); err != nil {
		t.Fatal(err)
	}
	for name, found := range map[string]bool{"al": true, "alice": true, "new@example.com": false} {
		_, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": name, "PASSWORD": newPassword})
		if (err == nil) != found {
			t.Errorf("sign-in as %s: %v", name, err)
		}
	}
}
