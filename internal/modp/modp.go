package modp

import (
	"encoding/binary"
	"math/bits"
)

const (
	// Size is the length of N in bytes.
	Size = 8 * limbs
	// G is the generator.
	G = 2

	limbs = 48
	// step is the number of limbs that addMul takes at a time.
	step = 6
)

// Element is a number below N, kept as its product with R = 2^3072 modulo N,
// least significant limb first. The zero value is 0. Results may share memory
// with operands.
type Element [limbs]uint64

func (z *Element) load(b *[Size]byte) {
	for i := range z {
		z[limbs-1-i] = binary.BigEndian.Uint64(b[8*i:])
	}
}

func (z *Element) store() []byte {
	b := make([]byte, Size)
	for i := range z {
		binary.BigEndian.PutUint64(b[8*i:], z[limbs-1-i])
	}
	return b
}

// SetBytes sets z to the number with the big-endian bytes b and reports
// whether it is below N; if it is not, z stays as it was.
func (z *Element) SetBytes(b []byte) bool {
	if len(b) > Size {
		return false
	}
	var padded [Size]byte
	copy(padded[Size-len(b):], b)
	var n Element
	n.load(&padded)
	if _, borrow := subtract(&n, &modulus); borrow == 0 {
		return false
	}
	z.Mul(&n, &rr)
	return true
}

// Bytes returns the number as Size big-endian bytes.
func (z *Element) Bytes() []byte {
	var wide [2 * limbs]uint64
	copy(wide[:], z[:])
	var n Element
	n.reduce(&wide)
	return n.store()
}

// Sub sets z to x - y.
func (z *Element) Sub(x, y *Element) {
	d, borrow := subtract(x, y)
	var carry uint64
	for i := range z {
		z[i], carry = bits.Add64(d[i], modulus[i]&-borrow, carry)
	}
}

// Mul sets z to x * y.
func (z *Element) Mul(x, y *Element) {
	var t [2 * limbs]uint64
	for i, a := range x {
		t[i+limbs] = addMul((*Element)(t[i:]), y, 0, a, 0)
	}
	z.reduce(&t)
}

// Square sets z to x * x. It adds up the products of different limbs once,
// doubles the sum and adds the squares of the limbs.
//
//go:norace
func (z *Element) Square(x *Element) {
	var t [2 * limbs]uint64
	for i, a := range x {
		row := (*Element)(t[i:])
		var carry, c uint64
		j := i + 1
		for ; j%step != 0; j++ {
			hi, lo := bits.Mul64(a, x[j])
			lo, c = bits.Add64(lo, carry, 0)
			hi += c
			row[j], c = bits.Add64(row[j], lo, 0)
			carry = hi + c
		}
		t[i+limbs] = addMul(row, x, uint(j), a, carry)
	}
	var shifted, carry uint64
	for i, a := range x {
		hi, lo := bits.Mul64(a, a)
		even, odd := t[2*i], t[2*i+1]
		t[2*i], carry = bits.Add64(even<<1|shifted, lo, carry)
		t[2*i+1], carry = bits.Add64(odd<<1|even>>63, hi, carry)
		shifted = odd >> 63
	}
	z.reduce(&t)
}

// reduce sets z to t / R modulo N, for t below N * R.
//
//go:norace
func (z *Element) reduce(t *[2 * limbs]uint64) {
	var top, c uint64
	for i := range limbs {
		carry := addMul((*Element)(t[i:]), &modulus, 0, t[i], 0)
		t[i+limbs], c = bits.Add64(t[i+limbs], carry, 0)
		t[i+limbs], top = bits.Add64(t[i+limbs], top, 0)
		top += c
	}
	copy(z[:], t[limbs:])
	z.reduceOnce(top)
}

// reduceOnce sets z to the remainder of top * R + z, which is below 2N.
//
//go:norace
func (z *Element) reduceOnce(top uint64) {
	d, borrow := subtract(z, &modulus)
	keep := -(borrow &^ top)
	for i := range z {
		z[i] = z[i]&keep | d[i]&^keep
	}
}

//go:norace
func subtract(x, y *Element) (d Element, borrow uint64) {
	for i := range d {
		d[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	return d, borrow
}

// addMul adds a * y to t, in all limbs from the given one on, a multiple of
// step, and returns the carry. Nearly all of the time goes by in here. Groups
// of three limbs are what the compiler can keep in registers, two groups
// halve the cost of the loop, an unsigned index saves the bounds checks, and
// reading from t and y before the loop saves the nil checks inside of it.
//
//go:norace
func addMul(t, y *Element, from uint, a, carry uint64) uint64 {
	_, _ = t[0], y[0]
	var c uint64
	for j := from; j <= limbs-step; j += step {
		h0, l0 := bits.Mul64(a, y[j])
		h1, l1 := bits.Mul64(a, y[j+1])
		h2, l2 := bits.Mul64(a, y[j+2])
		l0, c = bits.Add64(l0, carry, 0)
		l1, c = bits.Add64(l1, h0, c)
		l2, c = bits.Add64(l2, h1, c)
		h2, _ = bits.Add64(h2, 0, c)
		t[j], c = bits.Add64(t[j], l0, 0)
		t[j+1], c = bits.Add64(t[j+1], l1, c)
		t[j+2], c = bits.Add64(t[j+2], l2, c)
		carry, _ = bits.Add64(h2, 0, c)

		h0, l0 = bits.Mul64(a, y[j+3])
		h1, l1 = bits.Mul64(a, y[j+4])
		h2, l2 = bits.Mul64(a, y[j+5])
		l0, c = bits.Add64(l0, carry, 0)
		l1, c = bits.Add64(l1, h0, c)
		l2, c = bits.Add64(l2, h1, c)
		h2, _ = bits.Add64(h2, 0, c)
		t[j+3], c = bits.Add64(t[j+3], l0, 0)
		t[j+4], c = bits.Add64(t[j+4], l1, c)
		t[j+5], c = bits.Add64(t[j+5], l2, c)
		carry, _ = bits.Add64(h2, 0, c)
	}
	return carry
}
