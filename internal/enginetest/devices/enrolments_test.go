package devices

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

// TestEnrolments starts its own test binary twice as a child. These variables of the environment
// tell the binary that it is a child.
const (
	childTable = "SQLSTORE_TEST_CHILD_TABLE"
	childUsers = "SQLSTORE_TEST_CHILD_USERS" // two numbers
)

// counting counts the Swaps that found another record than the expected one.
type counting struct {
	device.Swapper
	lost *atomic.Int64
}

func (c counting) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	swapped, err := c.Swapper.Swap(ctx, name, old, new)
	if err == nil && !swapped {
		c.lost.Add(1)
	}
	return swapped, err
}

// child enrols its two users at once for the holder of each line. For each line, child prints the
// number of Swaps that it had to repeat.
func child(ctx context.Context) error {
	db, err := enginetest.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	shared, err := sqlstore.New(db, enginetest.Dialect(), func(o *sqlstore.Options) { o.Table = os.Getenv(childTable) })
	if err != nil {
		return err
	}
	devices, err := devicesIn(shared)
	if err != nil {
		return err
	}
	var users [2]int
	if _, err := fmt.Sscan(os.Getenv(childUsers), &users[0], &users[1]); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		id, err := device.ParseID(lines.Text())
		if err != nil {
			return err
		}
		counting := counting{devices, new(atomic.Int64)}
		var group sync.WaitGroup
		var errs [2]error
		for i, user := range users {
			group.Go(func() { errs[i] = enrol(ctx, counting, id, user) })
		}
		group.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		fmt.Println(counting.lost.Load())
	}
	return nil
}

func userName(user int) string { return fmt.Sprintf("user-%d@example.com", user) }

func enrol(ctx context.Context, devices device.Store, id device.ID, user int) error {
	credentials := device.Credentials{
		Key:      fmt.Sprintf("eu-west-1_0a1b2c3d-4e5f-6789-abcd-%012x", user),
		GroupKey: "-Ex4mple1",
		Password: secret.New(id.Reveal() + userName(user)), // so that the device is of one holder and user
	}
	return device.Browser(devices, id).Wallet(poolID, clientID).Put(ctx, userName(user), device.Entry{Credentials: credentials})
}

type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

func start(t *testing.T, table, users string) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(t.Context(), program)}
	p.cmd.Env = append(os.Environ(), childTable+"="+table, childUsers+"="+users)
	p.cmd.Stderr = &p.stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(stdout)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEnrolments has two processes write to the same wallet at once. The processes write to many
// wallets, one after the other. No enrolment may be lost.
func TestEnrolments(t *testing.T) {
	holders := 250
	if testing.Short() {
		holders = 25
	}
	const table, users = "enrolments", 4
	devices, _ := newDevices(t, table, nil)
	processes := []*process{start(t, table, "0 1"), start(t, table, "2 3")}
	ids := make([]device.ID, holders)
	again := 0
	for i := range ids {
		var err error
		if ids[i], err = device.ParseID(device.NewID().Reveal()); err != nil { // as a browser sends the ID back
			t.Fatal(err)
		}
		for _, p := range processes {
			fmt.Fprintln(p.stdin, ids[i].Reveal())
		}
		for _, p := range processes {
			var lost int
			if _, err := fmt.Fscanln(p.stdout, &lost); err != nil {
				p.stdin.Close()
				p.cmd.Wait()
				t.Fatalf("a process ended: %v; %s", err, &p.stderr)
			}
			again += lost
		}
	}
	for _, p := range processes {
		p.stdin.Close()
		if err := p.cmd.Wait(); err != nil {
			t.Fatalf("%v; %s", err, &p.stderr)
		}
	}

	found := 0
	for i, id := range ids {
		wallet := device.Browser(devices, id).Wallet(poolID, clientID)
		for user := range users {
			e, err := wallet.Find(t.Context(), userName(user))
			if err != nil {
				t.Errorf("holder %d, user %d: %v", i, user, err)
				continue
			}
			if e.Password.Reveal() != id.Reveal()+userName(user) {
				t.Errorf("holder %d, user %d: the wallet has the device of another holder or user", i, user)
				continue
			}
			found++
		}
	}
	if found != holders*users {
		t.Errorf("%d devices of %d are found", found, holders*users)
	}
	if again == 0 {
		t.Error("no Swap was repeated, so the processes did not write at the same time")
	}
	t.Logf("%d enrolments from two processes, %d found, %d Swaps repeated", holders*users, found, again)
}
