package cognitotest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	level1 = "urn:cognito:loa:1"
	level2 = "urn:cognito:loa:2"
	level3 = "urn:cognito:loa:3"
	level4 = "urn:cognito:loa:4"
)

// manyFactors gives Alice each first and each second factor except a passkey.
func manyFactors(c *PoolConfig) {
	everyFactor(c)
	c.MFA, c.Users[0].TOTPSecret = "OPTIONAL", totpSecret
	c.Users[0].MFA = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
}

// climber is a rig in which Alice signs in for a level.
type climber struct {
	*rig
	pick    string   // the factor that Alice chooses
	asked   []string // the challenges of the last sign-in, and the options of each choice
	offered []types.ChallengeNameType
}

func newClimber(t *testing.T, pick string, adjust func(*PoolConfig)) *climber {
	t.Helper()
	return &climber{rig: newRig(t, func(c *PoolConfig) {
		manyFactors(c)
		if adjust != nil {
			adjust(c)
		}
	}), pick: pick}
}

// aimAt starts USER_AUTH for a level. The start is a step-up if there is a token.
func (r *climber) aimAt(levels string, token *string, extra map[string]string) (*cip.InitiateAuthOutput, error) {
	parameters := maps.Clone(extra)
	if parameters == nil {
		parameters = map[string]string{}
	}
	if levels != "" {
		parameters["TARGET_ACR_VALUES"] = levels
	}
	if token != nil {
		parameters["ACCESS_TOKEN"] = *token
	}
	return r.userAuth("alice", parameters)
}

// climb is aimAt with right answers to all challenges.
func (r *climber) climb(levels string, token *string, extra map[string]string) *types.AuthenticationResultType {
	r.t.Helper()
	r.clock.Advance(time.Minute) // the pool takes a code of an app once
	first, err := r.aimAt(levels, token, extra)
	if err != nil {
		r.t.Fatal(err)
	}
	out := &cip.RespondToAuthChallengeOutput{
		ChallengeName: first.ChallengeName, Session: first.Session,
		ChallengeParameters: first.ChallengeParameters, AuthenticationResult: first.AuthenticationResult,
	}
	r.asked, r.offered = nil, first.AvailableChallenges
	for range 6 {
		if out.AuthenticationResult != nil {
			return wantTokens(r.t, out, nil)
		}
		r.asked = append(r.asked, string(out.ChallengeName))
		if out, err = r.respond(string(out.ChallengeName), *out.Session, r.right(out)); err != nil {
			r.t.Fatalf("after %q: %v", r.asked, err)
		}
	}
	r.t.Fatalf("no tokens after %q", r.asked)
	return nil
}

// right answers a challenge.
func (r *climber) right(out *cip.RespondToAuthChallengeOutput) map[string]string {
	answer := map[string]string{"USERNAME": "alice"}
	switch name := string(out.ChallengeName); name {
	case "SELECT_CHALLENGE":
		r.asked[len(r.asked)-1] = strings.Trim(fmt.Sprint(r.offered), "[]")
		answer["ANSWER"], answer["PASSWORD"] = r.pick, password
	case "SELECT_MFA_TYPE":
		r.asked[len(r.asked)-1] = out.ChallengeParameters["MFAS_CAN_CHOOSE"]
		answer["ANSWER"] = "EMAIL_OTP"
	case "SOFTWARE_TOKEN_MFA":
		answer["SOFTWARE_TOKEN_MFA_CODE"] = r.pool.TOTP("alice")
	default:
		answer[name+"_CODE"] = r.pool.LastCode("alice").Code
	}
	return answer
}

// wantLevel checks the level and the methods in both tokens.
func (r *climber) wantLevel(got *types.AuthenticationResultType, level string, methods ...any) {
	r.t.Helper()
	for _, token := range []*string{got.AccessToken, got.IdToken} {
		claims := payloadOf(r.t, *token)
		if level == "" {
			if claims["acr"] != nil || claims["amr"] != nil {
				r.t.Errorf("acr %v, amr %v, want none", claims["acr"], claims["amr"])
			}
			continue
		}
		listed, _ := claims["amr"].([]any)
		if claims["acr"] != level || !slices.Equal(listed, methods) {
			r.t.Errorf("%s token: acr %v, amr %v, want %s, %v", claims["token_use"], claims["acr"], claims["amr"], level, methods)
		}
	}
}

