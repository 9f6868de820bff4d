package srp_test

import (
	"encoding/hex"
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
			salt, err := hex.DecodeString(v.SaltPadded)
			if err != nil {
				t.Fatal(err)
			}
			verifier := srp.NewFixedVerifier(id, salt)
			if verifier.Salt != v.ConfirmDeviceSalt || verifier.PasswordVerifier != v.ConfirmDeviceVerifier {
				t.Errorf("verifier = %+v", verifier)
			}
		})
	}
}

func checkExchange(t *testing.T, id srp.Identity, v vectors.Exchange) {
	t.Helper()
	e := srp.NewFixedEphemeral(unhex(t, v.A))
	if got, want := e.A(), even(v.PublicAWire); got != want {
		t.Errorf("A = %s, want %s", got, want)
	}
	now, err := time.Parse(time.RFC3339, v.Time)
	if err != nil {
		t.Fatal(err)
	}
	// The pool's clock shows UTC, wherever the client is.
	now = now.In(time.FixedZone("", -9*60*60))
	claim, err := e.Claim(id, srp.Challenge{Salt: v.SaltWire, B: v.PublicBWire, SecretBlock: v.SecretBlock}, now)
	if err != nil {
		t.Fatal(err)
	}
	if want := (srp.Claim{Signature: v.Signature, SecretBlock: v.SecretBlock, Timestamp: v.Timestamp}); claim != want {
		t.Errorf("claim = %+v, want %+v", claim, want)
	}
}

func even(digits string) string {
	if len(digits)%2 != 0 {
		return "0" + digits
	}
	return digits
}

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(even(digits))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
