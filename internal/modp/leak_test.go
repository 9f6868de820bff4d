//go:build leak

package modp

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestLeak measures whether times depend on secrets, with the method of dudect (O. Reparaz,
// J. Balasch and I. Verbauwhede, "Dude, is my code constant time?", 2017). The inputs have
// two classes, one fixed and one random, in random order. Welch's t-test compares the mean
// times of the classes. A result beyond 4.5 is a leak.
//
//	go test -tags leak -run TestLeak -v ./internal/modp
//
// The last cases have leaks, and fail if the test does not find the leaks.
func TestLeak(t *testing.T) {
	const threshold = 4.5
	const products, powers = 100_000, 2_000
	fixed := map[string][]byte{
		"0": make([]byte, 32), "1": append(make([]byte, 31), 1),
		"2^255": append([]byte{0x80}, make([]byte, 31)...), "2^256-1": slices.Repeat([]byte{0xff}, 32),
		"a random one": randomBytes(32),
	}
	for name, e := range fixed {
		check := func(what string, n int, prepare func(e []byte) func()) {
			if got := welch(n, e, prepare); math.Abs(got) >= threshold {
				t.Errorf("%s, %s against random: |t| = %.2f after %d measurements: a leak", what, name, math.Abs(got), n)
			} else {
				t.Logf("%s, %s against random: |t| = %.2f after %d measurements", what, name, math.Abs(got), n)
			}
		}
		check("product and selection", products, prepareProduct())
		check("PowG", powers, preparePowG)
		check("Exp", powers, prepareExp())
	}
	leaks := func(what, name string, n int, prepare func(e []byte) func()) {
		got := math.Abs(welch(n, fixed[name], prepare))
		t.Logf("%s, %s against random: |t| = %.2f after %d measurements", what, name, got, n)
		if got < threshold {
			t.Errorf("no leak found in %s: the harness is blind", what)
		}
	}
	leaks("math/big, Exp", "0", powers, prepareBig())
	leaks("math/big, Exp", "1", powers, prepareBig())
	leaks("product, selection and a branch", "0", products, prepareBranch())
}

// Each prepare function returns the function to measure, for a secret of 32 bytes. The result
// goes to sink, so that the compiler does not remove the work.
var (
	sink    Element
	sinkBig big.Int
)

func prepareProduct() func([]byte) func() {
	var t table
	for i := range t {
		t[i].SetBytes(randomBytes(Size - 1))
	}
	return func(e []byte) func() {
		// The secret selects the power, and is the other factor with a 1 in front. So no
		// power is 0. The documentation of package srp explains the factor 0.
		var x Element
		x.SetBytes(append([]byte{1}, slices.Repeat(e, 11)...))
		i := uint64(e[0]) % uint64(len(t))
		return func() {
			var factor Element
			factor.pick(&t, i)
			sink.Mul(&x, &factor)
		}
	}
}

// prepareBranch adds a leak of some implementations: a last subtraction only if it is
// necessary.
func prepareBranch() func([]byte) func() {
	prepare := prepareProduct()
	return func(e []byte) func() {
		product, needed := prepare(e), e[0]%2 == 1
		return func() {
			product()
			if needed {
				sink.reduceOnce(&sink, 0)
			}
		}
	}
}

func preparePowG(e []byte) func() {
	exponent := NewExponent(e)
	return func() { sink.PowG(exponent) }
}

func prepareExp() func([]byte) func() {
	var x Element
	x.SetBytes(randomBytes(Size - 1))
	return func(e []byte) func() {
		exponent := NewExponent(e)
		return func() { sink.Exp(&x, exponent) }
	}
}

func prepareBig() func([]byte) func() {
	x := new(big.Int).SetBytes(randomBytes(Size - 1))
	return func(e []byte) func() {
		exponent := new(big.Int).SetBytes(e)
		return func() { sinkBig.Exp(x, exponent, bigN) }
	}
}

// welch measures n calls and returns Welch's t for the fixed secret and random secrets.
func welch(n int, fixed []byte, prepare func([]byte) func()) float64 {
	// The test prepares all inputs of a batch in the same way before the first measurement.
	// So the caches do not depend on the class.
	const batch = 100
	var times [2][]float64
	for done := 0; done < n; done += batch {
		var run [batch]func()
		var class [batch]int
		for i := range run {
			random := randomBytes(len(fixed))
			class[i] = rand.IntN(2)
			run[i] = prepare([][]byte{slices.Clone(fixed), random}[class[i]])
		}
		var took [batch]float64
		for i, f := range run {
			start := time.Now()
			f()
			took[i] = float64(time.Since(start))
		}
		// Other work on the machine changes slowly, and has an effect on a batch as a whole.
		sorted := took
		slices.Sort(sorted[:])
		for i, c := range class {
			times[c] = append(times[c], took[i]-sorted[batch/2])
		}
	}
	// A time with an interrupt says nothing, and hides the difference of the other times.
	var off []float64
	for _, x := range slices.Concat(times[0], times[1]) {
		off = append(off, math.Abs(x))
	}
	slices.Sort(off)
	limit := off[len(off)*9/10]
	var mean, squares, count [2]float64
	for c := range times {
		for _, x := range times[c] {
			if math.Abs(x) <= limit {
				count[c]++
				d := x - mean[c]
				mean[c] += d / count[c]
				squares[c] += d * (x - mean[c])
			}
		}
	}
	variance := func(c int) float64 { return squares[c] / (count[c] - 1) / count[c] }
	return (mean[0] - mean[1]) / math.Sqrt(variance(0)+variance(1))
}