func (r *climber) wantAsked(want ...string) {
	r.t.Helper()
	if !slices.Equal(r.asked, want) {
		r.t.Errorf("asked %q, want %q", r.asked, want)
	}
}

var evidenceOfLevels = map[string]func(*testing.T){
	"the claims acr and amr": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.MFA, c.Users[0].MFA, c.Users[0].TOTPSecret = "OFF", nil, "" })
		r.wantLevel(r.climb("", nil, nil), "")
		r.wantLevel(r.climb(level1, nil, nil), level1, "pwd")
		r = newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Dialect.StepUp = "ALWAYS" })
		r.wantLevel(r.climb("", nil, nil), level3, "pwd", "email_otp", "mfa")
		out, err := r.refresh(r.climb(level1, nil, nil).RefreshToken, nil)
		r.wantLevel(wantTokens(t, out, err), level3, "pwd", "email_otp", "mfa")
		r = newClimber(t, "EMAIL_OTP", func(c *PoolConfig) { c.Dialect.StepUp, c.Tier = "IGNORED", "LITE" })
		r.wantLevel(r.climb(level4, nil, map[string]string{"ACCESS_TOKEN": "none"}), "")
		r.wantAsked("PASSWORD_SRP PASSWORD EMAIL_OTP SMS_OTP", "EMAIL_OTP")
	},
	"the methods of a level": func(t *testing.T) {
		for level, ways := range map[string]map[string][]any{
			level1: {"PASSWORD": {"pwd", "email_otp", "mfa"}},
			level2: {"EMAIL_OTP": {"email_otp"}, "SMS_OTP": {"sms"}},
			level3: {"PASSWORD": {"pwd", "email_otp", "mfa"}},
			level4: {"PASSWORD": {"pwd", "otp", "mfa"}},
		} {
			for pick, methods := range ways {
				r := newClimber(t, pick, nil)
				r.wantLevel(r.climb(level, nil, nil), strings.Replace(level, ":1", ":3", 1), methods...)
			}
		}
	},
	"the method of a passkey": func(t *testing.T) {
		for attachment, method := range map[string]string{"": "swk", `"platform"`: "swk", `"cross-platform"`: "hwk"} {
			r, k, _ := withPasskey(t, nil)
			out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "WEB_AUTHN", "TARGET_ACR_VALUES": level3})
			begun(t, out, err, "WEB_AUTHN")
			credential := k.sign(t, out.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"])
			if attachment != "" {
				credential = strings.Replace(credential, "{", `{"authenticatorAttachment":`+attachment+",", 1)
			}
			done, err := r.givePasskey(*out.Session, credential)
			(&climber{rig: r}).wantLevel(wantTokens(t, done, err), level3, method)
		}
	},
	"acr, amr and auth_time after a refresh": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", nil)
		first := r.climb(level4, nil, nil)
		r.clock.Advance(time.Minute)
		out, err := r.refresh(first.RefreshToken, nil)
		second := wantTokens(t, out, err)
		r.wantLevel(second, level4, "pwd", "otp", "mfa")
		if before, after := payloadOf(t, *first.IdToken), payloadOf(t, *second.IdToken); before["auth_time"] != after["auth_time"] || before["iat"] == after["iat"] {
			t.Errorf("%v after %v", after, before)
		}
	},
	"auth_time after a step-up": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", nil)
		first := r.climb(level3, nil, nil)
		second := r.climb(level4, first.AccessToken, nil)
		if got, want := payloadOf(t, *second.IdToken)["auth_time"], float64(r.clock.Now().Unix()); got != want {
			t.Errorf("auth_time %v, want %v", got, want)
		}
		if *second.RefreshToken == *first.RefreshToken {
			t.Error("the refresh token is the old one")
		}
		if err := r.getUser(first); err != nil {
			t.Errorf("the old token: %v", err)
		}
	},
	"a step-up from a token": func(t *testing.T) {
		r := newClimber(t, "EMAIL_OTP", nil)
		token := r.climb(level2, nil, nil).AccessToken
		r.wantAsked("EMAIL_OTP SMS_OTP", "EMAIL_OTP")
		r.pick = "PASSWORD"
		r.wantLevel(r.climb(level3, token, nil), level3, "email_otp", "pwd", "mfa")
		r.wantAsked("PASSWORD_SRP PASSWORD")
		r.wantLevel(r.climb(level4, token, nil), level4, "email_otp", "pwd", "otp", "mfa")
		r.wantAsked("PASSWORD_SRP PASSWORD", "SOFTWARE_TOKEN_MFA")
	},
	"the first level of the list that can be reached": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Users[0].MFA = []string{"SMS_MFA"} })
		r.wantLevel(r.climb(level4+" "+level3+" "+level1, nil, nil), level3, "pwd", "sms", "mfa")
	},
	"the factors on the way to a level": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Users[0].MFA, c.Dialect.StepUp = nil, "ALWAYS"; c.Users[0].TOTPSecret = "" })
		plain := r.climb("", nil, nil).AccessToken
		_, err := r.aimAt(level3, plain, nil)
		wantError(t, err, "InvalidParameterException", "lacks the factors")
		r = newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Users[0].PreferredMFA = "SMS_MFA" })
		r.climb(level3, nil, nil)
		r.wantAsked("PASSWORD_SRP PASSWORD", "SMS_MFA")
		r.climb(level4, nil, nil)
		r.wantAsked("PASSWORD_SRP PASSWORD", "SOFTWARE_TOKEN_MFA")
		r = newClimber(t, "PASSWORD", nil)
		r.climb(level3, nil, nil)
		r.wantAsked("PASSWORD_SRP PASSWORD", `["SMS_MFA","EMAIL_OTP"]`, "EMAIL_OTP")
		// The token proves the password, so the pool asks for the app alone.
		r.climb(level4, r.climb(level3, nil, nil).AccessToken, nil)
		r.wantAsked("SOFTWARE_TOKEN_MFA")
	},
	"a factor that does not lead to the level": func(t *testing.T) {
		r := newClimber(t, "", nil)
		out, err := r.aimAt(level4, nil, map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
		begun(t, out, err, "SELECT_CHALLENGE")
		_, err = r.respond("SELECT_CHALLENGE", *out.Session, map[string]string{"USERNAME": "alice", "ANSWER": "EMAIL_OTP"})
		wantError(t, err, "InvalidParameterException", "available")
	},
	"a token without amr": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", nil)
		r.climb(level4, r.climb("", nil, nil).AccessToken, nil)
		r.wantAsked("PASSWORD_SRP PASSWORD", "SOFTWARE_TOKEN_MFA")
	},
	"a level that the token has, or a higher one": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Users[0].MFA = []string{"SMS_MFA"} })
		token := r.climb(level3, nil, nil).AccessToken
		for _, levels := range []string{level3, level1, level4 + " " + level3} {
			_, err := r.aimAt(levels, token, map[string]string{"MAX_AGE": "60"})
			wantError(t, err, "InvalidParameterException", "already")
		}
	},
	"a level that cannot be reached": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Users[0].MFA = []string{"SOFTWARE_TOKEN_MFA"} })
		_, err := r.aimAt(level3, nil, nil)
		wantError(t, err, "InvalidParameterException", "lacks the factors")
		r = newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Users[0].MFA = []string{"SMS_MFA"} })
		_, err = r.aimAt(level4, nil, nil)
		wantError(t, err, "InvalidParameterException", "lacks the factors")
	},
	"a level that the pool does not know": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.LevelNames = []string{"", "", "gold"} })
		r.wantLevel(r.climb("platinum "+level3+"  gold", nil, nil), "gold", "pwd", "email_otp", "mfa")
		_, err := r.aimAt("platinum "+level3, nil, nil)
		wantError(t, err, "InvalidParameterException", "knows")
	},
	"ACCESS_TOKEN without TARGET_ACR_VALUES": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", nil)
		_, err := r.aimAt("", r.climb(level1, nil, nil).AccessToken, nil)
		wantError(t, err, "InvalidParameterException", "TARGET_ACR_VALUES")
	},
	"ACCESS_TOKEN of another user": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) {
			c.Users = append(c.Users, UserConfig{Name: "bob", Password: password})
		})
		out, err := r.login("bob")
		_, err = r.aimAt(level4, wantTokens(t, out, err).AccessToken, nil)
		wantError(t, err, "InvalidParameterException", "another user")
	},
	"ACCESS_TOKEN that is not valid": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", nil)
		token := r.climb(level1, nil, nil).AccessToken
		r.clock.Advance(2 * time.Hour)
		_, err := r.aimAt(level4, token, nil)
		wantError(t, err, "NotAuthorizedException", "Access Token has expired")
		_, err = r.aimAt(level4, aws.String("no.such.token"), nil)
		wantError(t, err, "NotAuthorizedException", "Invalid Access Token")
	},
	"a sign-in older than MAX_AGE": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", nil)
		first := r.climb(level3, nil, nil)
		r.climb(level4, first.AccessToken, map[string]string{"MAX_AGE": "60"}) // climb moves the clock by a minute
		r.wantAsked("SOFTWARE_TOKEN_MFA")
		r.climb(level4, first.AccessToken, map[string]string{"MAX_AGE": "119"})
		r.wantAsked("PASSWORD_SRP PASSWORD", "SOFTWARE_TOKEN_MFA")
		if err := r.getUser(first); err != nil {
			t.Errorf("the old token: %v", err)
		}
		for _, age := range []string{"-1", "soon", "1.5"} {
			_, err := r.aimAt(level4, nil, map[string]string{"MAX_AGE": age})
			wantError(t, err, "InvalidParameterException", "MAX_AGE")
		}
		r.climb("", nil, map[string]string{"MAX_AGE": "0"}) // without a level MAX_AGE has no effect
	},
	"TARGET_ACR_VALUES on a lower feature plan": func(t *testing.T) {
		for tier, refused := range map[string]bool{"": false, "LITE": true, "ESSENTIALS": false, "PLUS": false} {
			r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Tier = tier })
			_, err := r.aimAt(level1, nil, nil)
			if refused {
				wantError(t, err, "FeatureUnavailableInTierException", "")
			} else if err != nil {
				t.Error(err)
			}
		}
	},
	"MFA and a level that needs none": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", func(c *PoolConfig) { c.Users[0].MFA = []string{"SOFTWARE_TOKEN_MFA"} })
		r.wantLevel(r.climb(level1, nil, nil), level4, "pwd", "otp", "mfa")
	},
	"a factor that fails on the way": func(t *testing.T) {
		r := newClimber(t, "PASSWORD", nil)
		first := r.climb(level3, nil, nil)
		r.clock.Advance(time.Minute)
		out, err := r.aimAt(level4, first.AccessToken, nil)
		begun(t, out, err, "SOFTWARE_TOKEN_MFA")
		_, err = r.respond("SOFTWARE_TOKEN_MFA", *out.Session, map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": "no code"})
		wantError(t, err, "CodeMismatchException", "")
		if err := r.getUser(first); err != nil {
			t.Errorf("the old token: %v", err)
		}
	},
	"TARGET_ACR_VALUES with the session of ConfirmSignUp": func(t *testing.T) {
		r := newClimber(t, "", nil)
		_, err := r.sdk.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
			AuthFlow: "USER_AUTH", ClientId: &r.app, Session: aws.String(strings.Repeat("s", 20)),
			AuthParameters: map[string]string{"USERNAME": "alice", "TARGET_ACR_VALUES": level1},
		})
		wantError(t, err, "InvalidParameterException", "Session")
	},
}
