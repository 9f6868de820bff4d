package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The flags for requests before a sign-in.
const (
	flagSignUp  = "-sign-up"
	flagConfirm = "-confirm"
	flagReset   = "-reset"
)

// advice has a remedy for errors, in the words of the command line: by the flag that was at
// work, or "" for the sign-in.
var advice = map[string]map[flow.Code]string{
	"": {
		flow.SignUpUnconfirmed: "confirm the sign-up with " + flagConfirm,
		flow.PasswordReset:     "set a new password with " + flagReset,
	},
	flagSignUp: {
		flow.UsernameTaken: "if the name is yours, sign in without " + flagSignUp + ", or confirm the sign-up with " + flagConfirm + "; otherwise give another -username",
		flow.InputRefused:  "give the attributes that the pool demands with -attributes",
		flow.NotAllowed:    "the pool lets nobody sign up: an administrator has to create the user",
		flow.CodeNotSent:   "the user exists: have another code sent with " + flagConfirm,
		flow.NetworkFault:  "the user may exist: try " + flagConfirm,
	},
	flagConfirm: {
		flow.UnknownUser: "check -username, or sign up with " + flagSignUp,
		flow.NotAllowed:  "the sign-up may be confirmed already: sign in without " + flagConfirm,
		flow.AliasTaken:  "another user has the address: sign up with another one",
	},
	flagReset: {
		flow.UnknownUser:  "check -username, or sign up with " + flagSignUp,
		flow.NotAllowed:   "an administrator has to help: the user is disabled, has a temporary password, or has no verified address",
		flow.NetworkFault: "the new password may be set: try to sign in with it, without " + flagReset,
	},
}

// advise adds the advice to an error.
func advise(what string, err error) error {
	var e *flow.Error
	if !errors.As(err, &e) || advice[what][e.Code()] == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, advice[what][e.Code()])
}

// newcomer makes the requests before the sign-in.
type newcomer struct {
	*terminal
	accounts *account.Client
	username string
	steps    io.Writer // gets a line for each request
	refused  error     // why the last request was refused, nil if none was
}

// prepare makes the requests that the flags ask for. The result is the flow to sign in with.
// The terminal gets the password that is new.
func (t *terminal) prepare(ctx context.Context, driver *flow.Driver, s settings, steps io.Writer) (flow.AuthFlow, error) {
	n := &newcomer{terminal: t, accounts: account.For(driver), username: s.username, steps: steps}
	var signUp *account.SignUp
	var err error
	switch s.before {
	case flagSignUp:
		signUp, err = n.signUp(ctx, s)
	case flagConfirm:
		if signUp, err = n.accounts.Resend(ctx, s.username); n.sent("ResendConfirmationCode", err) == nil {
			signUp, err = n.confirm(ctx, signUp)
		}
	case flagReset:
		err = n.reset(ctx)
	}
	if err != nil {
		return nil, n.because(advise(s.before, err))
	}
	if s.flow == "USER_AUTH" && signUp != nil && !signUp.SignIn().Session.IsZero() {
		return signUp.SignIn(), nil // asks for nothing more
	}
	if s.beginsWithPassword() {
		if t.password, err = t.currentPassword(ctx); err != nil {
			return nil, err
		}
	}
	s.password = t.password
	return s.authFlow(), nil
}

// sent prints the step of a request, and returns its error.
func (n *newcomer) sent(operation string, err error) error {
	outcome := ""
	if n.refused = err; err != nil {
		outcome = ", without success"
	}
	fmt.Fprintf(n.steps, "%-24s sent by you%s\n", operation, outcome)
	return err
}

// because adds the last refusal to the error of an input that has ended.
func (n *newcomer) because(err error) error {
	if n.refused != nil && errors.Is(err, errNoInput) {
		return fmt.Errorf("%w (%s)", err, refusal(n.refused))
	}
	return err
}

