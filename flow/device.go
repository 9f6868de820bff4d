package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
)

// Decision is a user's answer to whether a device shall be remembered.
type Decision int

const (
	AskLater      Decision = iota // nothing is changed; Driver.Devices can do it later
	Remember                      // the device may take the place of a code from now on
	DoNotRemember                 // the device is known to the pool and proves nothing
)

// remembered is a device of this machine in the course of a sign-in.
type remembered struct {
	device.Credentials
	owner string // the user whose record it was read from, "" for a key alone
}

// deviceUse is what a sign-in does with the device of an earlier one. A device
// does not decide a sign-in: its proof is tried, and left out after a fault.
type deviceUse struct {
	known    *remembered
	handlers challenge.Mux // prove the known device
	searched []string      // the names that a record was looked for under
	leftOut  bool          // the sign-in goes on without a device

	suspect *remembered // refused, or not known to the pool: settle judges it
	err     error       // what went wrong, for Tokens.DeviceError

	// unmarked is why the store does not know of the suspicion. The sign-in has
	// failed by then, and its error tells.
	unmarked error
}

// keyFor returns the device key for a request, "" for none. A passkey proves
// the user and not the device: AWS's own clients name no device with it.
func (u *deviceUse) keyFor(r request) string {
	if u.known == nil || r.challenge == challenge.WebAuthn {
		return ""
	}
	return u.known.Key
}

// failed notes a failure that does not fail the sign-in. All of them make one
// line of a log.
func (u *deviceUse) failed(err error) {
	if u.err != nil {
		err = fmt.Errorf("%w; %w", u.err, err)
	}
	u.err = err
}

func (u *deviceUse) drop() { u.known, u.handlers = nil, nil }

// provesDevice reports whether c is one of the two challenges that prove a
// device, which have no meaning without one.
func provesDevice(c challenge.Name) bool {
	return c == challenge.DeviceSRPAuth || c == challenge.DevicePasswordVerifier
}

// Records are kept under the pool's name for the user. An alias is a record of
// its own that holds that name, so that the very first request of a sign-in by
// alias finds the device. App client IDs have no slash in them.
func (a App) recordName(kind, user string) string {
	return a.UserPoolID + "/" + a.ClientID + "/" + kind + "/" + user
}

func (a App) deviceRecord(user string) string { return a.recordName("user", user) }
func (a App) aliasRecord(alias string) string { return a.recordName("alias", alias) }

// storedDevice is a device as the store has it. A suspect is left out of the
// next sign-in, which judges it.
type storedDevice struct {
	device.Credentials
	Suspect bool
}

func (s storedDevice) MarshalJSON() ([]byte, error) {
	data, err := s.Credentials.MarshalJSON()
	if err != nil || !s.Suspect {
		return data, err
	}
	return append(data[:len(data)-1], `,"suspect":true}`...), nil
}

func (s *storedDevice) UnmarshalJSON(data []byte) error {
	if err := s.Credentials.UnmarshalJSON(data); err != nil {
		return err
	}
	return json.Unmarshal(data, &struct{ Suspect *bool }{&s.Suspect})
}

// findDevice looks for a device of the user that is signing in, once under each
// name that may lead to it. A record that cannot be used counts as none.
func (e *engine) findDevice(ctx context.Context) {
	u, known := &e.in.device, e.st.names
	if u.known != nil && u.known.owner != "" && known.resolved != "" && u.known.owner != known.resolved {
		u.drop() // the alias that led to it may be another user's by now
	}
	if u.suspect != nil && known.resolved != "" && u.suspect.owner != known.resolved {
		u.suspect, u.leftOut, e.st.without = nil, false, leftOut{}
	}
	if o := e.in.opening; o != nil && o.deviceKey != "" && u.known == nil && !u.leftOut {
		u.known = &remembered{Credentials: device.Credentials{Key: o.deviceKey}} // a key alone proves nothing
	}
	candidates := []string{known.srpID, known.typed}
	if known.resolved != "" {
		candidates = []string{known.resolved}
	}
	for _, name := range candidates {
		if e.options.Devices == nil || u.leftOut || u.known != nil || name == "" || slices.Contains(u.searched, name) {
			continue
		}
		u.searched = append(u.searched, name)
		found, suspect, err := e.app.loadDevice(ctx, e.options.Devices, name)
		switch {
		case err == nil && (suspect || found.Key == e.st.without.Key):
			u.leftOut = true
			if suspect || e.st.without.Suspect {
				u.suspect = found
			}
		case err == nil:
			u.known = found
		case !errors.Is(err, device.ErrNotFound):
			u.failed(fmt.Errorf("flow: the device record of %.80q is not used: %w", name, err))
		}
	}
	if u.known != nil && u.handlers == nil && u.known.owner != "" {
		u.handlers = challenge.DeviceHandlers(u.known.Credentials, e.now)
	}
}

