// Package modp computes modulo the 3072-bit prime of RFC 3526, group 15, without
// letting exponents show in its running time.
package modp

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// Size is the length of N in bytes.
const Size = 8 * limbs

const limbs = 48

// modulus is N, least significant limb first.
var modulus = func() (n Element) {
	b, err := hex.DecodeString("" +
		"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" +
		"020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
		"4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
		"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" +
		"98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb" +
		"9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
		"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718" +
		"3995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33" +
		"a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7" +
		"abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864" +
		"d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e2" +
		"08e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff")
	if err != nil {
		panic(err)
	}
	n.load(b)
	return
}()

// Element is a number below N. It is kept in Montgomery form, as its product
// with R = 2^3072, least significant limb first. The zero value is 0.
type Element [limbs]uint64

// load sets z to the big-endian bytes b, at most Size of them.
func (z *Element) load(b []byte) {
	var buf [Size]byte
	copy(buf[Size-len(b):], b)
	for i := range z {
		z[limbs-1-i] = binary.BigEndian.Uint64(buf[8*i:])
	}
}

// SetBytes sets z to the number with big-endian bytes b and reports whether it
// is below N; if it is not, z is not changed. Only the length of b and whether
// it is below N show in the running time.
func (z *Element) SetBytes(b []byte) bool {
	if len(b) > Size {
		return false
	}
	var n Element
	n.load(b)
	if _, borrow := sub(&n, &modulus); borrow == 0 {
		return false
	}
	z.Mul(&n, &rr)
	return true
}

// Bytes returns the number as Size big-endian bytes.
func (z *Element) Bytes() []byte {
	var n Element
	n.Mul(z, &Element{1})
	b := make([]byte, Size)
	for i := range n {
		binary.BigEndian.PutUint64(b[8*i:], n[limbs-1-i])
	}
	return b
}

func sub(x, y *Element) (z Element, borrow uint64) {
	for i := range z {
		z[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	return
}

// reduce sets z to carry*R + z, which must be below 2N, modulo N.
func (z *Element) reduce(carry uint64) {
	d, borrow := sub(z, &modulus)
	// Keep z if subtracting N leads below zero.
	keep := -(borrow &^ carry)
	for i := range z {
		z[i] = z[i]&keep | d[i]&^keep
	}
}

// Sub sets z to x - y.
func (z *Element) Sub(x, y *Element) {
	d, borrow := sub(x, y)
	add := -borrow
	var carry uint64
	for i := range z {
		z[i], carry = bits.Add64(d[i], modulus[i]&add, carry)
	}
}

func (z *Element) Mul(x, y *Element) {
	var t Element
	var top uint64
	for _, a := range x {
		c1, lo := bits.Mul64(a, y[0])
		var c uint64
		m, c := bits.Add64(lo, t[0], 0)
		c1 += c
		c2 := m
		for j := 1; j < limbs; j++ {
			hi, lo := bits.Mul64(a, y[j])
			lo, c = bits.Add64(lo, t[j], 0)
			hi, _ = bits.Add64(hi, 0, c)
			lo, c = bits.Add64(lo, c1, 0)
			c1, _ = bits.Add64(hi, 0, c)
			hi, l := bits.Mul64(m, modulus[j])
			lo, c = bits.Add64(lo, l, 0)
			hi, _ = bits.Add64(hi, 0, c)
			lo, c = bits.Add64(lo, c2, 0)
			c2, _ = bits.Add64(hi, 0, c)
			t[j-1] = lo
		}
		t[limbs-1], c = bits.Add64(c1, c2, 0)
		t[limbs-1], top = bits.Add64(t[limbs-1], top, 0)
		top += c
	}
	t.reduce(top)
	*z = t
}

// one and rr are R mod N and R^2 mod N: 1 and R in Montgomery form.
var one, rr = func() (one, rr Element) {
	one, _ = sub(&one, &modulus) // 2^3072 - N
	rr = one
	for range 64 * limbs {
		carry := rr[limbs-1] >> 63
		for i := limbs - 1; i > 0; i-- {
			rr[i] = rr[i]<<1 | rr[i-1]>>63
		}
		rr[0] <<= 1
		rr.reduce(carry)
	}
	return
}()

// Exponent is a number, least significant limb first. Its length is public,
// its value is not.
type Exponent []uint64

// NewExponent returns the number with big-endian bytes b.
func NewExponent(b []byte) Exponent {
	e := make(Exponent, (len(b)+7)/8)
	var buf [8]byte
	for i := range e {
		end := len(b) - 8*i
		buf = [8]byte{}
		start := max(0, end-8)
		copy(buf[8-(end-start):], b[start:end])
		e[i] = binary.BigEndian.Uint64(buf[:])
	}
	return e
}

// AddMul returns e + x*y.
func (e Exponent) AddMul(x, y Exponent) Exponent {
	z := make(Exponent, max(len(e), len(x)+len(y))+1)
	copy(z, e)
	for i, a := range x {
		var carry, c uint64
		for j := range z[i:] {
			var b uint64
			if j < len(y) {
				b = y[j]
			}
			hi, lo := bits.Mul64(a, b)
			lo, c = bits.Add64(lo, z[i+j], 0)
			hi += c
			z[i+j], c = bits.Add64(lo, carry, 0)
			carry = hi + c
		}
	}
	return z
}

const window = 4

// Exp sets z to x^e.
func (z *Element) Exp(x *Element, e Exponent) {
	table := [1 << window]Element{one, *x}
	for i := 2; i < len(table); i++ {
		table[i].Mul(&table[i-1], x)
	}
	r := one
	for i := 64*len(e) - window; i >= 0; i -= window {
		for range window {
			r.Mul(&r, &r)
		}
		var f Element
		f.pick(table[:], e[i/64]>>(i%64)%(1<<window))
		r.Mul(&r, &f)
	}
	*z = r
}

// pick sets z to table[index], reading the whole table.
func (z *Element) pick(table []Element, index uint64) {
	*z = Element{}
	for i := range table {
		mask := -((index ^ uint64(i) - 1) >> 63)
		for j := range z {
			z[j] |= table[i][j] & mask
		}
	}
}

// PowG sets z to g^e, g = 2.
func (z *Element) PowG(e Exponent) {
	g := Element{}
	g.SetBytes([]byte{2})
	z.Exp(&g, e)
}

// G is the generator of the group.
const G = 2

// N returns the modulus as Size big-endian bytes.
func N() []byte {
	b := make([]byte, Size)
	for i, limb := range modulus {
		binary.BigEndian.PutUint64(b[Size-8*(i+1):], limb)
	}
	return b
}
