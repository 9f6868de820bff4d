package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/examples/internal/exampletest"
)

// readUntil reads the text on the screen until the text ends with text.
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
	person, tty := exampletest.OpenTerminal(t)
	var stdout bytes.Buffer
	exit := make(chan int, 1)
	go func() { exit <- run(deadline(t), at(pool, "ada"), tty, &stdout, tty) }()

	shown := readUntil(t, person, "Password: ")
	exampletest.WaitForHidden(t, tty)
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
	person, tty := exampletest.OpenTerminal(t)
	ctx, interrupt := context.WithCancelCause(deadline(t))
	var stdout, stderr bytes.Buffer
	exit := make(chan int, 1)
	go func() { exit <- run(ctx, at(pool, "ada"), tty, &stdout, &stderr) }()

	exampletest.WaitForHidden(t, tty)
	interrupt(errors.New("interrupted"))
	if code := <-exit; code != 1 || !strings.HasSuffix(stderr.String(), ": interrupted\n") {
		t.Errorf("exit code %d, standard error %q", code, stderr.String())
	}
	if !exampletest.Echoes(t, tty) {
		t.Error("the terminal does not show typed text after the interrupt")
	}
	io.WriteString(person, "\n") // ends the read in the background
}
