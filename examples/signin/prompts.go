package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

var errNoPasskeys = errors.New("this program has no passkey for WEB_AUTHN: choose another first factor")

// handlers returns a handler for each challenge that a person answers at the terminal.
func (t *terminal) handlers() challenge.Mux {
	handlers := challenge.Mux{}
	for name, answer := range map[challenge.Name]challenge.HandlerFunc{
		challenge.SMSMFA:              t.code,
		challenge.SMSOTP:              t.code,
		challenge.EmailOTP:            t.code,
		challenge.SoftwareTokenMFA:    t.code,
		challenge.SelectMFAType:       t.choice,
		challenge.SelectChallenge:     t.firstFactor,
		challenge.Password:            t.passwordFor,
		challenge.PasswordSRP:         t.passwordFor,
		challenge.MFASetup:            t.setUp,
		challenge.NewPasswordRequired: t.newPassword,
		challenge.CustomChallenge:     t.custom,
		challenge.WebAuthn:            noPasskey,
	} {
		handlers[name] = challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
			if c.Attempt > 0 {
				t.say("%s\n", refusal(c.Reason))
			}
			a, err := answer(ctx, c)
			if err != nil && c.Attempt > 0 {
				err = fmt.Errorf("%w (%s)", err, refusal(c.Reason))
			}
			if err != nil {
				err = fmt.Errorf("%s: %w", c.Name, err)
			}
			return a, err
		})
	}
	return handlers
}

// refusal tells the user why the pool refused the last answer. The text of the service helps
// the user. The name of the operation and the ID of the request do not.
func refusal(reason error) string {
	var e *flow.Error
	switch {
	case errors.Is(reason, challenge.ErrAskedAgain):
		return "The pool asks again."
	case errors.As(reason, &e) && e.Message() != "":
		return fmt.Sprintf("Not accepted: %s [%s]", e.Message(), e.Code())
	}
	return fmt.Sprintf("Not accepted: %v", reason)
}

// code asks for a code that the pool sent, or that the authenticator app of the user shows.
func (t *terminal) code(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
	question := "Code from your authenticator app"
	if to := c.Delivery(); to.Medium != "" {
		question = fmt.Sprintf("Code sent by %s to %q", to.Medium, to.Destination)
	} else if c.Name != challenge.SoftwareTokenMFA {
		question = fmt.Sprintf("Code for %s", c.Name)
	}
	code, err := t.ask(ctx, question)
	return challenge.Code(code), err
}

func (t *terminal) choice(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
	name, err := t.choose(ctx, c)
	return challenge.Choose(name), err
}

// choose lists the choices and asks for the name of one choice.
func (t *terminal) choose(ctx context.Context, c challenge.Challenge) (challenge.Name, error) {
	choices, err := c.Choices()
	if err != nil {
		return "", err
	}
	t.say("%s: choose one of\n", c.Name)
	for _, name := range choices {
		t.say("  %q\n", name)
	}
	text, err := t.ask(ctx, "Your choice")
	return challenge.Name(strings.ToUpper(strings.TrimSpace(text))), err
}

// firstFactor asks for the first factor. The answer that chooses a password also has the
// password.
func (t *terminal) firstFactor(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
	switch name, err := t.choose(ctx, c); {
	case err != nil:
		return challenge.Answer{}, err
	case name == challenge.WebAuthn:
		return challenge.Answer{}, errNoPasskeys
	case name == challenge.Password || name == challenge.PasswordSRP:
		password, err := t.currentPassword(ctx)
		return challenge.CurrentPassword(name, password.Reveal()), err
	default:
		return challenge.Choose(name), nil
	}
}

func (t *terminal) passwordFor(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
	password, err := t.currentPassword(ctx)
	return challenge.CurrentPassword(c.Name, password.Reveal()), err
}

// currentPassword returns the password in the environment, or asks the user.
func (t *terminal) currentPassword(ctx context.Context) (secret.String, error) {
	if !t.password.IsZero() {
		return t.password, nil
	}
	text, err := t.askHidden(ctx, "Password")
	if err != nil {
		return secret.String{}, fmt.Errorf("no password on standard input or in COGNITO_PASSWORD: %w", err)
	}
	return secret.New(text), nil
}

// setUp lets the user set up a second factor. setUp prints the key for an authenticator app
// without a terminal too, because the user cannot set the app up without the key.
func (t *terminal) setUp(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
	if !c.TOTPSecret.IsZero() {
		if c.Attempt == 0 {
			fmt.Fprintf(t.out, "Add this key to your authenticator app: %s\n%s\n", c.TOTPSecret.Reveal(), c.TOTPURI("Cognito", ""))
		}
		code, err := t.ask(ctx, "Code that the app shows")
		return challenge.Code(code), err
	}
	if choices, err := c.Choices(); err == nil && len(choices) == 1 && choices[0] == challenge.EmailOTP {
		address, err := t.ask(ctx, "E-mail address for your codes")
		return challenge.Email(strings.TrimSpace(address)), err
	}
	return t.choice(ctx, c)
}

// newPassword asks for a new password, and for the attributes that the pool requires.
func (t *terminal) newPassword(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
	required, err := c.RequiredAttributes()
	if err != nil {
		return challenge.Answer{}, err
	}
	password, err := t.unseenPassword(ctx)
	if err != nil {
		return challenge.Answer{}, err
	}
	attributes := map[string]string{}
	for _, name := range required {
		if attributes[name], err = t.ask(ctx, fmt.Sprintf("Your attribute %q", name)); err != nil {
			return challenge.Answer{}, err
		}
	}
	return challenge.NewPassword(password, attributes), nil
}

// unseenPassword asks for a new password. At a terminal the user types the password twice,
// because the terminal does not show mistakes.
func (t *terminal) unseenPassword(ctx context.Context) (string, error) {
	for {
		password, err := t.askHidden(ctx, "New password")
		if err != nil || t.file == nil {
			return password, err
		}
		again, err := t.askHidden(ctx, "New password, again")
		if err != nil || again == password {
			return password, err
		}
		t.say("The two passwords differ.\n")
	}
}

// custom shows the parameters of the pool's trigger, and asks for an answer.
func (t *terminal) custom(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
	t.say("%s\n", c.Name)
	for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
		t.say("  %s: %q\n", name, c.Parameters[name])
	}
	text, err := t.ask(ctx, "Answer")
	return challenge.Custom(text), err
}

func noPasskey(context.Context, challenge.Challenge) (challenge.Answer, error) {
	return challenge.Answer{}, errNoPasskeys
}
