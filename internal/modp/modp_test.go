package modp

import (
	"crypto/rand"
	"math/big"
	"testing"
)

func TestQuick(t *testing.T) {
	n := new(big.Int)
	b := make([]byte, Size)
	for i := range modulus {
		for k := range 8 {
			b[Size-1-8*i-k] = byte(modulus[i] >> (8 * k))
		}
	}
	n.SetBytes(b)
	for range 5 {
		x, _ := rand.Int(rand.Reader, n)
		eb := make([]byte, 65)
		rand.Read(eb)
		var z Element
		if !z.SetBytes(x.Bytes()) {
			t.Fatal()
		}
		if new(big.Int).SetBytes(z.Bytes()).Cmp(x) != 0 {
			t.Fatal("rt")
		}
		z.Exp(&z, NewExponent(eb))
		want := new(big.Int).Exp(x, new(big.Int).SetBytes(eb), n)
		if new(big.Int).SetBytes(z.Bytes()).Cmp(want) != 0 {
			t.Fatal("exp")
		}
	}
}
func BenchmarkMul(b *testing.B) {
	x := rr
	y := modulus
	y[3] = 5
	for b.Loop() {
		x.Mul(&x, &y)
	}
}
