package cognitotest

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const graceEmail = "grace@example.com"

// byAddress is a pool whose users have no names of their own.
func byAddress(t *testing.T, adjust func(*PoolConfig)) *rig {
	t.Helper()
	return newRig(t, func(c *PoolConfig) {
		c.AliasAttributes, c.UsernameAttributes = nil, []string{"email"}
		c.Users = []UserConfig{{Name: graceEmail, Password: password}}
		if adjust != nil {
			adjust(c)
		}
	})
}

var evidenceOfNames = map[string]func(*testing.T){
	"USER_ID_FOR_SRP": func(t *testing.T) {
		out, _ := newRig(t, nil).startSRP(aliceEmail, password)
		if p := out.ChallengeParameters; p["USERNAME"] != "alice" || p["USER_ID_FOR_SRP"] != "alice" {
			t.Errorf("USERNAME %q, USER_ID_FOR_SRP %q", p["USERNAME"], p["USER_ID_FOR_SRP"])
		}
	},
	"USER_ID_FOR_SRP where addresses are user names": func(t *testing.T) {
		r := byAddress(t, nil)
		out, answer := r.startSRP(graceEmail, password)
		id := r.pool.Sub(graceEmail)
		if p := out.ChallengeParameters; p["USERNAME"] != id || p["USER_ID_FOR_SRP"] != id || len(id) != 36 {
			t.Errorf("USERNAME %q, USER_ID_FOR_SRP %q, sub %q", p["USERNAME"], p["USER_ID_FOR_SRP"], id)
		}
		done, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantTokens(t, done, err)
	},
	"the sub as USERNAME": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.login(r.pool.Sub("alice"))
		wantError(t, err, "UserNotFoundException", "User does not exist.")
	},
	"an address as USERNAME of an answer, where addresses are user names": func(t *testing.T) {
		r := byAddress(t, func(c *PoolConfig) { c.Users[0].Password, c.Users[0].TemporaryPassword = "", password })
		out, err := r.login(graceEmail)
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		done, err := r.respond("NEW_PASSWORD_REQUIRED", *out.Session, map[string]string{"USERNAME": graceEmail, "NEW_PASSWORD": newPassword})
		wantTokens(t, done, err)
	},
	"an alias as USERNAME of an answer": func(t *testing.T) {
		r := newRig(t, nil).withSecret()
		_, answer := r.startSRP(aliceEmail, password)
		answer["USERNAME"] = aliceEmail
		done, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantTokens(t, done, err)
	},
	"case of user names": func(t *testing.T) {
		r := newRig(t, nil)
		for _, name := range []string{"Alice", "ALICE", "ALICE@Example.com"} {
			out, answer := r.startSRP(name, password)
			if got := out.ChallengeParameters["USERNAME"]; got != "alice" {
				t.Errorf("%s is %q", name, got)
			}
			answer["USERNAME"] = name
			if _, err := r.respond("PASSWORD_VERIFIER", "", answer); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := r.signUp("Alice", password)
		wantError(t, err, "UsernameExistsException", "User already exists")
		_, err = newRig(t, func(c *PoolConfig) { c.CaseSensitive = true }).login("Alice")
		wantError(t, err, "UserNotFoundException", "")
	},
	"aliases": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.AliasAttributes = nil })
		_, err := r.login(aliceEmail)
		wantError(t, err, "UserNotFoundException", "")
		r = newRig(t, func(c *PoolConfig) { c.AliasAttributes = []string{"preferred_username"} })
		_, err = r.login(aliceEmail)
		wantError(t, err, "UserNotFoundException", "")
		r = newRig(t, func(c *PoolConfig) { c.AliasAttributes = []string{"email"} })
		if _, err = r.login(aliceEmail); err != nil {
			t.Error(err)
		}
	},
	"two users with one address": func(t *testing.T) {
		bob := UserConfig{Name: "bob", Password: password, Attributes: map[string]string{"email": aliceEmail, "email_verified": "true"}}
		r := newRig(t, func(c *PoolConfig) { c.AliasAttributes = nil })
		if err := r.pool.AddUser(bob); err != nil {
			t.Error(err)
		}
		if _, err := r.login("bob"); err != nil {
			t.Error(err)
		}
		if err := newRig(t, nil).pool.AddUser(bob); err == nil {
			t.Error("an alias of two users")
		}
	},
	"sign-up by address, where addresses are aliases": func(t *testing.T) {
		_, err := newRig(t, nil).signUp("bob@example.com", password)
		wantError(t, err, "InvalidParameterException", "Username cannot be of email format, since user pool is configured for email alias.")
	},
	"sign-up by name, where addresses are user names": func(t *testing.T) {
		r := byAddress(t, nil)
		_, err := r.signUp("bob", password)
		wantError(t, err, "InvalidParameterException", "Username should be an email.")
		_, err = r.signUp(graceEmail, password)
		wantError(t, err, "UsernameExistsException", "An account with the given email already exists.")
		made, err := r.signUp("bob@example.com", password)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.confirmSignUp("bob@example.com", r.pool.LastCode("bob@example.com").Code, nil); err != nil {
			t.Fatal(err)
		}
		out, _ := r.startSRP("bob@example.com", password)
		if got := out.ChallengeParameters["USERNAME"]; got != aws.ToString(made.UserSub) {
			t.Errorf("USERNAME %q, sub %q", got, aws.ToString(made.UserSub))
		}
	},
	"an unknown user": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "nobody", "SRP_A": "abcd"})
		wantError(t, err, "UserNotFoundException", "User does not exist.")
	},
	"an unknown hidden user": func(t *testing.T) {
		_, err := newRig(t, hideUsers).login("nobody")
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	},
	"an unknown hidden user, SRP": func(t *testing.T) {
		r := newRig(t, hideUsers)
		out, answer := r.startSRP("nobody", password)
		wantKeys(t, out.ChallengeParameters, verifierParameters)
		if id := out.ChallengeParameters["USER_ID_FOR_SRP"]; len(id) != 36 {
			t.Errorf("USER_ID_FOR_SRP %q is no UUID", id)
		}
		if known, _ := r.startSRP("alice", password); known.ChallengeParameters["USER_ID_FOR_SRP"] != "alice" {
			t.Error("the UUID does not tell")
		}
		_, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	},
	"an unknown hidden user, EMAIL_OTP": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			everyFactor(c)
			hideUsers(c)
		})
		out, err := r.userAuth("nobody", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
		begun(t, out, err, "EMAIL_OTP")
		wantSession(t, out.Session, true)
		if want := []types.ChallengeNameType{"EMAIL_OTP"}; !slices.Equal(out.AvailableChallenges, want) {
			t.Errorf("AvailableChallenges %v, want %v", out.AvailableChallenges, want)
		}
		_, err = r.respond("EMAIL_OTP", *out.Session, map[string]string{"USERNAME": "nobody", "EMAIL_OTP_CODE": "no code"})
		wantError(t, err, "CodeMismatchException", "")
	},
	"an unconfirmed user, any password": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.Users[0].Unconfirmed = true })
		_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": "abcd"})
		wantError(t, err, "UserNotConfirmedException", "User is not confirmed.")
		_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "UserNotConfirmedException", "User is not confirmed.")
	},
	"a disabled user, any password": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.Users[0].Disabled, c.Users[0].Unconfirmed = true, true })
		_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": "abcd"})
		wantError(t, err, "NotAuthorizedException", "User is disabled.")
		_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "NotAuthorizedException", "User is disabled.")
	},
}
