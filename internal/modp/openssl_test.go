package modp

import (
	"bufio"
	"fmt"
	"math/big"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkOpenSSL computes the three powers of a handshake, in turns with
// BN_mod_exp_mont_consttime of OpenSSL. The benchmark reports the medians in microseconds and
// their ratio. Without a C compiler or the headers of OpenSSL the benchmark is skipped.
//
//	go test ./internal/modp -run '^$' -bench OpenSSL -count 5
func BenchmarkOpenSSL(b *testing.B) {
	a, x := NewExponent(randomBytes(32)), NewExponent(randomBytes(32))
	e := a.AddMul(NewExponent(randomBytes(32)), x)
	base := element(b, new(big.Int).SetBytes(randomBytes(Size-1)))
	var results [3]Element
	powers := func() {
		results[0].PowG(a)
		results[1].PowG(x)
		results[2].Exp(base, e)
	}
	powers()

	again, line := startOpenSSL(b, bigN, big.NewInt(G), exponent(a), exponent(x), number(base), exponent(e))
	for i := range results {
		theirs, ok := new(big.Int).SetString(line(), 16)
		if !ok || theirs.Cmp(number(&results[i])) != 0 {
			b.Fatalf("power %d is %x, with OpenSSL %x", i, number(&results[i]), theirs)
		}
	}
	var times [2][]float64
	for b.Loop() {
		start := time.Now()
		powers()
		times[0] = append(times[0], float64(time.Since(start)))
		var took float64
		if _, err := fmt.Sscan(again(), &took); err != nil {
			b.Fatal(err)
		}
		times[1] = append(times[1], took)
	}
	var median [2]float64
	for i := range times {
		slices.Sort(times[i])
		median[i] = times[i][len(times[i])/2]
	}
	b.ReportMetric(0, "ns/op") // the time of both is no result
	b.ReportMetric(median[0]/1000, "us/modp")
	b.ReportMetric(median[1]/1000, "us/OpenSSL")
	b.ReportMetric(median[0]/median[1], "modp/OpenSSL")
}

// startOpenSSL compiles and starts the program. Each call of again makes the program compute
// again, and returns the time. The function line returns the next line of the output.
func startOpenSSL(b *testing.B, numbers ...*big.Int) (again, line func() string) {
	program := filepath.Join(b.TempDir(), "openssl")
	out, err := exec.Command("cc", "-O2", "-o", program, filepath.Join("testdata", "openssl.c"), "-lcrypto").CombinedOutput()
	if err != nil {
		b.Skipf("no C compiler, or no OpenSSL for it: %v\n%s", err, out)
	}
	var arguments []string
	for _, n := range numbers {
		arguments = append(arguments, n.Text(16))
	}
	command := exec.Command(program, arguments...)
	in, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		if err := command.Wait(); err != nil {
			b.Error(err)
		}
	})
	scanner := bufio.NewScanner(output)
	line = func() string {
		if !scanner.Scan() {
			b.Fatalf("the program with OpenSSL ended: %v", scanner.Err())
		}
		return strings.TrimSpace(scanner.Text())
	}
	again = func() string {
		if _, err := in.Write([]byte("\n")); err != nil {
			b.Fatal(err)
		}
		return line()
	}
	b.Log(line()) // the version of OpenSSL
	return again, line
}
