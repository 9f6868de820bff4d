package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
)

// deviceUse is what a sign-in does with the device of an earlier one. A device
// does not decide a sign-in: its proof is tried, and left out after a fault.
type deviceUse struct {
	known    *device.Entry // without a password: a key alone
	handlers challenge.Mux // prove the known device
	searched []string      // the names that a device was looked for under

	unconfirmed *device.Entry // of an earlier sign-in that could not confirm it

	err       error // what went wrong, for Tokens.Device
	storeHung bool

	// unmarked is why the wallet does not know of the suspicion. The sign-in has
	// failed by then, and its error tells.
	unmarked error
}

// keyFor returns the device key for a request, "" for none. A passkey proves
// the user and not the device: AWS's own clients name no device with it.
func (u *deviceUse) keyFor(r request) string {
	if u.known == nil || r.challenge.OmitsDevice() {
		return ""
	}
	return u.known.Key
}

// isKept reports whether the wallet has the known device.
func (u *deviceUse) isKept() bool { return u.known != nil && !u.known.Password.IsZero() }

// failed notes a failure that does not fail the sign-in. All of them make one
// line of a log.
func (u *deviceUse) failed(err error) {
	if u.err != nil {
		err = fmt.Errorf("%w; %w", u.err, err)
	}
	u.err = err
}

func (u *deviceUse) drop() { u.known, u.handlers = nil, nil }

// findDevice looks for a device of the user that is signing in, once under each
// name that may lead to it. A record that cannot be used counts as none.
func (e *engine) findDevice(ctx context.Context) {
	u, known, o := &e.in.device, e.st.names, e.in.opening
	e.st.held = e.st.held || !e.options.holder.IsZero()
	if u.isKept() && known.resolved != "" && !e.wallet().IsOf(*u.known, known.resolved) {
		u.drop() // the alias that led to it may be another user's by now
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

// useDevice decides what a device of the wallet is good for.
func (e *engine) useDevice(found *device.Entry) {
	u, o := &e.in.device, e.in.opening
	switch {
	case e.st.without.has(found.Key):
	case found.State == device.Suspect:
		e.st.without = e.st.without.and(found.Key, true)
	case found.State == device.Unconfirmed && (o == nil || !refreshes(o.flow)):
		u.unconfirmed = found // the pool would not know it
	default:
		u.known = found
	}
}

// checkDevice refuses to answer a prompt if the device of the sign-in is not at hand:
// the answer of the person would be spent, and the sign-in would fail at the proof of
// the device.
func (e *engine) checkDevice(p *Prompt) error {
	u, key := &e.in.device, e.st.device
	if key == "" || e.st.without.has(key) || u.known != nil && u.known.Key == key {
		return nil
	}
	err := &Error{Challenge: e.st.ask.Name, Prompt: p, code: Misconfigured, Err: errors.New(
		"the holder of this call does not have the device that the sign-in began with; give the holder that Start was given, or start again")}
	if u.err != nil {
		err.Err = fmt.Errorf("%w: %w", err.Err, u.err)
	}
	return err
}

// deviceCause says why a sign-in begins again after a fault of a device proof.
// The session, the clock or the network may be at fault: the device gets a second
// chance. After that, or where a second time cannot be better, the sign-in goes
// on without the device.
func (e *engine) deviceCause(f *fault) restartCause {
	if !f.local && !isNotFound(f.err) && e.st.spent.Restarts&deviceFailed == 0 {
		e.in.device.handlers = nil // numbers of their own for each exchange
		return deviceFailed
	}
	return deviceFailedAgain
}

// suspect leaves the device out of the sign-in. A device that was refused is not
// judged yet: the cause may be another one. If the sign-in cannot go on without
// it, the record remembers the suspicion for the next sign-in.
func (e *engine) suspect(ctx context.Context, f *fault, goesOn bool) {
	u := &e.in.device
	if u.known == nil {
		return
	}
	refused := *u.known
	e.st.without = e.st.without.and(refused.Key, !f.isTransient() && u.isKept()) // a network's fault says nothing against the device
	u.drop()
	u.failed(fmt.Errorf("%w; the sign-in went on without the device", e.newError(f)))
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

// leaveOut takes a device out of the sign-in that the pool may not know. This is no
// failure: somebody has had the pool forget the device.
func (e *engine) leaveOut() {
	if u := &e.in.device; u.known != nil {
		e.st.without = e.st.without.and(u.known.Key, true)
		u.drop()
	}
}
