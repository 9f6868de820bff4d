package cognitotest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

const codeParameters = "CODE_DELIVERY_DELIVERY_MEDIUM CODE_DELIVERY_DESTINATION"

func TestParameters(t *testing.T) {
	for choice, want := range map[string]string{
		"":     "CODE_DELIVERY_DELIVERY_MEDIUM CODE_DELIVERY_DESTINATION",
		"ALL":  "CODE_DELIVERY_DELIVERY_MEDIUM CODE_DELIVERY_DESTINATION USERNAME USER_ID_FOR_SRP",
		"NONE": "",
	} {
		r := newRig(t, withEmailMFA(Dialect{Parameters: choice}))
		out, err := r.login("alice")
		if err != nil {
			t.Fatal(err)
		}
		if got := listKeys(out.ChallengeParameters); got != want {
			t.Errorf("%q: parameters %s, want %s", choice, got, want)
		}
		if choice == "" && out.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "a***@e***" {
			t.Errorf("parameters %v", out.ChallengeParameters)
		}
	}
}

// Of all parameters, a client needs USER_ID_FOR_SRP alone.
func TestParametersOfPasswordVerifier(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Dialect.Parameters = "NONE" })
	out, answer := r.startSRP("alice", password)
	wantKeys(t, out.ChallengeParameters, "SALT SECRET_BLOCK SRP_B USER_ID_FOR_SRP")
	done, err := r.respond("PASSWORD_VERIFIER", "", answer)
	wantTokens(t, done, err)
}

func TestSpellingOfMFASetup(t *testing.T) {
	out, err := newRig(t, func(c *PoolConfig) {
		mfaRequired(c)
		c.Dialect.MFACanSetup = true
	}).login("alice")
	begun(t, out, err, "MFA_SETUP")
	wantKeys(t, out.ChallengeParameters, "MFA_CAN_SETUP USER_ID_FOR_SRP")
}

