package srp

import (
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

// SRP_A is a number: upper case, odd length and leading zeros do not matter.
func TestClientAForms(t *testing.T) {
	a := big.NewInt(0xabcdef)
	for _, text := range []string{"abcdef", "ABCDEF", "0abcdef", "00000ABCdef"} {
		got, err := ParseClientA(text)
		if err != nil || got.Cmp(a) != 0 {
			t.Errorf("ParseClientA(%q) = %v, %v", text, got, err)
		}
	}
}
