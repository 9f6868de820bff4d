package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns the two ends of a pseudo-terminal: the keyboard and
// screen of a person, and the terminal that a program sees. See pty(7).
func openTerminal(t *testing.T) (person, tty *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return person, tty
}

// echoes reports whether the terminal shows what is typed.
func echoes(t *testing.T, tty *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// waitForHidden waits until the program does not show what is typed.
func waitForHidden(t *testing.T, tty *os.File) {
	t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	deadline := time.After(10 * time.Second)
	for echoes(t, tty) {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatal("the password prompt did not come")
		}
	}
}

// readUntil reads what the screen shows until text comes.
func readUntil(t *testing.T, person io.Reader, text string) string {
	t.Helper()
	var shown bytes.Buffer
	for b := make([]byte, 1); !strings.HasSuffix(shown.String(), text); shown.Write(b) {
		if _, err := person.Read(b); err != nil {
			t.Fatalf("the screen shows %q and no %q: %v", shown.String(), text, err)
		}
	}
	return shown.String()
}

func TestAtATerminal(t *testing.T) {
	pool := newPool(t, nil, ada)
	person, tty := openTerminal(t)
	var stdout bytes.Buffer
	exit := make(chan int, 1)
	go func() { exit <- run(deadline(t), at(pool, "ada"), tty, &stdout, tty) }()

	shown := readUntil(t, person, "Password: ")
	waitForHidden(t, tty)
	io.WriteString(person, password+"\n")
	shown += readUntil(t, person, "app: ")
	io.WriteString(person, "000000\n")
	shown += readUntil(t, person, "Not accepted: Invalid code received for user") + readUntil(t, person, "app: ")
	io.WriteString(person, pool.TOTP("ada")+"\n")

	result{<-exit, stdout.String(), ""}.wantSignedIn(t, "ada")
	if strings.Contains(shown, password) {
		t.Errorf("the password is on the screen: %q", shown)
	}
}

func TestInterruptedAtThePassword(t *testing.T) {
	pool := newPool(t, nil, ada)
	person, tty := openTerminal(t)
	ctx, interrupt := context.WithCancelCause(deadline(t))
	var stdout, stderr bytes.Buffer
	exit := make(chan int, 1)
	go func() { exit <- run(ctx, at(pool, "ada"), tty, &stdout, &stderr) }()

	waitForHidden(t, tty)
	interrupt(errors.New("interrupted"))
	if code := <-exit; code != 1 || !strings.HasSuffix(stderr.String(), ": interrupted\n") {
		t.Errorf("exit code %d, standard error %q", code, stderr.String())
	}
	if !echoes(t, tty) {
		t.Error("the terminal is left in a state that shows nothing")
	}
	io.WriteString(person, "\n") // ends the read that nobody waits for
}
