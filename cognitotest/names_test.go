package cognitotest

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const graceEmail = "grace@example.com"

// byAddress is a pool with e-mail addresses as user names.
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

// Each answer takes an alias, unless the dialect wants the name that the pool has sent.
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

// A phone number that is not verified does not find its user.
func TestUnverifiedAlias(t *testing.T) {
	_, err := newRig(t, nil).login("+3312345678")
	wantError(t, err, "UserNotFoundException", "User does not exist.")
}

// Before the proof, an unknown name looks like the name of a user.
func TestUnknownUser(t *testing.T) {
	r := newRig(t, hideUsers)
	for _, name := range []string{"nobody", "nobody@example.com"} {
		first, answer := r.startSRP(name, password)
		second, _ := r.startSRP(name, password)
		other, _ := r.startSRP("x"+name, password)
		for _, key := range []string{"SALT", "USER_ID_FOR_SRP"} {
			if first.ChallengeParameters[key] != second.ChallengeParameters[key] {
				t.Errorf("%s of %q changes", key, name)
			}
			if first.ChallengeParameters[key] == other.ChallengeParameters[key] {
				t.Errorf("%s of two names is the same", key)
			}
		}
		if id := first.ChallengeParameters["USER_ID_FOR_SRP"]; len(id) != 36 || strings.Count(id, "-") != 4 {
			t.Errorf("USER_ID_FOR_SRP %q is no UUID", id)
		}
		if first.ChallengeParameters["SRP_B"] == second.ChallengeParameters["SRP_B"] {
			t.Error("SRP_B is the same twice")
		}
		_, err := r.respond("PASSWORD_VERIFIER", aws.ToString(first.Session), answer)
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
		_, err = r.login(name)
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	}
	another := newRig(t, func(c *PoolConfig) {
		c.ID = "eu-west-1_TestPool2"
		hideUsers(c)
	})
	here, _ := r.startSRP("nobody", password)
	there, _ := another.startSRP("nobody", password)
	if here.ChallengeParameters["SALT"] == there.ChallengeParameters["SALT"] {
		t.Error("two pools make up the same salt")
	}
}

// The names in a challenge do not tell whether the user exists.
func TestNamesOfUnknownUsers(t *testing.T) {
	r := newRig(t, hideUsers)
	names := func(r *rig, typed string) (username, id string) {
		t.Helper()
		out, _ := r.startSRP(typed, password)
		return out.ChallengeParameters["USERNAME"], out.ChallengeParameters["USER_ID_FOR_SRP"]
	}
	upper, upperID := names(r, "Nobody")
	lower, lowerID := names(r, "nobody")
	if upper != "nobody" || lower != "nobody" || upperID != lowerID {
		t.Errorf("Nobody is %q (%s), nobody is %q (%s)", upper, upperID, lower, lowerID)
	}
	sensitive := newRig(t, func(c *PoolConfig) {
		hideUsers(c)
		c.CaseSensitive = true
	})
	upper, upperID = names(sensitive, "Nobody")
	_, lowerID = names(sensitive, "nobody")
	if upper != "Nobody" || upperID == lowerID {
		t.Errorf("where case matters, Nobody is %q (%s), and nobody's ID is %s", upper, upperID, lowerID)
	}
	// An alias stands for a user name, so the pool must invent a name.
	if username, id := names(r, "nobody@example.com"); username != id {
		t.Errorf("behind an alias nobody is %q (%s)", username, id)
	}
	plain := newRig(t, func(c *PoolConfig) {
		hideUsers(c)
		c.AliasAttributes = nil
	})
	if username, _ := names(plain, "nobody@example.com"); username != "nobody@example.com" {
		t.Errorf("where addresses are no aliases, nobody is %q", username)
	}
	byAddress := byAddress(t, hideUsers)
	if username, id := names(byAddress, "nobody@example.com"); username != id {
		t.Errorf("where addresses are user names, nobody is %q (%s)", username, id)
	}
}

func TestLegacyUserExistence(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "nobody", "SRP_A": "abcd"})
	wantError(t, err, "UserNotFoundException", "User does not exist.")
	_, err = r.login("nobody")
	wantError(t, err, "UserNotFoundException", "User does not exist.")
	_, err = r.srp("alice", "wrong")
	wantError(t, err, "NotAuthorizedException", "Incorrect")
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
