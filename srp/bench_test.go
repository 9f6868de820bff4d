package srp_test

import (
	"crypto/rand"
	"encoding/hex"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/srp"
)

// handshake returns two client handshakes of A and the claim: one by this package, and
// one by math/big. The second handshake has an a of 1024 bits, as in other clients.
func handshake(tb testing.TB) (ours, reference func()) {
	f := vectors.Load(tb)
	in := inputs(f)[0]
	id, err := srp.User(f.User[0].UserPoolID, in.id, in.password)
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Now()
	r := newReference(f.Group)
	ours = func() {
		e := srp.NewEphemeral()
		if e.A() == "" {
			tb.Fatal("no A")
		}
		c := srp.Challenge{Salt: in.SaltWire, B: in.PublicBWire, SecretBlock: in.SecretBlock}
		if _, err := e.Claim(id, c, now); err != nil {
			tb.Fatal(err)
		}
	}
	reference = func() {
		var a [128]byte
		rand.Read(a[:])
		in.A = hex.EncodeToString(a[:])
		r.signature(in)
	}
	ours() // builds the table
	return ours, reference
}

func BenchmarkHandshake(b *testing.B) {
	ours, _ := handshake(b)
	b.ReportAllocs()
	for b.Loop() {
		ours()
	}
}

func BenchmarkHandshakeReference(b *testing.B) {
	_, reference := handshake(b)
	b.ReportAllocs()
	for b.Loop() {
		reference()
	}
}

func BenchmarkEnrol(b *testing.B) {
	v := vectors.Load(b).Device[0]
	id, err := srp.Device(v.GroupKey, v.Key, v.Password)
	if err != nil {
		b.Fatal(err)
	}
	srp.NewVerifier(id)
	b.ReportAllocs()
	for b.Loop() {
		srp.NewVerifier(id)
	}
}

func TestHandshakeAllocations(t *testing.T) {
	ours, _ := handshake(t)
	if n := testing.AllocsPerRun(5, ours); n > 60 {
		t.Errorf("a handshake makes %v allocations, want 60 at most", n)
	}
}
