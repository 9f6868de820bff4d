package cognitotest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

const (
	wrongCredentialsText = "Incorrect username or password."
	wrongCodeText        = "Invalid code or auth state for the user."
)

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

// If two sign-ins wait for a new password, only one of them can set the password.
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

// An answer cannot change an attribute that has a value. The session ends.
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

// An answer cannot take the alias of another user. A new address is not verified.
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

func TestWrongPassword(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.srp("alice", "wrong")
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
}

// resetPassword replaces the password of Alice with a code.
func (r *rig) resetPassword(password string) {
	r.t.Helper()
	ctx, name := context.Background(), aws.String("alice")
	if _, err := r.sdk.ForgotPassword(ctx, &cip.ForgotPasswordInput{ClientId: &r.app, Username: name}); err != nil {
		r.t.Fatal(err)
	}
	_, err := r.sdk.ConfirmForgotPassword(ctx, &cip.ConfirmForgotPasswordInput{
		ClientId: &r.app, Username: name, ConfirmationCode: aws.String(r.pool.LastCode("alice").Code), Password: aws.String(password),
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// A proof of the old password fails, although the password was right at the start.
func TestProofOfAChangedPassword(t *testing.T) {
	r := newRig(t, nil)
	_, answer := r.startSRP("alice", password)
	r.resetPassword(newPassword)
	_, err := r.respond("PASSWORD_VERIFIER", "", answer)
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	out, err := r.srp("alice", newPassword)
	wantTokens(t, out, err)
}

// A new password ends the lockout.
func TestResetEndsTheLockout(t *testing.T) {
	r := newRig(t, nil)
	for range 5 {
		_, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "NotAuthorizedException", "Incorrect")
	}
	_, err := r.login("alice")
	wantError(t, err, "NotAuthorizedException", "Password attempts exceeded")
	r.resetPassword(newPassword)
	out, err := r.srp("alice", newPassword)
	wantTokens(t, out, err)
}

func TestPermanentPasswordsDoNotExpire(t *testing.T) {
	r := newRig(t, nil)
	r.clock.Advance(30 * 24 * time.Hour)
	out, err := r.login("alice")
	wantTokens(t, out, err)
}

func TestLockout(t *testing.T) {
	r := newRig(t, nil)
	fail := func(message string) {
		t.Helper()
		_, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "NotAuthorizedException", message)
	}
	for range 5 {
		fail("Incorrect")
	}
	for wait := time.Second; wait <= 4*time.Second; wait *= 2 {
		r.clock.Advance(wait - time.Millisecond)
		fail("Password attempts exceeded")
		_, err := r.srp("alice", password)
		wantError(t, err, "NotAuthorizedException", "Password attempts exceeded")
		r.clock.Advance(time.Millisecond)
		fail("Incorrect")
	}
	r.clock.Advance(8 * time.Second)
	if _, err := r.login("alice"); err != nil {
		t.Fatalf("after the lockout: %v", err)
	}
	for range 4 {
		fail("Incorrect") // a success sets the count to zero
	}
	r.clock.Advance(15 * time.Minute)
	for range 5 {
		fail("Incorrect") // 15 minutes without a failure set the count to zero
	}
	fail("Password attempts exceeded")
}

var evidenceOfPasswords = map[string]func(*testing.T){
	"a wrong password": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.srp("alice", "wrong")
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
	},
	"a password that has to be reset": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.Users[0].ResetRequired = true })
		_, err := r.login("alice")
		wantError(t, err, "PasswordResetRequiredException", "")
		_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		_, err = r.srp("alice", "wrong")
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
	},
	"too many wrong passwords": func(t *testing.T) {
		r := newRig(t, nil)
		wrong := map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"}
		for range 5 {
			_, err := r.initiate("USER_PASSWORD_AUTH", wrong)
			wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		}
		_, err := r.login("alice")
		wantError(t, err, "NotAuthorizedException", "Password attempts exceeded")
		r.clock.Advance(time.Second)
		if _, err := r.login("alice"); err != nil {
			t.Error(err)
		}
	},
	"expired temporary passwords": func(t *testing.T) {
		r := newRig(t, mustChangePassword)
		r.clock.Advance(7*24*time.Hour - time.Second)
		out, err := r.login("alice")
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		r.clock.Advance(time.Second)
		_, err = r.srp("alice", password)
		wantError(t, err, "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.")
		_, err = r.srp("alice", "wrong")
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
	},
	"an attribute that has a value, with a new password": func(t *testing.T) {
		r := newRig(t, mustChangePassword)
		out, err := r.login("alice")
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		_, err = r.respond("NEW_PASSWORD_REQUIRED", *out.Session, map[string]string{
			"USERNAME": "alice", "NEW_PASSWORD": newPassword, "userAttributes.email": aliceEmail, "userAttributes.given_name": "Alice",
		})
		wantError(t, err, "NotAuthorizedException", "Cannot modify an already provided email")
	},
}
