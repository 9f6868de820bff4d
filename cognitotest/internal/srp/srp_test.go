package srp

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

func TestGroup(t *testing.T) {
	g := vectors.Load(t).Group
	if N.Text(16) != g.N || G.Int64() != int64(g.G) || K.Text(16) != g.K {
		t.Error("N, g or k differ from the vectors")
	}
	if got := len(TwosComplement(N)); got != g.NPaddedLength {
		t.Errorf("N takes %d bytes, want %d", got, g.NPaddedLength)
	}
}

func TestZeroScrambler(t *testing.T) {
	x := &Exchange{}
	if _, err := x.keyFor(new(big.Int)); !errors.Is(err, errZeroScrambler) {
		t.Errorf("u = 0: %v", err)
	}
}

// SRP_A is a number: upper case, an odd length and leading zeros do not matter.
func TestClientAForms(t *testing.T) {
	a := big.NewInt(0xabcdef)
	for _, text := range []string{"abcdef", "ABCDEF", "0abcdef", "00000ABCdef"} {
		got, err := ParseClientA(text)
		if err != nil || got.Cmp(a) != 0 {
			t.Errorf("ParseClientA(%q) = %v, %v", text, got, err)
		}
	}
}

// vectorExchange rebuilds the exchange of a vector from its private values.
func vectorExchange(t *testing.T, e vectors.Exchange, credential *Credential) *Exchange {
	t.Helper()
	a, err := ParseClientA(e.PublicAWire)
	if err != nil {
		t.Fatal(err)
	}
	x := NewExchange(credential, a, fromHex(t, e.B))
	x.SecretBlock = e.SecretBlock
	return x
}

func checkExchange(t *testing.T, e vectors.Exchange, x *Exchange) {
	t.Helper()
	equal := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s = %s, want %s", what, got, want)
		}
	}
	equal("P(salt)", hex.EncodeToString(TwosComplement(x.Credential.Salt)), e.SaltPadded)
	equal("v", x.Credential.Verifier().Text(16), e.Verifier)
	equal("P(A)", hex.EncodeToString(TwosComplement(x.A)), e.PublicAPadded)
	equal("B", hex.EncodeToString(TwosComplement(x.B)), e.PublicBPadded)
	key, err := x.SessionKey()
	if err != nil {
		t.Fatal(err)
	}
	equal("key", hex.EncodeToString(key), e.HKDFKey)
	proof, err := x.Proof(e.Timestamp)
	if err != nil {
		t.Fatal(err)
	}
	equal("signature", base64.StdEncoding.EncodeToString(proof), e.Signature)
}

func fromHex(t *testing.T, text string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(text, 16)
	if !ok {
		t.Fatalf("%q is not hexadecimal", text)
	}
	return n
}

func TestUserVectors(t *testing.T) {
	for _, v := range vectors.Load(t).User {
		t.Run(v.Name, func(t *testing.T) {
			credential := NewCredential(v.PoolName, v.UserIDForSRP, v.Password, fromHex(t, v.SaltWire))
			checkExchange(t, v.Exchange, vectorExchange(t, v.Exchange, credential))
		})
	}
}

func TestDeviceVectors(t *testing.T) {
	for _, v := range vectors.Load(t).Device {
		t.Run(v.Name, func(t *testing.T) {
			credential, err := ReadCredential(v.GroupKey, v.Key, v.ConfirmDeviceSalt, v.ConfirmDeviceVerifier, false)
			if err != nil {
				t.Fatal(err)
			}
			checkExchange(t, v.Exchange, vectorExchange(t, v.Exchange, credential))
		})
	}
}
