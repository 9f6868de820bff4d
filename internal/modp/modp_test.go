package modp

import (
	"bytes"
	"flag"
	"math/big"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

var bigN = new(big.Int).SetBytes(N())

// edges are values around which carries and the last subtraction change. Values that are not
// below N are only for SetBytes and for raw limbs.
func edges() map[string]*big.Int {
	shifted := func(bits uint, add int64) *big.Int {
		n := new(big.Int).Lsh(big.NewInt(1), bits)
		return n.Add(n, big.NewInt(add))
	}
	half := new(big.Int).Rsh(bigN, 1)
	return map[string]*big.Int{
		"0": new(big.Int), "1": big.NewInt(1), "2": big.NewInt(2),
		"N-1": new(big.Int).Sub(bigN, big.NewInt(1)), "N": bigN, "N+1": new(big.Int).Add(bigN, big.NewInt(1)),
		"2^3072-1": shifted(3072, -1), "2^3072-N": new(big.Int).Sub(shifted(3072, 0), bigN),
		"2^3071": shifted(3071, 0), "2^3071-1": shifted(3071, -1), "2^64-1": shifted(64, -1), "2^64": shifted(64, 0),
		"2^3008": shifted(3008, 0), "2^3008-1": shifted(3008, -1),
		"(N-1)/2": half, "(N+1)/2": new(big.Int).Add(half, big.NewInt(1)),
		"all-ones limbs but the top one": shifted(3008, -1),
		"all-ones limbs but the lowest":  new(big.Int).Lsh(shifted(3008, -1), 64),
	}
}

func element(t testing.TB, n *big.Int) *Element {
	t.Helper()
	z := new(Element)
	if !z.SetBytes(n.Bytes()) {
		t.Fatalf("%x is not below N", n)
	}
	return z
}

func exponent(e Exponent) *big.Int {
	n := new(big.Int)
	for i, limb := range e.limbs {
		n.Or(n, new(big.Int).Lsh(new(big.Int).SetUint64(limb), uint(64*i)))
	}
	return n
}

// limbsOf returns the limbs in memory: the product with R modulo N.
func limbsOf(z Element) *big.Int { return new(big.Int).SetBytes(z.store()) }

func number(z *Element) *big.Int { return new(big.Int).SetBytes(z.Bytes()) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

func TestModulus(t *testing.T) {
	g := vectors.Load(t).Group
	if want, ok := new(big.Int).SetString(g.N, 16); !ok || bigN.Cmp(want) != 0 {
		t.Errorf("N = %x", bigN)
	}
	if g.G != G {
		t.Errorf("g = %d, want %d", G, g.G)
	}
	if modulus[0] != 1<<64-1 {
		t.Errorf("N is not -1 modulo 2^64")
	}
	r := new(big.Int).Lsh(big.NewInt(1), 3072)
	if want := new(big.Int).Mod(r, bigN); limbsOf(one()).Cmp(want) != 0 {
		t.Errorf("1 is kept as %x, want %x", limbsOf(one()), want)
	}
	if want := r.Exp(r, big.NewInt(2), bigN); limbsOf(rr).Cmp(want) != 0 {
		t.Errorf("R is kept as %x, want %x", limbsOf(rr), want)
	}
}

var update = flag.Bool("update", false, "write comb.bin, for other numbers of blocks and columns")

// TestComb computes the comb with math/big, and compares or writes the file.
func TestComb(t *testing.T) {
	var encoded []byte
	for b := range blocks {
		var powers [teeth]*big.Int
		for k := range powers {
			e := new(big.Int).Lsh(big.NewInt(1), uint(k*spacing+b*columns))
			powers[k] = e.Exp(big.NewInt(G), e, bigN)
		}
		for i := range len(table{}) {
			n := new(big.Int).Lsh(big.NewInt(1), 3072) // 1 in Montgomery form
			for k, power := range powers {
				if i>>k&1 == 1 {
					n.Mul(n, power)
				}
				n.Mod(n, bigN)
			}
			encoded = append(encoded, n.FillBytes(make([]byte, Size))...)
		}
	}
	if *update {
		if err := os.WriteFile("comb.bin", encoded, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(encoded, encodedComb) {
		t.Error("comb.bin is not the comb of g; run this test with -update")
	}
}

// The powers of the base of S would tell the password to a reader of the memory.
func TestTablesAreCleared(t *testing.T) {
	used := new(table)
	defer func(before func() any) { tables.New = before }(tables.New)
	tables.New = func() any { return used }
	for tables.Get().(*table) != used { // the former content of the pool
	}
	x := element(t, big.NewInt(3))
	new(Element).Exp(x, NewExponent([]byte{5, 7}))
	if *used != (table{}) {
		t.Error("Exp leaves powers in memory")
	}
}

func TestRoundTrip(t *testing.T) {
	check := func(n *big.Int) {
		t.Helper()
		var z Element
		if below := n.Cmp(bigN) < 0; z.SetBytes(n.Bytes()) != below {
			t.Errorf("SetBytes(%x) = %v", n, !below)
		} else if below && !bytes.Equal(z.Bytes(), n.FillBytes(make([]byte, Size))) {
			t.Errorf("%x came back as %x", n, z.Bytes())
		}
		// In Montgomery form a number is its product with 2^3072.
		want := new(big.Int).Lsh(n, 3072)
		if want.Mod(want, bigN); n.Cmp(bigN) < 0 && new(big.Int).SetBytes(z.store()).Cmp(want) != 0 {
			t.Errorf("%x is kept as %x, want %x", n, z.store(), want)
		}
	}
	for _, n := range edges() {
		check(n)
	}
	for range 100 {
		check(new(big.Int).SetBytes(randomBytes(Size)))
	}
	if new(Element).SetBytes(make([]byte, Size+1)) {
		t.Error("SetBytes takes more than Size bytes")
	}
}

func TestSetBytesLeavesTheElement(t *testing.T) {
	z := one()
	if z.SetBytes(N()) || z != one() {
		t.Error("a refused number changed the element")
	}
}

func TestEdgesAgainstBig(t *testing.T) {
	for nameX, x := range edges() {
		for nameY, y := range edges() {
			if x.Cmp(bigN) >= 0 || y.Cmp(bigN) >= 0 {
				continue
			}
			if err := compare(x, y, []byte{0x81, 3}); err != "" {
				t.Errorf("%s and %s: %s", nameX, nameY, err)
			}
		}
	}
}

// The limbs of this test are edges in memory. A computation can have such limbs, although no
// test writes their numbers down.
func TestEdgesInMontgomeryForm(t *testing.T) {
	inverse := new(big.Int).ModInverse(new(big.Int).Lsh(big.NewInt(1), 3072), bigN)
	for nameX, x := range edges() {
		for nameY, y := range edges() {
			if x.Cmp(bigN) >= 0 || y.Cmp(bigN) >= 0 {
				continue
			}
			unscale := func(n *big.Int) *big.Int { n = new(big.Int).Mul(n, inverse); return n.Mod(n, bigN) }
			if err := compare(unscale(x), unscale(y), []byte{0x81, 3}); err != "" {
				t.Errorf("%s and %s: %s", nameX, nameY, err)
			}
		}
	}
}

// reduce must take each t below N * R, and also the product of N and 2^3072-1. The result of
// reduce is below N, and not only below R, because an element has exactly one form.
func TestReduceWide(t *testing.T) {
	inverse := new(big.Int).ModInverse(new(big.Int).Lsh(big.NewInt(1), 3072), bigN)
	limit := new(big.Int).Lsh(bigN, 3072)
	for nameX, x := range edges() {
		for nameY, y := range edges() {
			product := new(big.Int).Mul(x, y)
			if product.Cmp(limit) >= 0 {
				continue
			}
			var wide [2 * limbs]uint64
			for i := range wide {
				wide[i] = new(big.Int).Rsh(product, uint(64*i)).Uint64()
			}
			var z Element
			z.reduce(&wide)
			want := new(big.Int).Mul(product, inverse)
			if want.Mod(want, bigN); new(big.Int).SetBytes(z.store()).Cmp(want) != 0 {
				t.Errorf("reduce(%s * %s) = %x, want %x", nameX, nameY, z.store(), want)
			}
		}
	}
}

// compare computes with x, y and e in this package and in math/big, and reports each
// difference.
func compare(x, y *big.Int, e []byte) string {
	var ex, ey, z Element
	if !ex.SetBytes(x.Bytes()) || !ey.SetBytes(y.Bytes()) {
		return "not below N"
	}
	mod := func(n *big.Int) *big.Int { return n.Mod(n, bigN) }
	if z.Mul(&ex, &ey); number(&z).Cmp(mod(new(big.Int).Mul(x, y))) != 0 {
		return "Mul"
	}
	if z.Square(&ex); number(&z).Cmp(mod(new(big.Int).Mul(x, x))) != 0 {
		return "Square"
	}
	if z.Sub(&ex, &ey); number(&z).Cmp(mod(new(big.Int).Sub(x, y))) != 0 {
		return "Sub"
	}
	if z.Exp(&ex, NewExponent(e)); number(&z).Cmp(new(big.Int).Exp(x, new(big.Int).SetBytes(e), bigN)) != 0 {
		return "Exp"
	}
	// A result may be one of its operands.
	z = ex
	if z.Mul(&z, &z); number(&z).Cmp(mod(new(big.Int).Mul(x, x))) != 0 {
		return "Mul in place"
	}
	z = ey
	if z.Sub(&ex, &z); number(&z).Cmp(mod(new(big.Int).Sub(x, y))) != 0 {
		return "Sub in place"
	}
	return ""
}

func FuzzElement(f *testing.F) {
	for _, x := range edges() {
		for _, y := range edges() {
			f.Add(x.Bytes(), y.Bytes(), []byte{0xff, 0x10})
			f.Add(x.Bytes(), y.Bytes(), []byte{})
		}
	}
	f.Fuzz(func(t *testing.T, x, y, e []byte) {
		if len(x) > Size || len(y) > Size || len(e) > 65 {
			return // TestRoundTrip compares such numbers, and a long exponent costs time
		}
		nx, ny := new(big.Int).SetBytes(x), new(big.Int).SetBytes(y)
		if below := nx.Cmp(bigN) < 0; new(Element).SetBytes(x) != below {
			t.Fatalf("SetBytes = %v", !below)
		}
		if err := compare(nx.Mod(nx, bigN), ny.Mod(ny, bigN), e); err != "" {
			t.Fatal(err)
		}
	})
}

func FuzzPowG(f *testing.F) {
	f.Add(make([]byte, 32))
	f.Add(bytes.Repeat([]byte{0xff}, 32))
	for i := range 4 {
		e := make([]byte, 32)
		e[8*i] = 0x80
		f.Add(e)
		f.Add(append(make([]byte, 31-8*i), append([]byte{1}, make([]byte, 8*i)...)...))
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0x5a}, 33))
	f.Fuzz(func(t *testing.T, e []byte) {
		if len(e) > 64 {
			return // nothing new, and slow
		}
		var z Element
		z.PowG(NewExponent(e))
		if want := new(big.Int).Exp(big.NewInt(G), new(big.Int).SetBytes(e), bigN); number(&z).Cmp(want) != 0 {
			t.Errorf("g^%x = %x, want %x", e, z.Bytes(), want)
		}
	})
}

func FuzzAddMul(f *testing.F) {
	ones := bytes.Repeat([]byte{0xff}, 32)
	f.Add(ones, ones, ones)
	f.Add(append(ones, ones...), ones[:9], ones[:1])
	f.Add([]byte{}, []byte{0}, []byte{1})
	f.Add([]byte{}, ones[:8], ones[:8])
	f.Add(ones, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, a, u, x []byte) {
		if len(a)+len(u)+len(x) > 1000 {
			return // nothing new, and slow
		}
		e := NewExponent(a).AddMul(NewExponent(u), NewExponent(x))
		got := exponent(e)
		want := new(big.Int).Mul(new(big.Int).SetBytes(u), new(big.Int).SetBytes(x))
		if want.Add(want, new(big.Int).SetBytes(a)); got.Cmp(want) != 0 {
			t.Errorf("%x + %x*%x = %x, want %x", a, u, x, got, want)
		}
		if got.BitLen() > e.bits || len(e.limbs) != (e.bits+63)/64 {
			t.Errorf("%d bits in %d limbs, said to be %d", got.BitLen(), len(e.limbs), e.bits)
		}
	})
}

func TestRandomAgainstBig(t *testing.T) {
	for range 20 {
		x, y := new(big.Int).SetBytes(randomBytes(Size-1)), new(big.Int).SetBytes(randomBytes(Size-1))
		if err := compare(x, y, randomBytes(65)); err != "" {
			t.Errorf("%x and %x: %s", x, y, err)
		}
	}
}

// The private value in the tests of the .NET client of AWS is longer than N. Package srp makes
// only shorter exponents.
func TestExponentsLongerThanN(t *testing.T) {
	for _, n := range []int{Size, Size + 1, 1024} {
		a := randomBytes(n)
		e := NewExponent(a).AddMul(NewExponent(a[:32]), NewExponent(a[32:64]))
		sum := new(big.Int).Mul(new(big.Int).SetBytes(a[:32]), new(big.Int).SetBytes(a[32:64]))
		sum.Add(sum, new(big.Int).SetBytes(a))
		var z Element
		if z.PowG(NewExponent(a)); number(&z).Cmp(new(big.Int).Exp(big.NewInt(G), new(big.Int).SetBytes(a), bigN)) != 0 {
			t.Errorf("g^a is wrong for an a of %d bytes: %x", n, a)
		}
		base := element(t, big.NewInt(3))
		if z.Exp(base, e); number(&z).Cmp(new(big.Int).Exp(big.NewInt(3), sum, bigN)) != 0 {
			t.Errorf("3^(a+u*x) is wrong for an a of %d bytes: %x", n, a)
		}
	}
}

func BenchmarkMul(b *testing.B) {
	x, y := element(b, big.NewInt(3)), one()
	for b.Loop() {
		y.Mul(&y, x)
	}
}

func BenchmarkSquare(b *testing.B) {
	x := element(b, big.NewInt(3))
	for b.Loop() {
		x.Square(x)
	}
}

func BenchmarkPowG(b *testing.B) {
	e := NewExponent(randomBytes(32))
	for b.Loop() {
		new(Element).PowG(e)
	}
}

func BenchmarkExp513(b *testing.B) {
	x, e := element(b, big.NewInt(3)), NewExponent(randomBytes(32))
	e = e.AddMul(e, e)
	for b.Loop() {
		new(Element).Exp(x, e)
	}
}

func BenchmarkComb(b *testing.B) {
	for b.Loop() {
		newComb()
	}
}
