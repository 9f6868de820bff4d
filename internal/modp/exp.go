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

// digit returns the number made of n bits of e, the lowest of them at the given
// position and the others at that distance from one another. Bits beyond the
// length of e are 0.
func (e Exponent) digit(position, distance, n int) (d uint64) {
	for k := range n {
		if i := position + k*distance; i < e.bits {
			d |= e.limbs[i/64] >> (i % 64) & 1 << k
		}
	}
	return d
}

// window is the number of bits of the exponent that Exp takes at a time.
const window = 5

// Exp sets z to x^e.
func (z *Element) Exp(x *Element, e Exponent) {
	var table [1 << window]Element
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
		factor.pick(&table, e.digit(i, 1, window))
		power.Mul(&power, &factor)
	}
	*z = power
}

// pick sets z to table[i], reading all of the table.
//
//go:norace
func (z *Element) pick(table *[1 << window]Element, i uint64) {
	*z = Element{}
	mask := func(j int) uint64 { return -((uint64(j) ^ i - 1) >> 63) } // all ones if j == i
	for j := 0; j < len(table); j += 4 {
		t := (*[4]Element)(table[j:])
		m0, m1, m2, m3 := mask(j), mask(j+1), mask(j+2), mask(j+3)
		for k := range z {
			z[k] |= t[0][k]&m0 | t[1][k]&m1 | t[2][k]&m2 | t[3][k]&m3
		}
	}
}

// A comb takes bits that are spacing apart and finds the product of the powers
// of g that they stand for in a table. Each block of positions has a table of
// its own, so that the blocks share the squares.
const (
	teeth   = window // so that pick serves both
	blocks  = 4
	columns = 13 // in a block
	spacing = blocks * columns
	reach   = teeth * spacing // bits: not less than 256
)

type comb [blocks][1 << teeth]Element

var combG = sync.OnceValue(newComb)

// newComb returns the comb of g: at [b][i] the product of g^(2^(k*spacing +
// b*columns)) over the bits k of i.
func newComb() *comb {
	c := new(comb)
	power := g
	for k := range teeth {
		for b := range c {
			c[b][0] = one
			for i := range 1 << k {
				c[b][1<<k+i].Mul(&c[b][i], &power)
			}
			for range columns {
				power.Square(&power)
			}
		}
	}
	return c
}

// PowG sets z to g^e. Exponents of more than 260 bits take as long as in Exp.
func (z *Element) PowG(e Exponent) {
	if e.bits > reach {
		z.Exp(&g, e)
		return
	}
	tables := combG()
	power := one
	var factor Element
	for i := columns - 1; i >= 0; i-- {
		power.Square(&power)
		for b := range tables {
			factor.pick(&tables[b], e.digit(b*columns+i, spacing, teeth))
			power.Mul(&power, &factor)
		}
	}
	*z = power
}
