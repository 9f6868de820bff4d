package cognitotest

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// While the session lives, the time of an answer and its TIMESTAMP do not matter, unless
// the dialect limits them.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		dialect     Dialect
		waits, lies time.Duration
		message     string // "": the pool takes the answer
	}{
		"no limit, late":                {Dialect{}, 2 * time.Minute, 0, ""},
		"no limit, wrong clock":         {Dialect{}, 0, 12 * time.Hour, ""},
		"answer in time":                {Dialect{VerifierSeconds: 10}, 10 * time.Second, -time.Hour, ""},
		"answer too late":               {Dialect{VerifierSeconds: 10}, 11 * time.Second, 0, "after the challenge"},
		"TIMESTAMP near":                {Dialect{TimestampSeconds: 10}, time.Minute, -10 * time.Second, ""},
		"TIMESTAMP too old":             {Dialect{TimestampSeconds: 10}, 0, -11 * time.Second, "from the clock of the pool"},
		"TIMESTAMP too new":             {Dialect{TimestampSeconds: 10}, 0, 11 * time.Second, "from the clock of the pool"},
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
			if name == "disabled" || name == "unconfirmed" { // the pool tells these states before it judges a password
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
