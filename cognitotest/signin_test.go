package cognitotest

import (
	"context"
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// TestPasswordVerifierRefusals spoils one part of a right answer at a time.
func TestPasswordVerifierRefusals(t *testing.T) {
	set := func(key, value string) func(*rig, map[string]string) {
		return func(_ *rig, answer map[string]string) { answer[key] = value }
	}
	cases := map[string]struct {
		spoil         func(*rig, map[string]string)
		name, message string
	}{
		"no USERNAME":             {set("USERNAME", ""), "InvalidParameterException", "USERNAME"},
		"other user":              {set("USERNAME", "bob"), "NotAuthorizedException", "Invalid session"},
		"no signature":            {set("PASSWORD_CLAIM_SIGNATURE", ""), "InvalidParameterException", "PASSWORD_CLAIM_SIGNATURE"},
		"unpadded signature":      {trimPadding, "InvalidParameterException", "PASSWORD_CLAIM_SIGNATURE"},
		"wrong signature":         {set("PASSWORD_CLAIM_SIGNATURE", "AAAA"), "NotAuthorizedException", "Incorrect"},
		"no block":                {set("PASSWORD_CLAIM_SECRET_BLOCK", ""), "InvalidParameterException", "SECRET_BLOCK"},
		"another block":           {set("PASSWORD_CLAIM_SECRET_BLOCK", "AAAA"), "NotAuthorizedException", "Incorrect"},
		"re-encoded block":        {reencodeBlock, "NotAuthorizedException", "Incorrect"},
		"no timestamp":            {set("TIMESTAMP", ""), "InvalidParameterException", "TIMESTAMP"},
		"timestamp zero padded":   {set("TIMESTAMP", "Sat Mar 07 21:04:05 UTC 2026"), "NotAuthorizedException", "Incorrect"},
		"timestamp space padded":  {set("TIMESTAMP", "Sat Mar  7 21:04:05 UTC 2026"), "InvalidParameterException", "TIMESTAMP"},
		"timestamp hour 24":       {set("TIMESTAMP", "Sat Mar 7 24:04:05 UTC 2026"), "InvalidParameterException", "TIMESTAMP"},
		"timestamp other zone":    {set("TIMESTAMP", "Sat Mar 7 21:04:05 CET 2026"), "InvalidParameterException", "TIMESTAMP"},
		"timestamp lower case":    {set("TIMESTAMP", "sat mar 7 21:04:05 UTC 2026"), "NotAuthorizedException", "Incorrect"},
		"timestamp one digit":     {set("TIMESTAMP", "Sat Mar 7 21:4:05 UTC 2026"), "InvalidParameterException", "TIMESTAMP"},
		"timestamp wrong weekday": {set("TIMESTAMP", "Sun Mar 7 21:04:05 UTC 2026"), "NotAuthorizedException", "Incorrect"},
		"timestamp French":        {set("TIMESTAMP", "sam. mars 7 21:04:05 UTC 2026"), "InvalidParameterException", "TIMESTAMP"},
		"timestamp not signed":    {set("TIMESTAMP", "Sat Mar 7 21:04:04 UTC 2026"), "NotAuthorizedException", "Incorrect"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			out, answer := r.startSRP(aliceEmail, password)
			c.spoil(r, answer)
			_, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer)
			wantError(t, err, c.name, c.message)
		})
	}
}

func trimPadding(_ *rig, answer map[string]string) {
	answer["PASSWORD_CLAIM_SIGNATURE"] = strings.TrimRight(answer["PASSWORD_CLAIM_SIGNATURE"], "=")
}

func reencodeBlock(r *rig, answer map[string]string) {
	block, err := base64.StdEncoding.DecodeString(answer["PASSWORD_CLAIM_SECRET_BLOCK"])
	if err != nil {
		r.t.Fatal(err)
	}
	answer["PASSWORD_CLAIM_SECRET_BLOCK"] = base64.RawURLEncoding.EncodeToString(block)
}

