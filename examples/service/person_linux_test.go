package main

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/examples/internal/exampletest"
)

func TestInterruptedTerminalShowsAgain(t *testing.T) {
	keyboard, tty := exampletest.OpenTerminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := newPerson(tty, io.Discard).hidden(ctx, "Password")
		ended <- err
	}()
	exampletest.WaitForHidden(t, tty)
	interrupt()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the prompt goes on")
	}
	if !exampletest.Echoes(t, tty) {
		t.Error("the terminal does not show typed text after the interrupt")
	}
	io.WriteString(keyboard, "\n") // ends the read in the background
}
