package cognitotest

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

func TestMailbox(t *testing.T) {
	var delivered []Code
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.OnCode = func(code Code) { delivered = append(delivered, code) }
	})
	if got := r.pool.Mailbox("alice"); got != nil {
		t.Errorf("a new mailbox has %v", got)
	}
	for i := range 103 {
		if _, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": []string{"EMAIL_OTP", "SMS_OTP"}[i%2]}); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.pool.Mailbox(aliceEmail); !slices.Equal(got, delivered[3:]) {
		t.Errorf("%d codes, want the last hundred of %d", len(got), len(delivered))
	}
	if got := r.pool.LastCode("alice"); got != delivered[102] {
		t.Errorf("the last code is %v", got)
	}
	wantPanic(t, "cognitotest: Mailbox: no user", func() { r.pool.Mailbox("nobody") })
}

// mustUpdate changes a user of the pool.
func (r *rig) mustUpdate(username string, change func(*UserConfig)) {
	r.t.Helper()
	if err := r.pool.UpdateUser(username, change); err != nil {
		r.t.Fatal(err)
	}
}

func TestUpdateUserStates(t *testing.T) {
	r := newRig(t, nil)
	for want, change := range map[string]func(*UserConfig){
		"NotAuthorizedException":         func(u *UserConfig) { u.Disabled = true },
		"UserNotConfirmedException":      func(u *UserConfig) { u.Unconfirmed = true },
		"PasswordResetRequiredException": func(u *UserConfig) { u.ResetRequired = true },
	} {
		r.mustUpdate(aliceEmail, change)
		_, err := r.login("alice")
		wantError(t, err, want, "")
		r.mustUpdate("alice", func(u *UserConfig) { u.Disabled, u.Unconfirmed, u.ResetRequired = false, false, false })
		r.passwordIs("alice", password)
	}
}

func TestUpdateUserPasswords(t *testing.T) {
	r := newRig(t, nil)
	r.mustUpdate("alice", func(u *UserConfig) {
		if u.Password != password || u.TemporaryPassword != "" {
			t.Errorf("told of %+v", *u)
		}
		u.Password = "weak"
	})
	r.passwordIs("alice", "weak")
	r.mustUpdate("alice", func(u *UserConfig) { u.TemporaryPassword = password })
	if out, err := r.srp("alice", password); err != nil || out.ChallengeName != "NEW_PASSWORD_REQUIRED" {
		t.Fatalf("%v, %v", out, err)
	}
	r.mustUpdate("alice", func(u *UserConfig) { u.Password = password })
	done, err := r.srp("alice", password)
	wantTokens(t, done, err)
	r.mustUpdate("alice", func(u *UserConfig) { u.Password = "" })
	for _, given := range []string{password, "weak"} {
		_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": given})
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
	}
}

func TestUpdateUserAttributes(t *testing.T) {
	r := newRig(t, nil)
	tokens := r.tokens()
	r.mustUpdate("alice", func(u *UserConfig) {
		u.Attributes["email"], u.Attributes["nickname"] = "a@example.com", "Al"
		u.Groups = append(u.Groups, "staff")
	})
	r.passwordIs("a@example.com", password)
	_, err := r.login(aliceEmail)
	wantError(t, err, "UserNotFoundException", "")
	if got := r.attributes(tokens.AccessToken); got["nickname"] != "Al" { // the tokens stay valid
		t.Errorf("attributes %v", got)
	}
	wantClaim(t, claimsIn(t, r.tokens().IdToken), "cognito:groups", []any{"staff"})
	r = byAddress(t, nil)
	id := r.pool.Sub(graceEmail)
	r.mustUpdate(graceEmail, func(u *UserConfig) { u.Attributes["email"] = "g@example.com" })
	r.passwordIs("g@example.com", password)
	if got := r.pool.Sub("g@example.com"); got != id {
		t.Errorf("sub %q, was %q", got, id)
	}
}

// If the user keeps the authenticator app, a used code stays used.
func TestUpdateUserMFA(t *testing.T) {
	r := newRig(t, withTOTP)
	code := r.pool.TOTP("alice")
	if err := r.totpCode(r.totpChallenge(), code); err != nil {
		t.Fatal(err)
	}
	r.mustUpdate("alice", func(u *UserConfig) {
		if u.TOTPSecret != totpSecret || !slices.Equal(u.MFA, []string{"SOFTWARE_TOKEN_MFA"}) {
			t.Errorf("told of %+v", *u)
		}
		u.PreferredMFA = "SOFTWARE_TOKEN_MFA"
	})
	wantError(t, r.totpCode(r.totpChallenge(), code), "ExpiredCodeException", "")
	r.mustUpdate("alice", func(u *UserConfig) { u.TOTPSecret, u.MFA, u.PreferredMFA = "", nil, "" })
	r.passwordIs("alice", password)
}

// A refused change changes nothing.
func TestUpdateUserRefused(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.Users = append(c.Users, UserConfig{Name: "bob", Password: password})
	})
	for want, change := range map[string]func(*UserConfig){
		"name: ":                func(u *UserConfig) { u.Name = "robert" },
		"id: ":                  func(u *UserConfig) { u.ID = "1" },
		"attributes: ":          func(u *UserConfig) { u.Attributes["shoe"] = "43" },
		"attributes: AliasExis": func(u *UserConfig) { u.Attributes["email"], u.Attributes["email_verified"] = aliceEmail, "true" },
		"mfa[0]: ":              func(u *UserConfig) { u.MFA = []string{"SMS_MFA"} },
		"temporaryPassword: ":   func(u *UserConfig) { u.Password, u.TemporaryPassword = "a", "b" },
		"groups[1]: ":           func(u *UserConfig) { u.Groups = []string{"staff", ""} },
	} {
		err := r.pool.UpdateUser("bob", func(u *UserConfig) {
			u.Disabled = true
			change(u)
		})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	r.passwordIs("bob", password)
	if r.pool.state.Group("staff") != nil {
		t.Error("a refused change left a group")
	}
	wantPanic(t, `cognitotest: UpdateUser: no user "nobody"`, func() { r.pool.UpdateUser("nobody", func(*UserConfig) {}) })
}

func TestDeleteUser(t *testing.T) {
	r := newRig(t, nil)
	token := r.tokens().AccessToken
	if !r.pool.DeleteUser(aliceEmail) || r.pool.DeleteUser("alice") {
		t.Error("Alice is deleted once")
	}
	_, err := r.sdk.GetUser(t.Context(), &cip.GetUserInput{AccessToken: token})
	wantError(t, err, "UserNotFoundException", "User does not exist.")
	if err := r.pool.AddUser(UserConfig{Name: "alice", Password: password, Attributes: map[string]string{"email": aliceEmail, "email_verified": "true"}}); err != nil {
		t.Fatal(err)
	}
	out, err := r.login(aliceEmail)
	if tokens := wantTokens(t, out, err); aws.ToString(tokens.AccessToken) == aws.ToString(token) {
		t.Error("the same token")
	}
}
