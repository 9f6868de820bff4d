package flow_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/byname"
)

// TestInitialization measures a program that imports flow. Before main begins, the packages of
// this module may take 0.1 ms.
//
//	go test ./flow -run TestInitialization -v
func TestInitialization(t *testing.T) {
	if byname.Quick(t) {
		t.Skip("this test builds a program. Run it with: go test ./flow -run TestInitialization")
	}
	const want, rounds = 100 * time.Microsecond, 30
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, []byte("package main\n\nimport _ \"github.com/cognitoflow/cognitoflow/flow\"\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	// Other programs on the machine make a round longer, so the shortest round counts.
	best, trace := time.Hour, ""
	for range rounds {
		command := exec.CommandContext(t.Context(), program)
		command.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if sum, lines := initialization(t, string(out)); sum < best {
			best, trace = sum, lines
		}
		if best <= want {
			break
		}
	}
	t.Logf("%v, of these:\n%s", best, trace)
	if best > want {
		t.Errorf("the packages of this module take %v, want %v at most", best, want)
	}
}

// initialization returns the time of the packages of this module, and their lines of the trace.
// Such a line is "init PATH @0.79 ms, 0.017 ms clock, 72 bytes, 2 allocs".
func initialization(t *testing.T, trace string) (sum time.Duration, own string) {
	var flow bool
	for line := range strings.Lines(trace) {
		fields := strings.Fields(line)
		if len(fields) < 5 || !strings.HasPrefix(fields[1], "github.com/cognitoflow/cognitoflow/") {
			continue
		}
		ms, err := strconv.ParseFloat(fields[4], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		sum += time.Duration(ms * float64(time.Millisecond))
		own += line
		flow = flow || strings.HasSuffix(fields[1], "/flow")
	}
	if !flow {
		t.Fatalf("package flow is not in the trace:\n%s", trace)
	}
	return sum, own
}