// canBeCorrected reports whether the error has one of the codes, and tells the user of the
// refusal if so: the user gives another answer.
func (n *newcomer) canBeCorrected(err error, codes ...flow.Code) bool {
	for _, code := range codes {
		if errors.Is(err, code) {
			n.say("%s\n", refusal(err))
			return true
		}
	}
	return false
}

func (n *newcomer) signUp(ctx context.Context, s settings) (*account.SignUp, error) {
	wanted := account.NewUser{Username: n.username, Attributes: map[string]string{}}
	for _, name := range s.attributes {
		value, err := n.ask(ctx, fmt.Sprintf("Your attribute %q", name))
		if err != nil {
			return nil, err
		}
		wanted.Attributes[name] = value
	}
	for {
		if err := n.wantPassword(ctx); err != nil {
			return nil, err
		}
		// In pools without passwords the line is empty, and the password left out.
		if wanted.Password = n.password; wanted.Password.IsZero() {
			wanted.Password = secret.String{}
		}
		signUp, err := n.accounts.SignUp(ctx, wanted)
		switch {
		case n.sent("SignUp", err) == nil && signUp.Confirmed(): // by a trigger of the pool
			return signUp, nil
		case err == nil:
			return n.confirm(ctx, signUp)
		case !n.canBeCorrected(err, flow.PasswordRefused):
			return nil, err
		}
		n.password = secret.String{}
	}
}

// wantPassword asks for a new password unless the environment has it.
func (n *newcomer) wantPassword(ctx context.Context) error {
	if !n.password.IsZero() {
		return nil
	}
	text, err := n.unseenPassword(ctx)
	if err != nil {
		return fmt.Errorf("new password, from the input or COGNITO_PASSWORD: %w", err)
	}
	n.password = secret.New(text)
	return nil
}

// wantCode asks for a code. The code is "" if the user wants another one to be sent.
func (n *newcomer) wantCode(ctx context.Context, sent challenge.Delivery) (string, error) {
	to := cmp.Or(sent.Destination, "you")
	code, err := n.ask(ctx, fmt.Sprintf("Code sent to %q (an empty line has another one sent)", to))
	if err != nil {
		return "", fmt.Errorf("code: %w", err)
	}
	return strings.TrimSpace(code), nil
}

func (n *newcomer) confirm(ctx context.Context, waiting *account.SignUp) (*account.SignUp, error) {
	for {
		code, err := n.wantCode(ctx, waiting.Delivery())
		if err != nil {
			return nil, err
		}
		if code == "" {
			_, err := n.accounts.Resend(ctx, n.username)
			if n.sent("ResendConfirmationCode", err) != nil {
				return nil, err
			}
			continue // waiting takes the new code, and may still sign in at once
		}
		confirmed, err := n.accounts.Confirm(ctx, waiting, code)
		if n.sent("ConfirmSignUp", err) == nil || !n.canBeCorrected(err, flow.WrongCode, flow.CodeExpired) {
			return confirmed, err
		}
	}
}

func (n *newcomer) reset(ctx context.Context) error {
	var sent challenge.Delivery
	code, send := "", true
	for {
		var err error
		if send {
			sent, err = n.accounts.ForgotPassword(ctx, n.username)
			if n.sent("ForgotPassword", err) != nil {
				return err
			}
		}
		if code == "" {
			if code, err = n.wantCode(ctx, sent); err != nil {
				return err
			}
			if send = code == ""; send {
				continue
			}
		}
		if err := n.wantPassword(ctx); err != nil {
			return err
		}
		err = n.accounts.ResetPassword(ctx, n.username, code, n.password)
		switch {
		case n.sent("ConfirmForgotPassword", err) == nil:
			return nil
		case n.canBeCorrected(err, flow.WrongCode, flow.CodeExpired):
			code = ""
		case n.canBeCorrected(err, flow.PasswordRefused):
			n.password = secret.String{}
		default:
			return err
		}
	}
}