var evidenceOfChallenges = map[string]func(*testing.T){
	"parameters of NEW_PASSWORD_REQUIRED": func(t *testing.T) {
		out, err := newRig(t, mustChangePassword).login("alice")
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		wantKeys(t, out.ChallengeParameters, "USER_ID_FOR_SRP requiredAttributes userAttributes")
	},
	"parameters of the first CUSTOM_CHALLENGE": func(t *testing.T) {
		out, err := newRig(t, script(new([]trigger.Event), "CUSTOM_CHALLENGE")).custom(map[string]string{})
		begun(t, out, err, "CUSTOM_CHALLENGE")
		wantKeys(t, out.ChallengeParameters, "USERNAME hint")
	},
	"parameters of later CUSTOM_CHALLENGEs": func(t *testing.T) {
		r := newRig(t, script(new([]trigger.Event), "CUSTOM_CHALLENGE", "CUSTOM_CHALLENGE"))
		out, err := r.custom(map[string]string{})
		begun(t, out, err, "CUSTOM_CHALLENGE")
		next, err := r.respond("CUSTOM_CHALLENGE", *out.Session, map[string]string{"USERNAME": "alice", "ANSWER": "blue"})
		if err != nil || next.ChallengeName != "CUSTOM_CHALLENGE" {
			t.Fatalf("%v, %v", next, err)
		}
		wantKeys(t, next.ChallengeParameters, "hint")
	},
	"CUSTOM_AUTH with CHALLENGE_NAME=SRP_A and no SRP_A": func(t *testing.T) {
		var events []trigger.Event
		out, err := newRig(t, script(&events, "CUSTOM_CHALLENGE")).custom(map[string]string{"CHALLENGE_NAME": "SRP_A"})
		begun(t, out, err, "CUSTOM_CHALLENGE")
		if want := []trigger.Round{{ChallengeName: "SRP_A", Passed: true}}; !slices.Equal(events[0].Rounds, want) {
			t.Errorf("rounds %v, want %v", events[0].Rounds, want)
		}
	},
	"ChallengeParameters with tokens": func(t *testing.T) {
		answer := newRig(t, nil).raw("InitiateAuth", map[string]any{
			"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": publicApp,
			"AuthParameters": map[string]string{"USERNAME": "alice", "PASSWORD": password},
		})
		if got := string(answer["ChallengeParameters"]); got != "{}" {
			t.Errorf("ChallengeParameters %s", got)
		}
	},
	"EMAIL_OTP as the first factor": func(t *testing.T) {
		r := newRig(t, everyFactor)
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
		begun(t, out, err, "EMAIL_OTP")
		wantKeys(t, out.ChallengeParameters, codeParameters)
		if !slices.Contains(out.AvailableChallenges, "EMAIL_OTP") {
			t.Errorf("AvailableChallenges %v", out.AvailableChallenges)
		}
		if code := r.pool.LastCode("alice").Code; len(code) != 8 {
			t.Errorf("a code of %d digits", len(code))
		}
	},
	"AvailableChallenges from RespondToAuthChallenge": func(t *testing.T) {
		r := newRig(t, everyFactor)
		out, err := r.userAuth("alice", nil)
		begun(t, out, err, "SELECT_CHALLENGE")
		// The output of the SDK has no such member yet.
		answer := r.raw("RespondToAuthChallenge", map[string]any{
			"ClientId": publicApp, "ChallengeName": "SELECT_CHALLENGE", "Session": out.Session,
			"ChallengeResponses": map[string]string{"USERNAME": "alice", "ANSWER": "EMAIL_OTP"},
		})
		if got := string(answer["AvailableChallenges"]); !strings.Contains(got, "EMAIL_OTP") {
			t.Errorf("AvailableChallenges %s", got)
		}
	},
	"a temporary password and USER_AUTH preferring EMAIL_OTP": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			everyFactor(c)
			mustChangePassword(c)
		})
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
		begun(t, out, err, "SELECT_CHALLENGE")
		wantKeys(t, out.ChallengeParameters, "")
		if want := []types.ChallengeNameType{"PASSWORD_SRP", "PASSWORD"}; !slices.Equal(out.AvailableChallenges, want) {
			t.Errorf("AvailableChallenges %v, want %v", out.AvailableChallenges, want)
		}
	},
	"parameters of MFA_SETUP": func(t *testing.T) {
		out, err := newRig(t, mfaRequired).login("alice")
		begun(t, out, err, "MFA_SETUP")
		wantKeys(t, out.ChallengeParameters, "MFAS_CAN_SETUP USER_ID_FOR_SRP")
		var factors []string
		if err := json.Unmarshal([]byte(out.ChallengeParameters["MFAS_CAN_SETUP"]), &factors); err != nil || len(factors) == 0 {
			t.Errorf("MFAS_CAN_SETUP %s: %v", out.ChallengeParameters["MFAS_CAN_SETUP"], err)
		}
	},
	"parameters of SOFTWARE_TOKEN_MFA": func(t *testing.T) {
		out, err := newRig(t, withTOTP).login("alice")
		begun(t, out, err, "SOFTWARE_TOKEN_MFA")
		wantKeys(t, out.ChallengeParameters, "FRIENDLY_DEVICE_NAME USER_ID_FOR_SRP")
	},
	"parameters of SELECT_MFA_TYPE": func(t *testing.T) {
		out, err := newRig(t, func(c *PoolConfig) {
			withTOTP(c)
			c.Users[0].MFA = []string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}
		}).login("alice")
		begun(t, out, err, "SELECT_MFA_TYPE")
		if got := out.ChallengeParameters; got["MFAS_CAN_CHOOSE"] != `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]` || len(got) != 1 {
			t.Errorf("parameters %v", got)
		}
	},
	"options of WEB_AUTHN": func(t *testing.T) {
		r, _, _ := withPasskey(t, nil)
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "WEB_AUTHN"})
		begun(t, out, err, "WEB_AUTHN")
		var options struct {
			Timeout          int
			UserVerification string
			RPID             string
		}
		if err := json.Unmarshal([]byte(out.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"]), &options); err != nil {
			t.Fatal(err)
		}
		if options.Timeout != 180000 || options.UserVerification != "preferred" || options.RPID != "example.com" {
			t.Errorf("options %+v", options)
		}
		if !slices.Contains(out.AvailableChallenges, "WEB_AUTHN") {
			t.Errorf("AvailableChallenges %v", out.AvailableChallenges)
		}
	},
	"CREDENTIAL along with the choice of WEB_AUTHN": func(t *testing.T) {
		r, k, _ := withPasskey(t, nil)
		_, options := r.askPasskey()
		_, err := r.choose(map[string]string{"ANSWER": "WEB_AUTHN", "CREDENTIAL": k.sign(t, options)})
		wantError(t, err, "InvalidParameterException", "CREDENTIAL")
	},
	"a choice of PASSWORD without a password": func(t *testing.T) {
		_, err := newRig(t, nil).choose(map[string]string{"ANSWER": "PASSWORD"})
		wantError(t, err, "InvalidParameterException", "PASSWORD")
	},
	"EMAIL as an answer to MFA_SETUP": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			mfaRequired(c)
			c.Users[0].Attributes = nil
		})
		next, err := r.respond("MFA_SETUP", r.setupSession(), map[string]string{"USERNAME": "alice", "EMAIL": "new@example.com"})
		if err != nil || next.ChallengeName != "EMAIL_OTP" {
			t.Fatalf("%v, %v", next, err)
		}
	},
}
