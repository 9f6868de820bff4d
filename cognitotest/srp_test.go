package cognitotest

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

// timestampOf proves the password with this TIMESTAMP.
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

// The client half of SRP in these tests computes the numbers of the vectors.
func TestClientOfTests(t *testing.T) {
	for _, v := range vectors.Load(t).User {
		t.Run(v.Name, func(t *testing.T) {
			s := srpClientWith(t, fromHex(t, v.A))
			got := s.claim(t, v.PoolName, v.Password, v.Timestamp, map[string]string{
				"USER_ID_FOR_SRP": v.UserIDForSRP, "SRP_B": v.PublicBWire, "SALT": v.SaltWire, "SECRET_BLOCK": v.SecretBlock,
			})
			if got != v.Signature {
				t.Error("the client's half that these tests use is wrong")
			}
		})
	}
}

func TestInvalidClientA(t *testing.T) {
	r := newRig(t, nil)
	values := vectors.Load(t).InvalidPublicValues.Hex
	for _, text := range append(values, string(make([]byte, 1025))) {
		_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": text})
		wantError(t, err, "InvalidParameterException", "SRP_A")
	}
	for _, text := range []string{"xyz", "-2", "0x02", "12 34"} {
		_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": text})
		wantError(t, err, "InvalidParameterException", "Value '"+text+"' at 'a' failed to satisfy constraint")
	}
}

// PaddedSalt pads each salt, also the salt of an unknown user. Otherwise a salt would
// tell who exists.
func TestPaddedSalt(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		tracking(insteadOfMFA, Dialect{PaddedSalt: true})(c)
		hideUsers(c)
		c.Users[0].Salt = "a1"
		c.Users = append(c.Users, UserConfig{Name: "bob", Password: password})
	})
	padded := func(whose string, asked map[string]string) {
		t.Helper()
		if salt := asked["SALT"]; !strings.HasPrefix(salt, "0000") || len(salt) != 36 {
			t.Errorf("SALT of %s: %q", whose, salt)
		}
	}
	out, _ := r.startSRP("alice", password)
	padded("alice", out.ChallengeParameters)
	out, answer := r.startSRP("bob", password)
	padded("bob", out.ChallengeParameters)
	if _, err := r.respond("PASSWORD_VERIFIER", "", answer); err != nil {
		t.Error(err)
	}
	out, _ = r.startSRP("nobody", password)
	padded("nobody", out.ChallengeParameters)

	b, _ := r.newDevice()
	s, err := r.passwordStep(b.key)
	if err != nil {
		t.Fatal(err)
	}
	half := newSRPClient(t)
	s = r.mustAnswer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": half.publicA.Text(16)})
	padded("a device", s.parameters)
	wantTokens(t, r.mustAnswer(s, r.deviceClaim(half, s, b)).result, nil)
}

func TestSRPSignIn(t *testing.T) {
	r := newRig(t, nil)
	for _, username := range []string{"alice", aliceEmail} {
		for _, r := range []*rig{r, r.withSecret(), r.withSecondSecret()} {
			out, err := r.srp(username, password)
			if err != nil {
				t.Fatalf("%s at %s: %v", username, r.app, err)
			}
			wantTokens(t, out, nil)
		}
	}
	out, answer := r.startSRP(aliceEmail, password)
	p := out.ChallengeParameters
	if p["USERNAME"] != "alice" || p["USER_ID_FOR_SRP"] != "alice" {
		t.Errorf("names in the challenge: %q, %q", p["USERNAME"], p["USER_ID_FOR_SRP"])
	}
	if _, err := r.respond("PASSWORD_VERIFIER", "", answer); err != nil {
		t.Error(err)
	}

	r = newRig(t, func(c *PoolConfig) { c.Dialect.SubForSRP = true })
	out, answer = r.startSRP(aliceEmail, password)
	p = out.ChallengeParameters
	if p["USERNAME"] != "alice" || p["USER_ID_FOR_SRP"] != r.pool.Sub("alice") {
		t.Errorf("names in the challenge: %q, %q", p["USERNAME"], p["USER_ID_FOR_SRP"])
	}
	answer["USERNAME"] = p["USER_ID_FOR_SRP"]
	if _, err := r.respond("PASSWORD_VERIFIER", "", answer); err != nil {
		t.Errorf("USER_ID_FOR_SRP as USERNAME: %v", err)
	}
}

var evidenceOfSRP = map[string]func(*testing.T){
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
	"SRP_A that is missing or not hexadecimal": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice"})
		wantError(t, err, "InvalidParameterException", "Missing required parameter SRP_A")
		_, err = r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": "0xab"})
		wantError(t, err, "InvalidParameterException", "Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$")
	},
	"a signature that is not base64": func(t *testing.T) {
		r := newRig(t, nil)
		_, answer := r.startSRP("alice", password)
		answer["PASSWORD_CLAIM_SIGNATURE"] = "a signature"
		_, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantError(t, err, "InvalidParameterException", "Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.")
	},
}
