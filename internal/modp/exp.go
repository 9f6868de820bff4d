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

const window = 4

// Exp sets z to x^e.
func (z *Element) Exp(x *Element, e Exponent) {
	table := [1 << window]Element{one, *x}
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
		factor.pick(&table, e.limbs[i/64]>>(i%64))
		power.Mul(&power, &factor)
	}
	*z = power
}

// pick sets z to table[i] for the lowest bits of i.
func (z *Element) pick(table *[1 << window]Element, i uint64) {
	i %= 1 << window
	*z = Element{}
	for j := range table {
		mask := -((uint64(j) ^ i - 1) >> 63) // all ones where j == i
		for k, limb := range table[j] {
			z[k] |= limb & mask
		}
	}
}

// A comb has a tooth in each limb of a 256-bit exponent, so that one column of
// bits, one from each limb, selects from a table of 16 products. There is a
// table for each block of columns; the blocks share the squares.
const (
	teeth  = 4
	blocks = 4
	column = 64 / blocks // columns in a block
)

type comb [blocks][1 << teeth]Element

var combG = sync.OnceValue(newComb)

// newComb returns the comb of g: at [b][i] the product of g^(2^(64k + column*b))
// over the bits k of i.
func newComb() *comb {
	c := new(comb)
	var power Element
	power.SetBytes([]byte{G})
	for k := range teeth {
		for b := range blocks {
			table := &c[b]
			table[0] = one
			for i := range 1 << k {
				table[1<<k+i].Mul(&table[i], &power)
			}
			for range column {
				power.Square(&power)
			}
		}
	}
	return c
}

// PowG sets z to g^e, for an exponent of 256 bits.
func (z *Element) PowG(e Exponent) {
	tables, tooth := combG(), (*[teeth]uint64)(e.limbs)
	power := one
	var factor Element
	for i := column - 1; i >= 0; i-- {
		power.Square(&power)
		for b := range tables {
			at := b*column + i
			var index uint64
			for k, limb := range tooth {
				index |= limb >> at & 1 << k
			}
			factor.pick(&tables[b], index)
			power.Mul(&power, &factor)
		}
	}
	*z = power
}