// Within the session's life the time of an answer and its TIMESTAMP do not
// matter, unless the dialect limits them.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		dialect     Dialect
		waits, lies time.Duration
		message     string // "": the answer is taken
	}{
		"no limit, late":                {Dialect{}, 2 * time.Minute, 0, ""},
		"no limit, wrong clock":         {Dialect{}, 0, 12 * time.Hour, ""},
		"answer in time":                {Dialect{VerifierSeconds: 10}, 10 * time.Second, -time.Hour, ""},
		"answer too late":               {Dialect{VerifierSeconds: 10}, 11 * time.Second, 0, "after the challenge"},
		"TIMESTAMP near":                {Dialect{TimestampSeconds: 10}, time.Minute, -10 * time.Second, ""},
		"TIMESTAMP too old":             {Dialect{TimestampSeconds: 10}, 0, -11 * time.Second, "from the pool's clock"},
		"TIMESTAMP too new":             {Dialect{TimestampSeconds: 10}, 0, 11 * time.Second, "from the pool's clock"},
		"negative numbers are no limit": {Dialect{TimestampSeconds: -1, VerifierSeconds: -1}, time.Minute, time.Hour, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(config *PoolConfig) { config.Dialect = c.dialect })
			s := newSRPClient(t)
			out, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": s.publicA.Text(16)})
			if err != nil {
				t.Fatal(err)
			}
			r.clock.Advance(c.waits)
			timestamp := r.clock.Now().Add(c.lies).Format(clientTimestamp)
			_, err = r.respond("PASSWORD_VERIFIER", "", map[string]string{
				"USERNAME":                    "alice",
				"TIMESTAMP":                   timestamp,
				"PASSWORD_CLAIM_SECRET_BLOCK": out.ChallengeParameters["SECRET_BLOCK"],
				"PASSWORD_CLAIM_SIGNATURE":    s.claim(t, "TestPool1", password, timestamp, out.ChallengeParameters),
			})
			if c.message != "" {
				wantError(t, err, "NotAuthorizedException", c.message)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWrongPassword(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.srp("alice", "wrong")
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
}

// resetPassword gives Alice a new password with a code.
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

// The password was right when the exchange began.
func TestProofOfAChangedPassword(t *testing.T) {
	r := newRig(t, nil)
	_, answer := r.startSRP("alice", password)
	r.resetPassword(newPassword)
	_, err := r.respond("PASSWORD_VERIFIER", "", answer)
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	out, err := r.srp("alice", newPassword)
	wantTokens(t, out, err)
}

// A new password ends the lockout of the one that was forgotten.
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

// lastModified is UserLastModifiedDate.
func (r *rig) lastModified(username string) time.Time {
	r.t.Helper()
	out, err := r.pool.AdminClient().AdminGetUser(r.t.Context(), &cip.AdminGetUserInput{UserPoolId: aws.String(r.pool.ID()), Username: &username})
	if err != nil {
		r.t.Fatal(err)
	}
	return aws.ToTime(out.UserLastModifiedDate)
}

func TestLastModifiedDate(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		mfaRequired(c)
		c.Users[0].Attributes["phone_number_verified"] = "true" // a code to reset the password can go there
	})
	changed := func(by, username string) {
		t.Helper()
		if got, want := r.lastModified(username), r.clock.Now(); !got.Equal(want) {
			t.Errorf("UserLastModifiedDate after %s: %v, want %v", by, got, want)
		}
		r.clock.Advance(time.Hour)
	}
	changed("AddUser", "alice")
	_, err := r.respond("MFA_SETUP", r.setupSession(), map[string]string{"USERNAME": "alice", "EMAIL": "new@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	changed("a new address", "alice")
	r.resetPassword(newPassword)
	changed("a new password", "alice")
	if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	changed("SignUp", "bob")
	if _, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil); err != nil {
		t.Fatal(err)
	}
	changed("ConfirmSignUp", "bob")
}

func TestPasswordFlow(t *testing.T) {
	r := newRig(t, nil)
	for _, username := range []string{"alice", aliceEmail} {
		out, err := r.withSecret().login(username)
		if err != nil {
			t.Fatal(err)
		}
		wantTokens(t, out, nil)
	}
}

// A number that is not verified does not find its user.
func TestUnverifiedAlias(t *testing.T) {
	_, err := newRig(t, nil).login("+3312345678")
	wantError(t, err, "UserNotFoundException", "User does not exist.")
}

func TestSecretHash(t *testing.T) {
	r := newRig(t, nil).withSecret()
	out, answer := r.startSRP(aliceEmail, password)
	hashes := map[string]struct{ hash, message string }{
		"missing":           {"", "SECRET_HASH was not received"},
		"over typed alias":  {secretHash(appSecret, aliceEmail, secretApp), "Unable to verify secret hash"},
		"over other client": {secretHash(appSecret, "alice", publicApp), "Unable to verify secret hash"},
		"other secret":      {secretHash("guess", "alice", secretApp), "Unable to verify secret hash"},
		"raw secret":        {appSecret, "Unable to verify secret hash"},
	}
	for name, c := range hashes {
		t.Run(name, func(t *testing.T) {
			spoiled := maps.Clone(answer)
			spoiled["SECRET_HASH"] = c.hash
			_, err := r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), spoiled)
			wantError(t, err, "NotAuthorizedException", c.message)
			_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{
				"USERNAME": "alice", "PASSWORD": password, "SECRET_HASH": c.hash,
			})
			wantError(t, err, "NotAuthorizedException", c.message)
		})
	}
	public := newRig(t, nil)
	_, err := public.initiate("USER_PASSWORD_AUTH", map[string]string{
		"USERNAME": "alice", "PASSWORD": password, "SECRET_HASH": secretHash(appSecret, "alice", publicApp),
	})
	wantError(t, err, "NotAuthorizedException", "Unable to verify secret hash")
}

