package device_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
)

// The test binary is also the program that TestTwoProcesses starts twice, told
// apart by these variables.
const (
	childDir  = "DEVICE_TEST_CHILD_DIR"
	childName = "DEVICE_TEST_CHILD_NAME"
)

const (
	rounds  = 20 // enrolments of each process for its own users, and as many for the common one
	repeats = 5  // of each record, so that the processes meet
)

func TestMain(m *testing.M) {
	dir := os.Getenv(childDir)
	if dir == "" {
		m.Run()
		return
	}
	work := child
	if os.Getenv(childEndpoint) != "" {
		work = signInChild
	}
	if err := work(context.Background(), device.Dir(dir), os.Getenv(childName)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child enrols devices for users of its own and for one that both processes
// sign in. It starts when standard input is closed.
func child(ctx context.Context, store device.Store, self string) error {
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	for round := range rounds {
		for _, user := range []string{fmt.Sprintf("%s/%d", self, round), "both"} {
			// Records of different lengths, so that a torn one shows. A group key has
			// 55 characters at most.
			data, err := enrol(strings.Repeat(self, 1+round%13))
			if err != nil {
				return err
			}
			for range repeats {
				if err := putAndGet(ctx, store, user, data); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// putAndGet reports on standard output what it put and got: the word, the
// record's name and its digest.
func putAndGet(ctx context.Context, store device.Store, name string, data []byte) error {
	if err := store.Put(ctx, name, data); err != nil {
		return err
	}
	fmt.Println("put", name, digest(data))
	got, err := store.Get(ctx, name)
	if err != nil {
		return err
	}
	fmt.Println("got", name, digest(got))
	return new(device.Credentials).UnmarshalJSON(got)
}

func enrol(groupKey string) ([]byte, error) {
	c, _, err := device.New(key, groupKey)
	if err != nil {
		return nil, err
	}
	return c.MarshalJSON()
}

func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// process is one running child.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// start returns when the child waits for its standard input to be closed.
func start(ctx context.Context, t *testing.T, dir device.Dir, name string, env ...string) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(ctx, program)}
	p.cmd.Env = append(append(os.Environ(), childDir+"="+string(dir), childName+"="+name), env...)
	p.cmd.Stderr = &p.stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin, p.stdout = stdin, bufio.NewReader(stdout)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := p.stdout.ReadString('\n'); line != "ready\n" {
		t.Fatalf("process %s said %q, %v; %s", name, line, err, &p.stderr)
	}
	return p
}

func TestTwoProcesses(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := newDir(t)
	processes := map[string]*process{"anna": start(ctx, t, dir, "anna"), "ben": start(ctx, t, dir, "ben")}
	for _, p := range processes {
		p.stdin.Close()
	}

	putBy := make(map[string]string)  // who put a record, by its digest
	got := make(map[string][]string)  // digests of the records that each process got for both
	last := make(map[string][]string) // digests that may be left in the end, by name
	for self, p := range processes {
		output, err := io.ReadAll(p.stdout)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Fatalf("process %s: %v; %s", self, err, &p.stderr)
		}
		lastPut := make(map[string]string)
		for line := range strings.Lines(string(output)) {
			var word, name, sum string
			if _, err := fmt.Sscan(line, &word, &name, &sum); err != nil {
				t.Fatalf("process %s said %q", self, line)
			}
			switch {
			case word == "put":
				putBy[sum] = self
				lastPut[name] = sum
			case name == "both":
				got[self] = append(got[self], sum)
			case sum != lastPut[name]:
				t.Errorf("process %s did not get back the record of %s", self, name)
			}
		}
		for name, sum := range lastPut {
			last[name] = append(last[name], sum)
		}
	}

	if want := 2*rounds + 1; len(last) != want {
		t.Errorf("records under %d names were put, want %d", len(last), want)
	}
	for name, sums := range last {
		data, err := dir.Get(ctx, name)
		if err != nil {
			t.Errorf("the record of %s is lost: %v", name, err)
		} else if !slices.Contains(sums, digest(data)) {
			t.Errorf("the record of %s is not the last one", name)
		}
	}
	foreign := 0
	for self, sums := range got {
		for _, sum := range sums {
			switch putBy[sum] {
			case "":
				t.Errorf("process %s got a record that nobody put", self)
			case self:
			default:
				foreign++
			}
		}
	}
	if foreign == 0 {
		t.Error("no process got a record of the other: they did not run at the same time")
	}
	t.Logf("%d records put, %d times a process got a record of the other", len(putBy), foreign)
}
