package cognitotest

import (
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

// The client's half that these tests use is right.
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

// PaddedSalt pads the salt of everybody: otherwise a salt would tell who exists,
// and a test could not choose one.
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
