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
	// ErrNoSession says that there is no web session. The web session has ended by
	// sign-out, idle time or lifetime, or the identifier is made up. The user has to sign
	// in. The code is flow.SignedOut, and the remedy is flow.StartAgain.
	ErrNoSession error = &codedError{flow.SignedOut, flow.StartAgain, "websession: there is no such web session, or it has ended"}

	// ErrStore says that the store has failed, or that the sealer cannot open a record.
	// The web session may be unharmed: answer with status 503, and leave the cookie. The
	// cause is wrapped, such as seal.ErrKey. The code is [StoreFailed], and the remedy is
	// flow.TryLater.
	ErrStore error = &codedError{StoreFailed, flow.TryLater, "websession: the store has failed"}
)

// StoreFailed is the code of [ErrStore], in addition to the codes of package flow.
const StoreFailed flow.Code = "store_failed"

// codedError is an error with a code and a remedy, which package frontend reads.
type codedError struct {
	code   flow.Code
	remedy flow.Remedy
	text   string
}

func (e *codedError) Error() string       { return e.text }
func (e *codedError) Code() flow.Code     { return e.code }
func (e *codedError) Remedy() flow.Remedy { return e.remedy }

// RefreshError says that the tokens have expired and that a refresh has failed. The web
// session is kept.
//
//   - If the Remedy is flow.TryLater, the fault may pass.
//   - If the Remedy is "", neither the user nor the caller can help. For example, the name
//     of the service's host was not found.
//   - After any other Remedy the user can sign in again, and [Manager.Begin] replaces the
//     web session. Wrong settings of the program, such as the client secret, look the
//     same. So the refresh is tried again after Options.MaxBackoff.
type RefreshError struct {
	// At is when the refresh failed, by the clock of the instance that tried.
	At time.Time

	// Err is the error of flow.Driver.Refresh. Err is nil if an earlier call or another
	// instance tried the refresh.
	Err error

	code   flow.Code
	remedy flow.Remedy
	text   string
}

// Code returns the code of the error of flow.Driver.Refresh. errors.Is finds the code.
func (e *RefreshError) Code() flow.Code { return e.code }

// Remedy returns the remedy of that error.
func (e *RefreshError) Remedy() flow.Remedy { return e.remedy }

// Error returns a text without secrets.
func (e *RefreshError) Error() string {
	return fmt.Sprintf("websession: the tokens have expired, and the refresh of %s failed: %s", e.At.UTC().Format(time.RFC3339), e.text)
}

// Is reports whether target is the code.
func (e *RefreshError) Is(target error) bool {
	code, ok := target.(flow.Code)
	return ok && code == e.code
}

// Unwrap returns Err.
func (e *RefreshError) Unwrap() error { return e.Err }

// failure is the stored form of a [RefreshError].
type failure struct {
	Code   flow.Code   `json:"code"`
	Remedy flow.Remedy `json:"remedy,omitempty"`
	Text   string      `json:"text"`
	At     time.Time   `json:"at"`
	Until  time.Time   `json:"until"` // no instance tries again before
	Count  int         `json:"count"` // in a row
}

// newFailure makes a failure of err, after count failures in a row.
func newFailure(err error, count int, now time.Time, o *Options) *failure {
	f := &failure{Code: flow.Other, Text: shorten(err.Error()), At: now, Count: count + 1}
	var refused *flow.Error
	if errors.As(err, &refused) {
		f.Code, f.Remedy = refused.Code(), refused.Remedy()
	}
	f.Until = now.Add(f.pause(o))
	return f
}

// shorten cuts a text to the room of a record, as JSON with its escapes.
func shorten(text string) string {
	const most = reserve / 2
	for {
		if encoded, err := json.Marshal(text); err == nil && len(encoded) <= most {
			return text
		}
		text = strings.ToValidUTF8(text[:len(text)/4*3], "") + "..."
	}
}

// pause doubles with each failure, and is MaxBackoff after a refusal, which does not pass
// within seconds.
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

// isRefusal reports whether the service refuses the refresh token or a setting of the
// program. The replies do not tell the two apart.
func (f *failure) isRefusal() bool {
	return f.Remedy == flow.StartAgain || f.Remedy == flow.ConfirmSignUp || f.Remedy == flow.ResetPassword
}

// isOver takes a pause longer than MaxBackoff as over: the clock of another instance may
// be wrong.
func (f *failure) isOver(now time.Time, o *Options) bool {
	return f == nil || !now.Before(f.Until) || f.Until.Sub(now) > o.MaxBackoff
}

func (f *failure) error(cause error) error {
	return &RefreshError{At: f.At, Err: cause, code: f.Code, remedy: f.Remedy, text: f.Text}
}

// contain calls code of the program, and makes an error of a panic or a Goexit, so that
// new tokens are not lost.
func contain(f func() error) error {
	return guard.Run(f, func(value any, stack []byte) error { return &flow.PanicError{Value: value, Stack: stack} })
}

// storeFailed wraps an error of the store in ErrStore.
func storeFailed(err error) error { return fmt.Errorf("%w: %w", ErrStore, err) }
