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
	password, err := p.hidden("Password of " + username)
	if err != nil {
		return nil, fmt.Errorf("no password: %w", err)
	}
	code := challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Attempt > 0 {
			fmt.Fprintf(p.out, "Not accepted: %v\n", c.Reason)
		}
		text, err := p.line(fmt.Sprintf("Code (%s)", c.Name))
		return challenge.Code(text), err
	})
	return driver.SignIn(ctx, flow.UserSRPAuth{Username: username, Password: secret.New(password)}, challenge.Mux{
		challenge.SMSMFA: code, challenge.EmailOTP: code, challenge.SoftwareTokenMFA: code,
	})
}

func (p *person) line(question string) (string, error) {
	fmt.Fprintf(p.out, "%s: ", question)
	text, err := p.in.ReadString('\n')
	if p.terminal == nil {
		fmt.Fprintln(p.out) // which a terminal has from whoever typed
	}
	if err == io.EOF && text != "" {
		err = nil
	}
	return strings.TrimRight(text, "\r\n"), err
}

func (p *person) hidden(question string) (string, error) {
	if p.terminal == nil {
		return p.line(question)
	}
	fmt.Fprintf(p.out, "%s: ", question)
	text, err := term.ReadPassword(int(p.terminal.Fd()))
	fmt.Fprintln(p.out)
	return string(text), err
}
