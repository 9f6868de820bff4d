package modp

import (
	"encoding/binary"
	"math/bits"
	"sync"
)

// Exponent is a number whose length is public and whose value is not.
type Exponent struct {
	limbs []uint64 // least significant first
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

// AddMul returns e + x*y. Its length is the least that always suffices.
func (e Exponent) AddMul(x, y Exponent) Exponent {
	n := max(e.bits, x.bits+y.bits) + 1
	z := make([]uint64, len(x.limbs)+len(y.limbs)+len(e.limbs))
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

// window is the number of bits of the exponent that Exp takes at a time.
const window = 5

// Exp sets z to x^e.
func (z *Element) Exp(x *Element, e Exponent) {
	table := make([]Element, 1<<window)
	table[0], table[1] = one, *x
	for i := 2; i < len(table); i += 2 {
		table[i].Square(&table[i/2])
		table[i+1].Mul(&table[i], x)
	}
	power := one
	var factor Element
	for i := (e.bits+window-1)/window*window - window; i >= 0; i -= window {
		for range window {
			power.Square(&power)
		}
		factor.pick(table, e.bit(i)|e.bit(i+1)<<1|e.bit(i+2)<<2|e.bit(i+3)<<3|e.bit(i+4)<<4)
		power.Mul(&power, &factor)
	}
	*z = power
}

// bit returns bit i of e, 0 beyond its length.
func (e Exponent) bit(i int) uint64 {
	if i >= e.bits {
		return 0
	}
	return e.limbs[i/64] >> (i % 64) & 1
}

// pick sets z to table[i]. It goes through four entries at a time, of which
// there must be a multiple.
func (z *Element) pick(table []Element, i uint64) {
	*z = Element{}
	mask := func(j int) uint64 { return -((uint64(j) ^ i - 1) >> 63) } // all ones if j == i
	for j := 0; j < len(table); j += 4 {
		m0, m1, m2, m3 := mask(j), mask(j+1), mask(j+2), mask(j+3)
		t := (*[4]Element)(table[j:])
		for k := range z {
			z[k] |= t[0][k]&m0 | t[1][k]&m1 | t[2][k]&m2 | t[3][k]&m3
		}
	}
}

// A comb selects by five bits of the exponent, spacing apart, from a table of
// the 32 products of the powers of g that they stand for. Each block of
// columns has a table of its own, so that all share the squares.
const (
	teeth   = 5
	blocks  = 4
	column  = 13 // columns in a block
	spacing = blocks * column
)

type comb [blocks][1 << teeth]Element

var combG = sync.OnceValue(newComb)

// newComb returns the comb of g: at [b][i] the product over the bits k of i of
// g^(2^(k*spacing + b*column)).
func newComb() *comb {
	c := new(comb)
	var power Element
	power.SetBytes([]byte{G})
	for k := range teeth {
		for b := range c {
			c[b][0] = one
			for i := range 1 << k {
				c[b][1<<k+i].Mul(&c[b][i], &power)
			}
			for range column {
				power.Square(&power)
			}
		}
	}
	return c
}

// PowG sets z to g^e, for an exponent of up to 256 bits.
func (z *Element) PowG(e Exponent) {
	power := one
	var factor Element
	tables := combG()
	for i := column - 1; i >= 0; i-- {
		power.Square(&power)
		for b := range tables {
			var index uint64
			for k := range teeth {
				index |= e.bit(k*spacing+b*column+i) << k
			}
			factor.pick(tables[b][:], index)
			power.Mul(&power, &factor)
		}
	}
	*z = power
}
