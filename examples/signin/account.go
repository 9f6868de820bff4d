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

// The flags that add a step before the sign-in.
const (
	flagSignUp  = "-sign-up"
	flagConfirm = "-confirm"
	flagReset   = "-reset"
)

// advice tells the user which flags help after an error. The outer key is the flag of the
// step that failed, or "" for the sign-in.
var advice = map[string]map[flow.Code]string{
	"": {
		flow.SignUpUnconfirmed: "confirm the sign-up with " + flagConfirm,
		flow.PasswordReset:     "set a new password with " + flagReset,
	},
	flagSignUp: {
		flow.UsernameTaken: "if you have signed up before, leave out " + flagSignUp + " or give " + flagConfirm + ". Otherwise give another -username",
		flow.InputRefused:  "give the attributes that the pool requires with -attributes",
		flow.NotAllowed:    "the pool does not allow sign-up: an administrator must create the user",
		flow.CodeNotSent:   "the user exists: get another code with " + flagConfirm,
		flow.NetworkFault:  "the service may have created the user: try " + flagConfirm,
	},
	flagConfirm: {
		flow.UnknownUser: "check -username, or sign up with " + flagSignUp,
		flow.NotAllowed:  "if the sign-up is confirmed already, leave out " + flagConfirm,
		flow.AliasTaken:  "another user has the address: sign up with another address",
	},
	flagReset: {
		flow.UnknownUser:  "check -username, or sign up with " + flagSignUp,
		flow.NotAllowed:   "ask an administrator: the user is disabled, has a temporary password, or has no verified address",
		flow.NetworkFault: "the service may have set the new password: try to sign in without " + flagReset,
	},
}

// advise adds the advice to an error that has one.
func advise(what string, err error) error {
	var e *flow.Error
	if !errors.As(err, &e) || advice[what][e.Code()] == "" {
		return err
	}
	return fmt.Errorf("%w (%s)", err, advice[what][e.Code()])
}

// newcomer takes the steps before the sign-in.
type newcomer struct {
	*terminal
	accounts *account.Client
	username string
	steps    io.Writer // gets a line for each request
	refused  error     // the error of the last request, or nil
}

// prepare takes the step that the flags ask for, and returns the auth flow of the sign-in.
// After -sign-up and -reset, t.password is the new password.
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
		return signUp.SignIn(), nil // the session of the sign-up replaces the password
	}
	if s.beginsWithPassword() {
		if t.password, err = t.currentPassword(ctx); err != nil {
			return nil, err
		}
	}
	s.password = t.password
	return s.authFlow(), nil
}

// sent prints a line for a request, and returns err.
func (n *newcomer) sent(operation string, err error) error {
	outcome := ""
	if n.refused = err; err != nil {
		outcome = ", without success"
	}
	fmt.Fprintf(n.steps, "%-24s sent by you%s\n", operation, outcome)
	return err
}

// because adds the last refusal to the error at the end of the input.
func (n *newcomer) because(err error) error {
	if n.refused != nil && errors.Is(err, errNoInput) {
		return fmt.Errorf("%w (%s)", err, refusal(n.refused))
	}
	return err
}

// canBeCorrected reports whether err has one of the codes. If so, canBeCorrected shows the
// refusal to the user, and the caller asks for another answer.
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
		// In pools without passwords the user types an empty line.
		if wanted.Password = n.password; wanted.Password.IsZero() {
			wanted.Password = secret.String{}
		}
		signUp, err := n.accounts.SignUp(ctx, wanted)
		switch {
		case n.sent("SignUp", err) == nil && signUp.Confirmed(): // a trigger of the pool has confirmed the user
			return signUp, nil
		case err == nil:
			return n.confirm(ctx, signUp)
		case !n.canBeCorrected(err, flow.PasswordRefused):
			return nil, err
		}
		n.password = secret.String{}
	}
}

// wantPassword asks for a new password, unless the environment has the password.
func (n *newcomer) wantPassword(ctx context.Context) error {
	if !n.password.IsZero() {
		return nil
	}
	text, err := n.unseenPassword(ctx)
	if err != nil {
		return fmt.Errorf("no new password on standard input or in COGNITO_PASSWORD: %w", err)
	}
	n.password = secret.New(text)
	return nil
}

// wantCode asks for a code, and returns "" if the user wants another code.
func (n *newcomer) wantCode(ctx context.Context, sent challenge.Delivery) (string, error) {
	to := cmp.Or(sent.Destination, "you")
	code, err := n.ask(ctx, fmt.Sprintf("Code sent to %q (for another code, press Enter)", to))
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
			continue // waiting works with the new code, and keeps the session for the sign-in
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
