package cognitotest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

const codeParameters = "CODE_DELIVERY_DELIVERY_MEDIUM CODE_DELIVERY_DESTINATION"

// timestampOf proves the password with a TIMESTAMP of that text.
func timestampOf(t *testing.T, r *rig, timestamp string) error {
	t.Helper()
	s := newSRPClient(t)
	out, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": s.publicA.Text(16)})
	if err != nil {
		t.Fatal(err)
	}
	answer := r.proofOf(s, password, out.ChallengeParameters)
	answer["TIMESTAMP"] = timestamp
	answer["PASSWORD_CLAIM_SIGNATURE"] = s.claim(t, "TestPool1", password, timestamp, out.ChallengeParameters)
	_, err = r.respond("PASSWORD_VERIFIER", "", answer)
	return err
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
	"SALT": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.Users[0].Salt = "00c1e608118c950c662e645418b2f1a0" })
		out, answer := r.startSRP("alice", password)
		if got := out.ChallengeParameters["SALT"]; got != "c1e608118c950c662e645418b2f1a0" {
			t.Errorf("SALT %s", got)
		}
		done, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantTokens(t, done, err)
	},
	"time until PASSWORD_VERIFIER is answered": func(t *testing.T) {
		r := newRig(t, nil)
		for wait, message := range map[time.Duration]string{179 * time.Second: "", 180 * time.Second: "session is expired"} {
			_, answer := r.startSRP("alice", password)
			r.clock.Advance(wait)
			_, err := r.respond("PASSWORD_VERIFIER", "", answer)
			if message != "" {
				wantError(t, err, "NotAuthorizedException", message)
			} else if err != nil {
				t.Errorf("after %v: %v", wait, err)
			}
		}
	},
	"TIMESTAMP with a padded day or a wrong weekday": func(t *testing.T) {
		for _, timestamp := range []string{"Sat Mar 07 21:04:05 UTC 2026", "Sun Mar 7 21:04:05 UTC 2026"} {
			wantError(t, timestampOf(t, newRig(t, nil), timestamp), "NotAuthorizedException", "Incorrect username or password.")
		}
	},
	"TIMESTAMP with hour 24 or another zone": func(t *testing.T) {
		for _, timestamp := range []string{"Sat Mar 7 24:04:05 UTC 2026", "Sat Mar 7 21:04:05 CET 2026", "Sat Mar 7 21:04:05 +0000 2026"} {
			wantError(t, timestampOf(t, newRig(t, nil), timestamp), "InvalidParameterException", "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
		}
	},
	"distance of TIMESTAMP from the clock": func(t *testing.T) {
		for _, timestamp := range []string{"Sat Mar 7 09:04:05 UTC 2026", "Fri Mar 7 21:04:05 UTC 2036"} {
			if err := timestampOf(t, newRig(t, nil), timestamp); err != nil {
				t.Errorf("%s: %v", timestamp, err)
			}
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
		// The SDK's output has no such member yet.
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
	"devices after USER_PASSWORD_AUTH": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, _ := r.newDevice()
		out, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": password, "DEVICE_KEY": b.key})
		begun(t, out, err, "DEVICE_SRP_AUTH")
	},
	"devices after a passwordless first factor": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			tracking(insteadOfMFA, Dialect{})(c)
			everyFactor(c)
		})
		b, _ := r.newDevice()
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP", "DEVICE_KEY": b.key})
		begun(t, out, err, "EMAIL_OTP")
		wantTokens(t, r.code(authStep{name: out.ChallengeName, session: aws.ToString(out.Session)}, nil).result, nil)
	},
	"parameters of the device challenges": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, _ := r.newDevice()
		s, err := r.passwordStep(b.key)
		if err != nil {
			t.Fatal(err)
		}
		wantKeys(t, s.parameters, "")
		s = r.mustAnswer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": "abcd"})
		wantKeys(t, s.parameters, "DEVICE_KEY SALT SECRET_BLOCK SRP_B USERNAME")
	},
	"DeviceGroupKey": func(t *testing.T) {
		form := regexp.MustCompile(`^-[0-9A-Za-z]{8}$`)
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		if b, _ := r.unconfirmed(); !form.MatchString(b.group) {
			t.Errorf("group key %q", b.group)
		}
	},
	"numbers of ConfirmDevice not in two's complement": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, result := r.unconfirmed()
		config := b.verifier(t, fromHex(t, "ff0123456789abcdef0123456789abcd"))
		config.Salt = aws.String("/wEjRWeJq83vASNFZ4mrzQ==") // ff01...cd without a sign byte
		wantError(t, r.confirmWith(result, b, config), "InvalidParameterException", "Salt")
	},
	"refresh after an administrator's sign-in, tracked devices": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.DeviceConfiguration = &DeviceConfiguration{} })
		result := r.adminTokens()
		b := browser{aws.ToString(result.NewDeviceMetadata.DeviceKey), aws.ToString(result.NewDeviceMetadata.DeviceGroupKey), "device password"}
		if _, err := r.confirm(result, b); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.refreshAt(b.key, result), "NotAuthorizedException", "Invalid Refresh Token")
	},
}