// loadDevice reads the record of a user, or of the user that an alias is for.
func (a App) loadDevice(ctx context.Context, store device.Store, name string) (found *remembered, suspect bool, err error) {
	owner := name
	data, err := store.Get(ctx, a.deviceRecord(owner))
	if errors.Is(err, device.ErrNotFound) {
		var alias []byte
		if alias, err = store.Get(ctx, a.aliasRecord(name)); err == nil {
			owner = string(alias)
			data, err = store.Get(ctx, a.deviceRecord(owner))
		}
	}
	if err != nil {
		return nil, false, err
	}
	var kept storedDevice
	if err := kept.UnmarshalJSON(data); err != nil {
		return nil, false, err
	}
	return &remembered{kept.Credentials, owner}, kept.Suspect, nil
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
	known := u.known
	if known == nil {
		return
	}
	u.drop()
	u.leftOut = true
	u.failed(fmt.Errorf("%w; the sign-in went on without the device", e.newError(f)))
	e.st.without = leftOut{Key: known.Key}
	if f.isTransient() || known.owner == "" {
		return // nothing is said against the device
	}
	u.suspect, e.st.without.Suspect = known, true
	if !goesOn {
		e.markSuspect(ctx, known)
	}
}

func (e *engine) markSuspect(ctx context.Context, d *remembered) {
	isCurrent, err := e.app.hasRecord(ctx, e.options.Devices, d.owner, d.Key)
	if err == nil && !isCurrent {
		return
	}
	var data []byte
	if err == nil {
		data, err = json.Marshal(storedDevice{d.Credentials, true})
	}
	if err == nil {
		err = e.options.Devices.Put(ctx, e.app.deviceRecord(d.owner), data)
	}
	if err != nil {
		e.in.device.unmarked = fmt.Errorf("the device record of %.80q could not be marked, and the next sign-in tries the device again: %w", d.owner, err)
	}
}

// leaveOut takes a device out of the sign-in that the pool may not know. This is no
// failure: somebody has had the pool forget the device.
func (e *engine) leaveOut() {
	u := &e.in.device
	if u.known != nil {
		u.suspect, u.leftOut, e.st.without = u.known, true, leftOut{u.known.Key, true}
		u.drop()
	}
}

// forget deletes the record of a device that is of no use to the user.
func (e *engine) forget(ctx context.Context, d *remembered, user string) {
	var err error
	switch {
	case d.owner == "": // a key alone, without a record
	case d.owner != user:
		// Our alias record led to it, and the alias is another user's by now.
		err = e.options.Devices.Delete(ctx, e.app.aliasRecord(e.st.names.typed))
	default:
		err = e.app.deleteDevice(ctx, e.options.Devices, d.owner, d.Key)
	}
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: the record of a device that is of no use could not be deleted: %w", err))
	}
}

// deleteDevice deletes the record of a user while it is still that of the device.
func (a App) deleteDevice(ctx context.Context, store device.Store, owner, key string) error {
	if isCurrent, err := a.hasRecord(ctx, store, owner, key); err != nil || !isCurrent {
		return err
	}
	return store.Delete(ctx, a.deviceRecord(owner))
}

// hasRecord reports whether the record of a user is still that of the device:
// another process may have deleted the record, or enrolled a device in its place.
func (a App) hasRecord(ctx context.Context, store device.Store, owner, key string) (bool, error) {
	data, err := store.Get(ctx, a.deviceRecord(owner))
	if errors.Is(err, device.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var kept storedDevice
	return kept.UnmarshalJSON(data) == nil && kept.Key == key, nil
}

// settle does what is left to do for a user who is signed in. It returns the
// tokens whatever happens: what fails is told in Tokens.DeviceError.
// It goes on if the caller gives up: tokens of a device that is not confirmed
// cannot be refreshed.
func (e *engine) settle(ctx context.Context, result *types.AuthenticationResultType) *Tokens {
	caller := ctx
	ctx, cancel := e.options.withDeadline(context.WithoutCancel(ctx))
	defer cancel()
	t := newTokens(result, e.options.Now())
	o, u := e.in.opening, &e.in.device
	if t.RefreshToken.IsZero() && o != nil {
		t.RefreshToken = o.refreshToken // the service does not repeat it
	}
	if t.Username == "" {
		t.Username = e.st.names.username()
	}
	if u.known != nil && t.DeviceKey == "" {
		t.DeviceKey = u.known.Key
	}
	if u.suspect != nil && (o == nil || !o.refreshes()) {
		e.forget(ctx, u.suspect, t.Username) // the sign-in has succeeded without it
	}
	switch made := result.NewDeviceMetadata; {
	case made == nil:
	case o != nil && o.refreshes(): // new tokens have to be kept before anything else is done
		u.failed(errors.New("flow: the pool sees a new device at refresh; it is remembered at the next sign-in"))
	default:
		e.enrol(ctx, caller, t, made)
	}
	e.keepAliases(ctx, t)
	if u.err != nil {
		t.DeviceError = quietError{u.err, e.secrets(request{})}
	}
	return t
}
