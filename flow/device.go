package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/traits"
)

// deviceUse is the use of a remembered device in a sign-in. A device does not decide a
// sign-in: the driver tries the proof, and leaves the device out after a fault.
type deviceUse struct {
	known    *device.Entry // without a password: a key alone
	handlers challenge.Mux // prove the known device
	searched []string      // user names for which the wallet was asked already

	unconfirmed *device.Entry // of an earlier sign-in that could not confirm it

	err       error // all failures of the device so far, for Tokens.Device
	storeHung bool

	// unmarked is the reason why the wallet does not have the suspicion. The sign-in has
	// failed by then, so its error has this reason.
	unmarked error
}

// keyFor returns the device key for a request, "" for none. A passkey proves the user and
// not the device. AWS's own clients send no device key with a passkey.
func (u *deviceUse) keyFor(r request) string {
	if u.known == nil || traits.Of(r.challenge).OmitsDevice {
		return ""
	}
	return u.known.Key
}

// isKept reports whether the wallet has the known device.
func (u *deviceUse) isKept() bool { return u.known != nil && !u.known.Password.IsZero() }

// failed notes a failure that does not fail the sign-in. All failures make one line of
// a log.
func (u *deviceUse) failed(err error) {
	if u.err != nil {
		err = fmt.Errorf("%w, and %w", u.err, err)
	}
	u.err = err
}

func (u *deviceUse) drop() { u.known, u.handlers = nil, nil }

// findDevice looks for a device of the user, once under each name of the user. A record
// that cannot be used counts as none.
func (e *engine) findDevice(ctx context.Context) {
	u, known, o := &e.in.device, e.st.names, e.in.opening
	e.st.held = e.st.held || !e.options.holder.IsZero()
	if u.isKept() && known.resolved != "" && !e.wallet().IsOf(*u.known, known.resolved) {
		u.drop() // the alias under which it was found may be another user's by now
		e.st.device = ""
	}
	if o != nil && o.deviceKey != "" && !e.st.without.has(o.deviceKey) && u.known == nil {
		u.known = &device.Entry{Credentials: device.Credentials{Key: o.deviceKey}} // a key alone proves nothing
	}
	if e.options.holder.IsZero() {
		return
	}
	names := []string{known.srpID, known.typed}
	if known.resolved != "" {
		names = []string{known.resolved}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" || slices.Contains(u.searched, name) })
	if u.known == nil && len(names) > 0 {
		u.searched = append(u.searched, names...)
		var found device.Entry
		err := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) (err error) {
			found, err = w.Find(ctx, names...)
			return err
		})
		switch {
		case errors.Is(err, device.ErrNotFound):
		case err != nil:
			u.failed(fmt.Errorf("flow: the remembered devices are not used: %w", err))
		default:
			e.useDevice(&found)
		}
	}
	if u.isKept() && u.handlers == nil {
		u.handlers = challenge.DeviceHandlers(u.known.Credentials, e.now)
	}
}

// useDevice decides how the sign-in uses a device of the wallet.
func (e *engine) useDevice(found *device.Entry) {
	u, o := &e.in.device, e.in.opening
	switch {
	case e.st.without.has(found.Key):
	case found.State == device.Suspect:
		e.st.without = e.st.without.and(found.Key, true)
	case found.State == device.Unconfirmed && (o == nil || !refreshes(o.flow)):
		u.unconfirmed = found // the pool may not know it
	default:
		u.known = found
	}
}

// checkDevice refuses to answer a prompt if the device of the sign-in is not at hand. The
// sign-in would fail at the proof of the device, after the answer of the person was used up.
func (e *engine) checkDevice(p *Prompt) error {
	u, key := &e.in.device, e.st.device
	if key == "" || e.st.without.has(key) || u.known != nil && u.known.Key == key {
		return nil
	}
	err := &Error{Challenge: e.st.ask.Name, Prompt: p, code: Misconfigured, Err: errors.New(
		"the holder of this call does not have the device of the sign-in: give the holder that Start had, or start again")}
	if u.err != nil {
		err.Err = fmt.Errorf("%w: %w", err.Err, u.err)
	}
	return err
}

// deviceCause says why a sign-in begins again after a fault of a device proof. The session,
// the clock or the network may be at fault, so the device is tried twice. If a second proof
// has failed too, or cannot succeed, the sign-in goes on without the device.
func (e *engine) deviceCause(f *fault) restartCause {
	if !f.local && !isNotFound(f.err) && e.st.spent.Restarts&deviceFailed == 0 {
		e.in.device.handlers = nil // each exchange needs new random numbers
		return deviceFailed
	}
	return deviceFailedAgain
}

// suspect leaves the device out of the sign-in. A refusal may have another cause than the
// device. If the sign-in cannot go on without the device, the wallet keeps the suspicion for
// the next sign-in.
func (e *engine) suspect(ctx context.Context, f *fault, goesOn bool) {
	u := &e.in.device
	if u.known == nil {
		return
	}
	refused := *u.known
	e.st.without = e.st.without.and(refused.Key, !f.isTransient() && u.isKept()) // a fault of the network is not the device's
	u.drop()
	u.failed(fmt.Errorf("flow: the sign-in went on without the device: %w", e.newError(f)))
	if !e.st.without.Suspect || goesOn {
		return
	}
	err := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) error {
		return w.Change(ctx, refused, func(kept *device.Entry) { kept.State = device.Suspect })
	})
	if err != nil {
		u.unmarked = fmt.Errorf("the device could not be marked, and the next sign-in tries it again: %w", err)
	}
}

// leaveOut takes a device out of the sign-in that the pool may not know. A device that the
// user has had the pool forget is no failure.
func (e *engine) leaveOut() {
	if u := &e.in.device; u.known != nil {
		e.st.without = e.st.without.and(u.known.Key, true)
		u.drop()
	}
}
