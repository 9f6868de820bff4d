package device_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
)

// The test binary is also the program that the tests of this file start, told
// apart by these variables.
const (
	childDir  = "DEVICE_TEST_CHILD_DIR"
	childName = "DEVICE_TEST_CHILD_NAME"
	childWork = "DEVICE_TEST_CHILD_WORK" // of works
)

const (
	rounds  = 10 // of each process. In each round it enrols its own user and the common user
	repeats = 5  // of each record, so that the processes meet
	counts  = 10 // in each round
)

var works = map[string]func(ctx context.Context, store device.Store, self string) error{
	"": child, "count": countChild, "hold": holdChild,
}

func TestMain(m *testing.M) {
	dir := os.Getenv(childDir)
	if dir == "" {
		engineTests.Main(m)
		return
	}
	work := works[os.Getenv(childWork)]
	if os.Getenv(childEndpoint) != "" {
		work = signInChild
	}
	if err := work(context.Background(), device.Dir(dir), os.Getenv(childName)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// eachRound calls f for each line of standard input. So the parent process starts each
// round of its children at the same time.
func eachRound(f func(round int) error) error {
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for round := 0; lines.Scan(); round++ {
		if err := f(round); err != nil {
			return err
		}
		fmt.Println("done")
	}
	return lines.Err()
}

// child enrols devices for its own users and for one user that both processes
// sign in.
func child(ctx context.Context, store device.Store, self string) error {
	return eachRound(func(round int) error {
		if round > 0 { // the record is of this process or of the other
			if err := get(ctx, store, "both"); err != nil {
				return err
			}
		}
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
		return nil
	})
}

// putAndGet reports its Puts and Gets on standard output: the word, the
// record's name and its digest.
func putAndGet(ctx context.Context, store device.Store, name string, data []byte) error {
	if err := store.Put(ctx, name, data); err != nil {
		return err
	}
	fmt.Println("put", name, digest(data))
	return get(ctx, store, name)
}

func get(ctx context.Context, store device.Store, name string) error {
	got, err := store.Get(ctx, name)
	if err != nil {
		return err
	}
	fmt.Println("got", name, digest(got))
	return new(device.Credentials).UnmarshalJSON(got)
}

func enrol(groupKey string) ([]byte, error) {
	c, err := device.New(key, groupKey)
	if err != nil {
		return nil, err
	}
	return c.MarshalJSON()
}

func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// process is one running child.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// start returns when the child has said that it is ready.
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

// run has the processes do their rounds at the same time, and ends the processes. run
// returns the lines that each process printed.
func run(t *testing.T, processes map[string]*process) map[string][]string {
	t.Helper()
	printed := make(map[string][]string)
	for range rounds {
		for self, p := range processes {
			if _, err := fmt.Fprintln(p.stdin); err != nil {
				t.Fatalf("process %s: %v; %s", self, err, &p.stderr)
			}
		}
		for self, p := range processes {
			line, err := p.stdout.ReadString('\n')
			for ; err == nil && line != "done\n"; line, err = p.stdout.ReadString('\n') {
				printed[self] = append(printed[self], line)
			}
			if err != nil {
				p.cmd.Wait()
				t.Fatalf("process %s: %v; %s", self, err, &p.stderr)
			}
		}
	}
	for self, p := range processes {
		p.stdin.Close()
		if err := p.cmd.Wait(); err != nil {
			t.Fatalf("process %s: %v; %s", self, err, &p.stderr)
		}
	}
	return printed
}

func TestTwoProcesses(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := newDir(t)
	printed := run(t, map[string]*process{"anna": start(ctx, t, dir, "anna"), "ben": start(ctx, t, dir, "ben")})

	putBy := make(map[string]string)  // the process that put a record, by its digest
	got := make(map[string][]string)  // digests of the records that each process got for both
	last := make(map[string][]string) // digests that may be left in the end, by name
	for self, lines := range printed {
		lastPut := make(map[string]string)
		for _, line := range lines {
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
		t.Error("no process got a record of the other")
	}
	t.Logf("%d records put, %d times a process got a record of the other", len(putBy), foreign)
}

// countChild counts a record up, as a wallet changes a record. countChild reports how often
// another process had changed the record meanwhile.
func countChild(ctx context.Context, store device.Store, _ string) error {
	return eachRound(func(int) error {
		lost := -counts // of all tries, this many succeed
		for range counts {
			for swapped := false; !swapped; lost++ {
				old, err := store.Get(ctx, "count")
				if err != nil && !errors.Is(err, device.ErrNotFound) {
					return err
				}
				count, _ := strconv.Atoi(string(old))
				if swapped, err = store.(device.Swapper).Swap(ctx, "count", old, []byte(strconv.Itoa(count+1))); err != nil {
					return err
				}
			}
		}
		fmt.Println(lost)
		return nil
	})
}

func TestTwoProcessesSwap(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := newDir(t)
	printed := run(t, map[string]*process{
		"anna": start(ctx, t, dir, "anna", childWork+"=count"), "ben": start(ctx, t, dir, "ben", childWork+"=count"),
	})
	lost := 0
	for _, line := range slices.Concat(printed["anna"], printed["ben"]) {
		once, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Error(err)
		}
		lost += once
	}
	if data, err := dir.Get(ctx, "count"); string(data) != strconv.Itoa(2*rounds*counts) {
		t.Errorf("two processes counted to %s, %v, want %d", data, err, 2*rounds*counts)
	}
	if lost == 0 {
		t.Error("no process got in the way of the other: they did not run at the same time")
	}
	t.Logf("%d swaps of %d were of an old record", lost, 2*rounds*counts+lost)
}

const held = "the secret of a process that is killed"

// holdsLock is a context that stops a write when the secret is in a temporary file.
type holdsLock struct {
	context.Context
	dir string
}

func (h holdsLock) Err() error {
	if files, err := filepath.Glob(filepath.Join(h.dir, "*.tmp")); err != nil || len(files) > 0 {
		fmt.Println("ready")
		io.Copy(io.Discard, os.Stdin) // until it is killed
	}
	return nil
}

// holdChild is ready when it has the lock.
func holdChild(ctx context.Context, store device.Store, _ string) error {
	return store.Put(holdsLock{ctx, os.Getenv(childDir)}, "user", []byte(held))
}

func TestKilledProcess(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := newDir(t)
	if err := dir.Put(ctx, "user", []byte("old")); err != nil {
		t.Fatal(err)
	}
	p := start(ctx, t, dir, "anna", childWork+"=hold")

	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, swapErr := dir.Swap(soon, "user", []byte("old"), []byte("new"))
	for operation, err := range map[string]error{
		"Put": dir.Put(soon, "user", []byte("new")), "Delete": dir.Delete(soon, "user"), "Swap": swapErr,
	} {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s while another process writes: error %v, want context.DeadlineExceeded", operation, err)
		}
	}
	if data, err := dir.Get(ctx, "user"); string(data) != "old" {
		t.Errorf("while another process writes, the record is %q, %v", data, err)
	}

	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.cmd.Wait()
	files := temps(t, dir)
	if len(files) != 1 {
		t.Fatalf("the killed process left %v, want one file", files)
	}
	if data, err := os.ReadFile(files[0]); string(data) != held {
		t.Errorf("the killed process left %q, %v", data, err)
	}
	if err := dir.Put(ctx, "another user", []byte("new")); err != nil {
		t.Errorf("the killed process keeps the lock: %v", err)
	}
	if files := temps(t, dir); len(files) != 0 {
		t.Errorf("%v outlasts the next write", files)
	}
}
