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
	// addMul multiplies rows limbs of one factor by step limbs of the other factor at a
	// time.
	rows, step = 2, 3
)

// Element is a number below N. The limbs are the product of the number with R = 2^3072
// modulo N, the least significant limb first. The zero value is 0. Results may share memory
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

// SetBytes sets z to the number with the big-endian bytes b. If the number is not below N,
// SetBytes returns false and does not change z.
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
//
//go:norace
func (z *Element) Mul(x, y *Element) {
	var t [2 * limbs]uint64
	for i := 0; i < limbs; i += rows {
		t[i+limbs], t[i+limbs+1] = addMul((*Element)(t[i:]), y, 0, x[i], x[i+1], 0, 0)
	}
	z.reduce(&t)
}

// Square sets z to x * x. Square adds the products of different limbs once, doubles the sum,
// and adds the squares of the limbs.
//
//go:norace
func (z *Element) Square(x *Element) {
	var t [2 * limbs]uint64
	for i := 0; i < limbs; i += rows {
		row := (*Element)(t[i:])
		a0, a1 := x[i], x[i+1]
		var k0, k1 uint64
		k0, row[i+1] = mulAdd(a0, a1, row[i+1], 0)
		j := i + 2
		for ; j%step != 0; j++ {
			k0, row[j] = mulAdd(a0, x[j], row[j], k0)
			k1, k0 = mulAdd(a1, x[j], k0, k1)
		}
		t[i+limbs], t[i+limbs+1] = addMul(row, x, uint(j), a0, a1, k0, k1)
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
	var over uint64
	for i := 0; i < limbs; i += rows {
		// The sum of q * (N + 1) and -q is q * N. N + 1 ends with 64 zeros. So the lowest
		// limb of t is the first factor. After the first factor, the next limb is the
		// second factor.
		row := (*Element)(t[i:])
		q0 := row[0]
		k0, q1 := mulAdd(q0, modulus[1]+1, row[1], 0)
		k1, k0 := mulAdd(q1, modulus[1]+1, k0, 0)
		k0, row[2] = mulAdd(q0, modulus[2], row[2], k0)
		k1, k0 = mulAdd(q1, modulus[2], k0, k1)
		k0, k1 = addMul(row, &modulus, 3, q0, q1, k0, k1)
		t[i+limbs], over = bits.Add64(t[i+limbs], k0, over)
		t[i+limbs+1], over = bits.Add64(t[i+limbs+1], k1, over)
	}
	z.reduceOnce((*Element)(t[limbs:]), over)
}

// reduceOnce sets z to the remainder of top * R + x, which is below 2N. reduceOnce writes
// four limbs after the last borrow of the four. An earlier write makes the compiler compute
// a borrow twice.
//
//go:norace
func (z *Element) reduceOnce(x *Element, top uint64) {
	var below, borrow uint64
	for i := 0; i < limbs; i += 4 {
		_, below = bits.Sub64(x[i], modulus[i], below)
		_, below = bits.Sub64(x[i+1], modulus[i+1], below)
		_, below = bits.Sub64(x[i+2], modulus[i+2], below)
		_, below = bits.Sub64(x[i+3], modulus[i+3], below)
	}
	n := below&^top - 1 // all ones if reduceOnce must subtract N
	var d0, d1, d2, d3 uint64
	for i := 0; i < limbs; i += 4 {
		d0, borrow = bits.Sub64(x[i], modulus[i]&n, borrow)
		d1, borrow = bits.Sub64(x[i+1], modulus[i+1]&n, borrow)
		d2, borrow = bits.Sub64(x[i+2], modulus[i+2]&n, borrow)
		d3, borrow = bits.Sub64(x[i+3], modulus[i+3]&n, borrow)
		z[i], z[i+1], z[i+2], z[i+3] = d0, d1, d2, d3
	}
}

//go:norace
func subtract(x, y *Element) (d Element, borrow uint64) {
	for i := range d {
		d[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	return d, borrow
}

// mulAdd returns a * b + c + d in two limbs.
func mulAdd(a, b, c, d uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(a, b)
	lo, carry := bits.Add64(lo, c, 0)
	hi, _ = bits.Add64(hi, 0, carry)
	lo, carry = bits.Add64(lo, d, 0)
	hi, _ = bits.Add64(hi, 0, carry)
	return hi, lo
}

// addMul adds (a0 + a1 * 2^64) * y to t, beginning with a limb of y that is a multiple of
// step. The parameters and results k0 and k1 are the carries to the next limb of t and to
// the limb after it.
//
// A handshake spends nearly all of its time in addMul. Two rows at once read and write t
// half as often. The compiler can keep groups of three limbs in registers. An unsigned index
// saves the bounds checks. The reads of t and y before the loop save the nil checks inside
// of the loop.
//
//go:norace
func addMul(t, y *Element, from uint, a0, a1, k0, k1 uint64) (uint64, uint64) {
	_, _ = t[0], y[0]
	var c uint64
	for j := from; j <= limbs-step; j += step {
		h0, l0 := bits.Mul64(a0, y[j])
		h1, l1 := bits.Mul64(a0, y[j+1])
		h2, l2 := bits.Mul64(a0, y[j+2])
		l0, c = bits.Add64(l0, k0, 0)
		l1, c = bits.Add64(l1, h0, c)
		l2, c = bits.Add64(l2, h1, c)
		h2, _ = bits.Add64(h2, 0, c)
		t[j], c = bits.Add64(t[j], l0, 0)
		l1, c = bits.Add64(t[j+1], l1, c)
		l2, c = bits.Add64(t[j+2], l2, c)
		k0, _ = bits.Add64(h2, 0, c)

		g0, m0 := bits.Mul64(a1, y[j])
		g1, m1 := bits.Mul64(a1, y[j+1])
		g2, m2 := bits.Mul64(a1, y[j+2])
		m0, c = bits.Add64(m0, k1, 0)
		m1, c = bits.Add64(m1, g0, c)
		m2, c = bits.Add64(m2, g1, c)
		k1, _ = bits.Add64(g2, 0, c)
		t[j+1], c = bits.Add64(l1, m0, 0)
		t[j+2], c = bits.Add64(l2, m1, c)
		k0, c = bits.Add64(k0, m2, c)
		k1, _ = bits.Add64(k1, 0, c)
	}
	return k0, k1
}
