package modp

import (
	_ "embed"
	"encoding/binary"
	"math/bits"
	"sync"
)

// Exponent is a number with a public length and a secret value.
type Exponent struct {
	limbs []uint64 // the least significant first
	bits  int
}

// NewExponent returns the number with the big-endian bytes b.
func NewExponent(b []byte) Exponent {
	padded := make([]byte, (len(b)+7)/8*8)
	copy(padded[len(padded)-len(b):], b)
	e := make([]uint64, len(padded)/8)
	for i := range e {
		e[len(e)-1-i] = binary.BigEndian.Uint64(padded[8*i:])
	}
	return Exponent{e, 8 * len(b)}
}

// AddMul returns e + x*y. The length of the result depends on the lengths alone, and is
// enough for all values.
func (e Exponent) AddMul(x, y Exponent) Exponent {
	n := max(e.bits, x.bits+y.bits) + 1
	z := make([]uint64, max(len(e.limbs), len(x.limbs)+len(y.limbs))+1)
	copy(z, e.limbs)
	for i, a := range x.limbs {
		var carry, c uint64
		for j := i; j < len(z); j++ {
			var b uint64
			if j-i < len(y.limbs) {
				b = y.limbs[j-i]
			}
			hi, lo := bits.Mul64(a, b)
			lo, c = bits.Add64(lo, carry, 0)
			hi += c
			z[j], c = bits.Add64(z[j], lo, 0)
			carry = hi + c
		}
	}
	return Exponent{z[:(n+63)/64], n}
}

// digit returns a number of n bits of e. The lowest bit is at the position, and the other
// bits follow at the distance. Bits beyond the length of e are 0.
func (e Exponent) digit(position, distance, n int) (d uint64) {
	for k := range n {
		if i := position + k*distance; i < e.bits {
			d |= e.limbs[i/64] >> (i % 64) & 1 << k
		}
	}
	return d
}

// window is the number of exponent bits that Exp reads at a time.
const window = 5

// A table has the powers of one base that a digit can select.
type table [1 << window]Element

// Tables are in a pool, because the stack of a goroutine would grow for one call. All
// tables in the pool are zero.
var tables = sync.Pool{New: func() any { return new(table) }}

// Exp sets z to x^e.
func (z *Element) Exp(x *Element, e Exponent) {
	powers := tables.Get().(*table)
	defer func() {
		*powers = table{}
		tables.Put(powers)
	}()
	powers[0], powers[1] = one(), *x
	for i := 2; i < len(powers); i += 2 {
		powers[i].Square(&powers[i/2])
		powers[i+1].Mul(&powers[i], x)
	}
	i := (e.bits+window-1)/window*window - window
	power := powers[0]
	if i >= 0 { // depends on the length, which is public
		power.pick(powers, e.digit(i, 1, window))
	}
	var factor Element
	for i -= window; i >= 0; i -= window {
		for range window {
			power.Square(&power)
		}
		factor.pick(powers, e.digit(i, 1, window))
		power.Mul(&power, &factor)
	}
	*z = power
}

// pick sets z to t[i], and reads the whole table. The loop has one pointer for each of four
// elements, and reads two limbs at a time. So the compiler needs only a load, an AND and an
// OR for each limb.
//
//go:norace
func (z *Element) pick(t *table, i uint64) {
	*z = Element{}
	mask := func(j int) uint64 { return -((uint64(j) ^ i - 1) >> 63) } // all ones if j == i
	for j := 0; j < len(t); j += 4 {
		t0, t1, t2, t3 := &t[j], &t[j+1], &t[j+2], &t[j+3]
		m0, m1, m2, m3 := mask(j), mask(j+1), mask(j+2), mask(j+3)
		for k := 0; k < limbs; k += 2 {
			z[k] |= t0[k]&m0 | t1[k]&m1 | t2[k]&m2 | t3[k]&m3
			z[k+1] |= t0[k+1]&m0 | t1[k+1]&m1 | t2[k+1]&m2 | t3[k+1]&m3
		}
	}
}

// A comb reads bits at the distance spacing. The bits select a product of powers of g in a
// table. Each block of positions has a separate table, so that the blocks share the
// squares.
const (
	teeth   = window // pick serves Exp and PowG
	blocks  = 13
	columns = 4 // the columns of a block
	spacing = blocks * columns
	reach   = teeth * spacing // in bits: 256 at least
)

// The entry [b][i] of a comb is the product of g^(2^(k*spacing + b*columns)) over the bits k
// of i.
type comb [blocks]table

// encodedComb is the comb of g: the limbs of one element after the other, the most
// significant first. The computation takes as long as a handshake, and a program that signs
// in once would wait. TestComb computes the comb.
//
//go:embed comb.bin
var encodedComb []byte

var combG = sync.OnceValue(newComb)

func newComb() *comb {
	c := new(comb)
	rest := encodedComb
	for b := range c {
		for i := range c[b] {
			c[b][i].load((*[Size]byte)(rest))
			rest = rest[Size:]
		}
	}
	return c
}

// PowG sets z to g^e. Exponents of more than 260 bits take as long as in Exp.
func (z *Element) PowG(e Exponent) {
	if e.bits > reach {
		var g Element
		g.SetBytes([]byte{G})
		z.Exp(&g, e)
		return
	}
	c := combG()
	digit := func(block, column int) uint64 { return e.digit(block*columns+column, spacing, teeth) }
	var power, factor Element
	power.pick(&c[0], digit(0, columns-1))
	for b := 1; b < blocks; b++ {
		factor.pick(&c[b], digit(b, columns-1))
		power.Mul(&power, &factor)
	}
	for i := columns - 2; i >= 0; i-- {
		power.Square(&power)
		for b := range c {
			factor.pick(&c[b], digit(b, i))
			power.Mul(&power, &factor)
		}
	}
	*z = power
}