func TestFlowRefusals(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.Clients = append(c.Clients, ClientConfig{ID: "defaultapp"}, ClientConfig{ID: "refreshonly", AuthFlows: []string{"ALLOW_REFRESH_TOKEN_AUTH"}})
	})
	srpA := newSRPClient(t).publicA.Text(16)
	full := map[string]string{"USERNAME": "alice", "PASSWORD": password, "SRP_A": srpA}
	cases := map[string]struct {
		app, flow     string
		without       string
		name, message string
	}{
		"not enabled by default":  {"defaultapp", "USER_PASSWORD_AUTH", "", "InvalidParameterException", "not enabled"},
		"not enabled":             {"refreshonly", "USER_SRP_AUTH", "", "InvalidParameterException", "not enabled"},
		"for administrators only": {publicApp, "ADMIN_USER_PASSWORD_AUTH", "", "InvalidParameterException", "does not take"},
		"unknown flow":            {publicApp, "USER_MAGIC_AUTH", "", "InvalidParameterException", "authFlow"},
		"unknown client":          {"nosuchapp", "USER_SRP_AUTH", "", "ResourceNotFoundException", "nosuchapp"},
		"no user name":            {publicApp, "USER_SRP_AUTH", "USERNAME", "InvalidParameterException", "USERNAME"},
		"no SRP_A":                {publicApp, "USER_SRP_AUTH", "SRP_A", "InvalidParameterException", "SRP_A"},
		"no password":             {publicApp, "USER_PASSWORD_AUTH", "PASSWORD", "InvalidParameterException", "PASSWORD"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := *r
			r.app = c.app
			parameters := maps.Clone(full)
			delete(parameters, c.without)
			_, err := r.initiate(c.flow, parameters)
			wantError(t, err, c.name, c.message)
		})
	}
	other := *r
	other.app = "defaultapp"
	if _, err := other.initiate("USER_SRP_AUTH", full); err != nil {
		t.Errorf("SRP is enabled by default: %v", err)
	}
}

func TestUserStatus(t *testing.T) {
	cases := map[string]struct {
		adjust        func(*UserConfig)
		name, message string
	}{
		"disabled":       {func(u *UserConfig) { u.Disabled = true }, "NotAuthorizedException", "User is disabled."},
		"unconfirmed":    {func(u *UserConfig) { u.Unconfirmed = true }, "UserNotConfirmedException", "not confirmed"},
		"reset required": {func(u *UserConfig) { u.ResetRequired = true }, "PasswordResetRequiredException", "reset"},
		"no password":    {func(u *UserConfig) { u.Password = "" }, "NotAuthorizedException", "Incorrect"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(p *PoolConfig) { c.adjust(&p.Users[0]) })
			_, err := r.login("alice")
			wantError(t, err, c.name, c.message)
			if name == "disabled" || name == "unconfirmed" { // which is told before a password is judged
				_, err = r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": "abcd"})
				wantError(t, err, c.name, c.message)
				_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
				wantError(t, err, c.name, c.message)
				return
			}
			_, err = r.srp("alice", password)
			wantError(t, err, c.name, c.message)
		})
	}
}

// A name that nobody has looks like one that somebody has until the proof.
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

// The names in a challenge do not tell that nobody has them.
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
	// The name behind an alias is somebody's own, which the pool has to make up.
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
		fail("Incorrect") // a success starts the count again
	}
	r.clock.Advance(15 * time.Minute)
	for range 5 {
		fail("Incorrect") // and so do 15 quiet minutes
	}
	fail("Password attempts exceeded")
}

func TestAdminPasswordFlow(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.MFA = "ON"
		c.Users[0].MFA = []string{"EMAIL_OTP"}
	})
	ctx, admin := context.Background(), r.pool.AdminClient()
	for _, flow := range []types.AuthFlowType{"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"} {
		in := &cip.AdminInitiateAuthInput{
			UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(publicApp), AuthFlow: flow,
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
		}
		_, err := r.sdk.AdminInitiateAuth(ctx, in)
		wantError(t, err, "MissingAuthenticationTokenException", "")
		out, err := admin.AdminInitiateAuth(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := admin.AdminRespondToAuthChallenge(ctx, &cip.AdminRespondToAuthChallengeInput{
			UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(publicApp), ChallengeName: out.ChallengeName, Session: out.Session,
			ChallengeResponses: map[string]string{"USERNAME": "alice", "EMAIL_OTP_CODE": r.pool.LastCode("alice").Code},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantTokens(t, got, nil)
	}
	_, err := admin.AdminInitiateAuth(ctx, &cip.AdminInitiateAuthInput{
		UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(publicApp), AuthFlow: "USER_PASSWORD_AUTH",
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
	})
	wantError(t, err, "InvalidParameterException", "does not take")
}
