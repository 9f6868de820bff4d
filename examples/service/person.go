package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// person answers at a terminal, or in lines of standard input.
type person struct {
	in       *bufio.Reader
	terminal *os.File // nil if the input is none
	out      io.Writer
}

func newPerson(in io.Reader, out io.Writer) *person {
	p := &person{in: bufio.NewReader(in), out: out}
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.terminal = file
	}
	return p
}

// signIn asks for the password, and for codes if the pool does. examples/signin
// answers all that a pool may ask.
func (p *person) signIn(ctx context.Context, driver *flow.Driver, username string) (*flow.Tokens, error) {
	password, err := p.hidden(ctx, "Password of "+username)
	if err != nil {
		return nil, fmt.Errorf("no password: %w", err)
	}
	code := challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Attempt > 0 {
			fmt.Fprintf(p.out, "Not accepted: %v\n", c.Reason)
		}
		text, err := p.line(ctx, fmt.Sprintf("Code (%s)", c.Name))
		return challenge.Code(text), err
	})
	return driver.SignIn(ctx, flow.UserSRPAuth{Username: username, Password: secret.New(password)}, challenge.Mux{
		challenge.SMSMFA: code, challenge.EmailOTP: code, challenge.SoftwareTokenMFA: code,
	})
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
		fmt.Fprintln(p.out) // which a terminal has from whoever types an answer
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
	// Who interrupts the program must not be left with a terminal that shows
	// nothing; ReadPassword itself is not done before the end of the line.
	defer term.Restore(fd, visible)
	fmt.Fprintf(p.out, "%s: ", question)
	defer fmt.Fprintln(p.out)
	return read(ctx, func() (string, error) {
		text, err := term.ReadPassword(fd)
		return string(text), err
	})
}

// read calls readLine and waits for it or for ctx, whichever ends first: a read
// from a terminal cannot be called off.
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
		return r.text, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
