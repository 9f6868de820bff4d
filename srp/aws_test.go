package srp_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/modp"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/srp"
)

// TestAWSKnownAnswers compares each step of a proof with the figures in the
// tests of AWS's own clients. Each step takes its inputs from the file, so that
// a failure names the wrong step. The signature goes through the whole exchange.
func TestAWSKnownAnswers(t *testing.T) {
	f := vectors.LoadAWS(t)
	longer := false
	for _, c := range f.Claims {
		a := unhex(t, c.A)
		longer = longer || number(c.A).BitLen() > 8*modp.Size
		id, err := srp.User("eu-west-1_"+c.PoolName, c.UserID, c.Password)
		if err != nil {
			t.Fatal(err)
		}
		e := srp.NewFixedEphemeral(a)
		B := unhex(t, c.B)
		known := map[string]string{}
		for _, figure := range c.Figures() {
			known[figure.Name] = figure.Value
		}
		inBase64 := map[string]bool{"key": true, "signature": true}
		compute := map[string]func(*testing.T) string{
			"A": func(*testing.T) string { return e.A() },
			"u": func(*testing.T) string { return fmt.Sprintf("%x", e.U(B)) },
			"x": func(t *testing.T) string { return fmt.Sprintf("%x", srp.X(id, srp.P(unhex(t, c.Salt)))) },
			"S": func(t *testing.T) string {
				S, err := e.S(B, unhex(t, known["u"]), unhex(t, known["x"]))
				if err != nil {
					t.Fatal(err)
				}
				return fmt.Sprintf("%x", S)
			},
			"key": func(t *testing.T) string {
				key, err := srp.Key(unhex(t, known["S"]), unhex(t, known["u"]))
				if err != nil {
					t.Fatal(err)
				}
				return base64.StdEncoding.EncodeToString(key)
			},
			"signature": func(t *testing.T) string {
				now, err := time.Parse("Mon Jan 2 15:04:05 MST 2006", c.Timestamp)
				if err != nil {
					t.Fatal(err)
				}
				claim, err := e.Claim(id, srp.Challenge{Salt: c.Salt, B: c.B, SecretBlock: c.SecretBlock}, now)
				if err != nil {
					t.Fatal(err)
				}
				if claim.Timestamp != c.Timestamp || claim.SecretBlock != c.SecretBlock {
					t.Errorf("TIMESTAMP %q, want %q; the block came back whole: %v", claim.Timestamp, c.Timestamp, claim.SecretBlock == c.SecretBlock)
				}
				return claim.Signature
			},
		}
		for _, figure := range c.Figures() {
			t.Run(c.Label+"/"+figure.Name, func(t *testing.T) {
				if compute[figure.Name] == nil {
					t.Fatal("nothing here computes it")
				}
				got, want := compute[figure.Name](t), figure.Value
				if !inBase64[figure.Name] { // a number may have leading zeros
					got, want = number(got).Text(16), number(want).Text(16)
				}
				if got != want {
					t.Errorf("got %s, want %s (published by AWS: %v)", got, want, figure.Published)
				}
			})
		}
	}
	if !longer {
		t.Error("no claim has an a longer than N")
	}
	for _, h := range f.DeviceHashes {
		t.Run(h.Label+"/hash", func(t *testing.T) {
			id, err := srp.Device(h.GroupKey, h.DeviceKey, h.Password)
			if err != nil {
				t.Fatal(err)
			}
			// The package has the hash inside of x only: x = H(salt || hash).
			salt := []byte{0x5a}
			want := sha256.Sum256(append(bytes.Clone(salt), unbase64(t, h.Published)...))
			if got := srp.X(id, salt); !bytes.Equal(got, want[:]) {
				t.Errorf("x = %x, want %x of AWS's hash %s", got, want, h.Published)
			}
		})
	}
}
