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

// errNoInput is the error when the input ends before an answer.
var errNoInput = errors.New("no input left")

// terminal reads what a person types, or lines that take a person's place.
type terminal struct {
	in       *bufio.Reader
	file     *os.File // the terminal; nil where input is none
	out      io.Writer
	password secret.String // as the environment has it
}

func newTerminal(in io.Reader, out io.Writer, password secret.String) *terminal {
	t := &terminal{in: bufio.NewReader(in), out: out, password: password}
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		t.file = file
	}
	return t
}

// say tells a person what to type. Lines that come from elsewhere are read
// without a word, so that standard error is left to errors.
func (t *terminal) say(format string, args ...any) {
	if t.file != nil {
		fmt.Fprintf(t.out, format, args...)
	}
}

// ask reads a line.
func (t *terminal) ask(ctx context.Context, question string) (string, error) {
	t.say("%s: ", question)
	return read(ctx, t.line)
}

// askHidden reads a line and, on a terminal, does not show it.
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
	// Who interrupts the program must not be left with a terminal that shows
	// nothing; ReadPassword itself is not done before the end of the line.
	defer term.Restore(fd, visible)
	return read(ctx, func() (string, error) {
		line, err := term.ReadPassword(fd)
		return string(line), err
	})
}

// line reads a line without its end. The last one may have none.
func (t *terminal) line() (string, error) {
	line, err := t.in.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// read calls readLine and waits for it or for ctx, whichever ends first: a read
// from a terminal cannot be called off.
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
