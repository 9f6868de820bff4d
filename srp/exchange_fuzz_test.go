package srp_test

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/srp"
)

// FuzzExchange compares verifier, SRP_A and claim with a reference. The reference computes
// the protocol's formulas with math/big, for the SRP_B that a pool with the verifier sends. The names, the password and all random numbers are any.
func FuzzExchange(f *testing.F) {
	file := vectors.Load(f)
	for _, in := range inputs(file) {
		f.Add(in.group, in.id, in.password, number(in.A).Bytes(), number(in.B).Bytes(), number(in.SaltWire).Bytes())
	}
	f.Add("G", "id", "", []byte{1}, []byte{0xff}, []byte{0x80})
	f.Add("G", "id", "p:w\x00é", bytes.Repeat([]byte{0xff}, 32), []byte{}, []byte{0})
	n, g := number(file.Group.N), big.NewInt(int64(file.Group.G))
	r := newReference(file.Group)
	k := digest(r.pad("N", n.Text(16)), r.pad("g", g.Text(16)))
	f.Fuzz(func(t *testing.T, group, user, password string, a, b, salt []byte) {
		if len(salt) == 0 || len(salt) > 16 || len(a) > 32 || len(b) > 64 {
			return // the package draws 32 and 16 bytes, and a pool sends 16
		}
		id, err := srp.User("eu-west-1_"+group, user, password)
		if err != nil {
			return
		}
		a = append(make([]byte, 32-len(a)), a...)
		private := new(big.Int).SetBytes(a)
		if private.Sign() == 0 {
			return
		}
		// x = H(P(salt), H(pool user : password)), v = g^x, of the verifier that a pool keeps.
		inner := digest([]byte(group + user + ":" + password)).FillBytes(make([]byte, 32))
		saltHex := new(big.Int).SetBytes(salt).Text(16)
		x := digest(r.pad("salt", saltHex), inner)
		v := new(big.Int).Exp(g, x, n)
		got, err := base64.StdEncoding.DecodeString(srp.NewFixedVerifier(id, salt).PasswordVerifier)
		if err != nil || salt[0] != 0 && new(big.Int).SetBytes(got).Cmp(v) != 0 {
			t.Fatalf("the verifier is %x, %v, want %x", got, err, v)
		}
		e := srp.NewFixedEphemeral(a)
		if A := new(big.Int).Exp(g, private, n); number(e.A()).Cmp(A) != 0 {
			t.Fatalf("SRP_A is %s, want %x", e.A(), A)
		}
		B := new(big.Int).Mul(k, v)
		B.Mod(B.Add(B, new(big.Int).Exp(g, new(big.Int).SetBytes(b), n)), n)
		if B.Sign() == 0 {
			return
		}
		in := input{group: group, typed: user, id: user, password: password}
		in.A, in.SaltWire, in.PublicBWire = private.Text(16), saltHex, B.Text(16)
		in.SecretBlock, in.Timestamp = "QUJD", "Sun Nov 22 05:04:03 UTC 2026"
		claim, err := e.Claim(id, srp.Challenge{Salt: saltHex, B: B.Text(16), SecretBlock: in.SecretBlock}, now)
		if err != nil {
			t.Fatal(err)
		}
		if want := r.signature(in); claim.Signature != want {
			t.Fatalf("the signature is %s, want %s", claim.Signature, want)
		}
	})
}
