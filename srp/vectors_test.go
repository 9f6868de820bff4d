package srp_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/srp"
)

func TestUserVectors(t *testing.T) {
	for _, v := range vectors.Load(t).User {
		t.Run(v.Name, func(t *testing.T) {
			id, err := srp.User(v.UserPoolID, v.UserIDForSRP, v.Password)
			if err != nil {
				t.Fatal(err)
			}
			checkExchange(t, id, v.Exchange)
		})
	}
}

func TestDeviceVectors(t *testing.T) {
	for _, v := range vectors.Load(t).Device {
		t.Run(v.Name, func(t *testing.T) {
			id, err := srp.Device(v.GroupKey, v.Key, v.Password)
			if err != nil {
				t.Fatal(err)
			}
			checkExchange(t, id, v.Exchange)
			checkBytes(t, "P(verifier)", srp.P(unhex(t, v.Verifier)), v.VerifierPadded)
			want := srp.Verifier{Salt: v.ConfirmDeviceSalt, PasswordVerifier: v.ConfirmDeviceVerifier}
			if got := srp.NewFixedVerifier(id, unhex(t, v.SaltWire)); got != want {
				t.Errorf("verifier = %+v, want %+v", got, want)
			}
		})
	}
}

// checkExchange checks what goes over the wire, and what leads there first, so
// that a failure shows where it begins.
func checkExchange(t *testing.T, id srp.Identity, v vectors.Exchange) {
	t.Helper()
	e := srp.NewFixedEphemeral(unhex(t, v.A))
	if got, want := e.A(), even(v.PublicAWire); got != want {
		t.Errorf("A = %s, want %s", got, want)
	}
	B := unhex(t, strings.TrimLeft(v.PublicBWire, "0"))
	checkBytes(t, "P(A)", srp.P(unhex(t, v.PublicAWire)), v.PublicAPadded)
	checkBytes(t, "P(B)", srp.P(B), v.PublicBPadded)
	checkBytes(t, "P(salt)", srp.P(unhex(t, v.SaltWire)), v.SaltPadded)
	checkBytes(t, "P(u)", srp.P(unhex(t, v.U)), v.UPadded)
	checkBytes(t, "P(S)", srp.P(unhex(t, v.S)), v.SPadded)
	checkBytes(t, "k", srp.K(), v.K)
	checkBytes(t, "x", srp.X(id, unhex(t, v.SaltPadded)), v.X)
	S, err := e.S(B, unhex(t, v.U), unhex(t, v.X))
	if err != nil {
		t.Fatal(err)
	}
	checkBytes(t, "S", S, v.S)

	now, err := time.Parse(time.RFC3339, v.Time)
	if err != nil {
		t.Fatal(err)
	}
	// The timestamp is in UTC, wherever the client is.
	now = now.In(time.FixedZone("", -9*60*60))
	claim, err := e.Claim(id, srp.Challenge{Salt: v.SaltWire, B: v.PublicBWire, SecretBlock: v.SecretBlock}, now)
	if err != nil {
		t.Fatal(err)
	}
	if want := (srp.Claim{Signature: v.Signature, SecretBlock: v.SecretBlock, Timestamp: v.Timestamp}); claim != want {
		t.Errorf("claim = %+v, want %+v", claim, want)
	}
}

// checkBytes compares numbers, except that those called P must have all bytes.
func checkBytes(t *testing.T, name string, got []byte, want string) {
	t.Helper()
	expected := unhex(t, want)
	if !strings.HasPrefix(name, "P(") {
		got, expected = bytes.TrimLeft(got, "\x00"), bytes.TrimLeft(expected, "\x00")
	}
	if !bytes.Equal(got, expected) {
		t.Errorf("%s = %x, want %s", name, got, want)
	}
}

func even(digits string) string {
	if len(digits)%2 != 0 {
		return "0" + digits
	}
	return digits
}

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(even(digits))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
