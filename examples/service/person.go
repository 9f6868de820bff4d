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

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// errNoInput is the error at the end of the input.
var errNoInput = errors.New("the input has ended")

// person answers at a terminal, or in lines of standard input.
type person struct {
	in       *bufio.Reader
	terminal *os.File // nil if the input is no terminal
	out      io.Writer
}

func newPerson(in io.Reader, out io.Writer) *person {
	p := &person{in: bufio.NewReader(in), out: out}
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.terminal = file
	}
	return p
}

// signIn asks for the password, and for a code if the pool asks for a code. The program
// examples/signin answers all challenges.
func (p *person) signIn(ctx context.Context, driver *flow.Driver, username string) (*flow.Tokens, error) {
	password, err := p.hidden(ctx, "Password of "+username)
	if err != nil {
		return nil, fmt.Errorf("no password: %w", err)
	}
	code := challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Attempt > 0 {
			fmt.Fprintf(p.out, "Not accepted: %s\n", refusal(c.Reason))
		}
		question := fmt.Sprintf("Code (%s)", c.Name)
		if to := c.Delivery(); to.Destination != "" {
			question = fmt.Sprintf("Code sent to %q", to.Destination)
		}
		text, err := p.line(ctx, question)
		return challenge.Code(text), err
	})
	return driver.SignIn(ctx, flow.UserSRPAuth{Username: username, Password: secret.New(password)}, challenge.Mux{
		challenge.SMSMFA: code, challenge.EmailOTP: code, challenge.SoftwareTokenMFA: code,
	})
}

// refusal returns the message of the service, without the names of operations.
func refusal(reason error) string {
	var e *flow.Error
	if errors.As(reason, &e) && e.Message() != "" {
		return e.Message()
	}
	return reason.Error()
}

func (p *person) line(ctx context.Context, question string) (string, error) {
	fmt.Fprintf(p.out, "%s: ", question)
	text, err := read(ctx, func() (string, error) {
		text, err := p.in.ReadString('\n')
		if err == io.EOF && text != "" {
			err = nil
		}
		return strings.TrimRight(text, "\r\n"), err
	})
	if p.terminal == nil || err != nil {
		fmt.Fprintln(p.out) // a terminal shows the line end that the person types
	}
	return text, err
}

func (p *person) hidden(ctx context.Context, question string) (string, error) {
	if p.terminal == nil {
		return p.line(ctx, question)
	}
	fd := int(p.terminal.Fd())
	visible, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	// If ctx ends first, ReadPassword still waits for the end of the line. The terminal
	// must show text again after an interrupt.
	defer term.Restore(fd, visible)
	fmt.Fprintf(p.out, "%s: ", question)
	defer fmt.Fprintln(p.out)
	return read(ctx, func() (string, error) {
		text, err := term.ReadPassword(fd)
		return string(text), err
	})
}

// read calls readLine, and returns when readLine returns or when ctx ends. No call can
// interrupt a read from a terminal, so readLine runs in a goroutine.
func read(ctx context.Context, readLine func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := readLine()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		if r.err == io.EOF {
			return "", errNoInput
		}
		return r.text, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
