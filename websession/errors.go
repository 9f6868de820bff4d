package websession

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/guard"
)

var (
	// ErrNoSession is what errors.Is finds if there is no web session: it has ended by
	// sign-out, idle time or lifetime, or it never was. The user has to sign in.
	//
	// It has the code flow.SignedOut, and the remedy flow.StartAgain.
	ErrNoSession error = &codedError{flow.SignedOut, flow.StartAgain, "websession: there is no such web session; it has ended, or it never was"}

	// ErrStore is what errors.Is finds if the store has failed, or has a record that
	// the sealer cannot open. The web session may be as good as before: answer with
	// status 503, and leave the cookie. The cause is wrapped, such as seal.ErrKey.
	//
	// It has the code [StoreFailed], and the remedy flow.TryLater.
	ErrStore error = &codedError{StoreFailed, flow.TryLater, "websession: the store has failed"}
)

// StoreFailed is the code of [ErrStore], beside the codes of package flow.
const StoreFailed flow.Code = "store_failed"

// codedError is an error with a code and a remedy, as a [flow.Error] has them. Package
// frontend goes by these two.
type codedError struct {
	code   flow.Code
	remedy flow.Remedy
	text   string
}

func (e *codedError) Error() string       { return e.text }
func (e *codedError) Code() flow.Code     { return e.code }
func (e *codedError) Remedy() flow.Remedy { return e.remedy }

// RefreshError is why [Manager.Tokens] has no valid tokens: they have expired, and a
// refresh has failed. The web session is kept.
//
// If the Remedy is flow.TryLater, then the fault may pass. If the Remedy is "", then
// neither the user nor the caller can do anything: for example, the name of the service's
// host was not found. After any other Remedy the user can sign in again: [Manager.Begin]
// puts a new web session in place of this one.
// Wrong settings of the program, such as the client secret, look like that, too. So
// the refresh is tried again after Options.MaxBackoff, and works once the settings are
// right. The web session ends with its idle time at the latest.
type RefreshError struct {
	// At is when the refresh failed, by the clock of the instance that tried.
	At time.Time

	// Err is the error of flow.Driver.Refresh, nil if the refresh was tried before or by
	// another instance.
	Err error

	code   flow.Code
	remedy flow.Remedy
	text   string
}

// Code returns the code of the error of flow.Driver.Refresh. errors.Is asks for it.
func (e *RefreshError) Code() flow.Code { return e.code }

// Remedy returns the remedy of that error.
func (e *RefreshError) Remedy() flow.Remedy { return e.remedy }

// Error has the text of the error, which holds no secret.
func (e *RefreshError) Error() string {
	return fmt.Sprintf("websession: the tokens have expired, and the refresh of %s failed: %s", e.At.UTC().Format(time.RFC3339), e.text)
}

// Is makes errors.Is(err, flow.TokenRefused) ask for the code.
func (e *RefreshError) Is(target error) bool {
	code, ok := target.(flow.Code)
	return ok && code == e.code
}

// Unwrap returns Err.
func (e *RefreshError) Unwrap() error { return e.Err }

// failure is a [RefreshError] as the record of a web session has it.
type failure struct {
	Code   flow.Code   `json:"code"`
	Remedy flow.Remedy `json:"remedy,omitempty"`
	Text   string      `json:"text"`
	At     time.Time   `json:"at"`
	Until  time.Time   `json:"until"` // nobody tries again before
	Count  int         `json:"count"` // in a row
}

// newFailure notes what went wrong, after count failures before it.
func newFailure(err error, count int, now time.Time, o *Options) *failure {
	f := &failure{Code: flow.Other, Text: shorten(err.Error()), At: now, Count: count + 1}
	var refused *flow.Error
	if errors.As(err, &refused) {
		f.Code, f.Remedy = refused.Code(), refused.Remedy()
	}
	f.Until = now.Add(f.pause(o))
	return f
}

// shorten cuts a text to what a record has room for, as JSON with its escapes.
func shorten(text string) string {
	const most = reserve / 2
	for {
		if encoded, err := json.Marshal(text); err == nil && len(encoded) <= most {
			return text
		}
		text = strings.ToValidUTF8(text[:len(text)/4*3], "") + "..."
	}
}

// pause doubles with each failure. A refusal does not pass within seconds.
func (f *failure) pause(o *Options) time.Duration {
	if f.isRefusal() {
		return o.MaxBackoff
	}
	pause := o.MinBackoff
	for range f.Count - 1 {
		if pause >= o.MaxBackoff/2 {
			pause = o.MaxBackoff
			break
		}
		pause *= 2
	}
	return pause - random(pause/2)
}

// isRefusal reports whether the service refuses the refresh token, or something that
// looks the same.
func (f *failure) isRefusal() bool {
	return f.Remedy == flow.StartAgain || f.Remedy == flow.ConfirmSignUp || f.Remedy == flow.ResetPassword
}

// isOver does not believe in a longer pause than there can be: clocks differ.
func (f *failure) isOver(now time.Time, o *Options) bool {
	return f == nil || !now.Before(f.Until) || f.Until.Sub(now) > o.MaxBackoff
}

func (f *failure) error(cause error) error {
	return &RefreshError{At: f.At, Err: cause, code: f.Code, remedy: f.Remedy, text: f.Text}
}

// contain calls code of the program beside the store, and makes an error of a panic or a
// Goexit: new tokens may be at hand.
func contain(f func() error) error {
	return guard.Run(f, func(value any, stack []byte) error { return &flow.PanicError{Value: value, Stack: stack} })
}

// storeFailed makes an error of the store one of this package.
func storeFailed(err error) error { return fmt.Errorf("%w: %w", ErrStore, err) }
