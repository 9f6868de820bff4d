package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/cognitoflow/cognitoflow/secret"
)

// errNoInput is the error at the end of the input.
var errNoInput = errors.New("the input has ended")

// terminal reads the answers of a person at a terminal, or lines of standard input.
type terminal struct {
	in       *bufio.Reader
	file     *os.File // the terminal, or nil if the input is no terminal
	out      io.Writer
	password secret.String // from the environment, or typed as a new password
}

func newTerminal(in io.Reader, out io.Writer, password secret.String) *terminal {
	t := &terminal{in: bufio.NewReader(in), out: out, password: password}
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		t.file = file
	}
	return t
}

// say shows a text at the terminal. If the input is no terminal, say does nothing: scripts
// read the errors on standard error.
func (t *terminal) say(format string, args ...any) {
	if t.file != nil {
		fmt.Fprintf(t.out, format, args...)
	}
}

// ask shows the question and reads a line.
func (t *terminal) ask(ctx context.Context, question string) (string, error) {
	t.say("%s: ", question)
	return read(ctx, t.line)
}

// askHidden shows the question and reads a line that the terminal does not show.
func (t *terminal) askHidden(ctx context.Context, question string) (string, error) {
	if t.file == nil {
		return read(ctx, t.line)
	}
	t.say("%s: ", question)
	defer t.say("\n")
	fd := int(t.file.Fd())
	visible, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	// If ctx ends first, ReadPassword still waits for the end of the line. The terminal
	// must show text again after an interrupt.
	defer term.Restore(fd, visible)
	return read(ctx, func() (string, error) {
		line, err := term.ReadPassword(fd)
		return string(line), err
	})
}

// line reads a line and removes its line end. The last line may have no line end.
func (t *terminal) line() (string, error) {
	line, err := t.in.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// read calls readLine, and returns when readLine returns or when ctx ends. No call can
// interrupt a read from a terminal, so readLine runs in a goroutine.
func read(ctx context.Context, readLine func() (string, error)) (string, error) {
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := readLine()
		done <- result{line, err}
	}()
	select {
	case r := <-done:
		if r.err == io.EOF {
			return "", errNoInput
		}
		return r.line, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
