package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

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

// Records are kept under the pool's name for the user. An alias is a record of
// its own that holds that name, so that the very first request of a sign-in by
// alias finds the device. App client IDs have no slash in them.
func (a App) recordName(kind, user string) string {
	return a.UserPoolID + "/" + a.ClientID + "/" + kind + "/" + user
}

func (a App) deviceRecord(user string) string { return a.recordName("user", user) }
func (a App) aliasRecord(alias string) string { return a.recordName("alias", alias) }

// learnName takes the pool's names for the user from a response. USERNAME is
// what records are kept under; USER_ID_FOR_SRP only fills in until it is told.
func (s *signIn) learnName(ctx context.Context, c challenge.Name, params map[string]string) {
	switch name, id := params["USERNAME"], params["USER_ID_FOR_SRP"]; {
	case name != "" && name != s.resolved:
		s.resolved = name
		if s.device != nil && s.device.owner != name {
			s.dropDevice() // the alias that led to it may be another user's by now
		}
	case id != "" && s.resolved == "" && !provesDevice(c): // where it may be the device's
		s.srpID = id
	}
	s.findDevice(ctx)
}

// findDevice looks for a device of the user that is signing in, once under each
// name that may lead to it. A record that cannot be used counts as none.
func (s *signIn) findDevice(ctx context.Context) {
	names := []string{s.srpID, s.typed}
	if s.resolved != "" {
		names = []string{s.resolved}
	}
	for _, name := range names {
		if s.options.Devices == nil || s.noDevice || s.device != nil || name == "" || slices.Contains(s.searched, name) {
			continue
		}
		s.searched = append(s.searched, name)
		found, err := s.app.loadDevice(ctx, s.options.Devices, name)
		switch {
		case err == nil:
			s.device = found
			maps.Copy(s.machine, challenge.DeviceHandlers(found.Credentials, s.options.Now))
		case !errors.Is(err, device.ErrNotFound):
			s.deviceFailed(fmt.Errorf("flow: the device record of %q is not used: %w", name, err))
		}
	}
}

// loadDevice reads the record of a user, or of the user that an alias is for.
func (a App) loadDevice(ctx context.Context, store device.Store, name string) (*remembered, error) {
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
		return nil, err
	}
	found := &remembered{owner: owner}
	return found, found.UnmarshalJSON(data)
}

// useDevice makes the device with this key the one of the sign-in, whatever the
// store has. An empty key changes nothing.
func (s *signIn) useDevice(key string) {
	if key == "" || s.noDevice || (s.device != nil && s.device.Key == key) {
		return
	}
	s.dropDevice() // a key alone proves nothing
	s.device = &remembered{Credentials: device.Credentials{Key: key}}
}

// deleteDevice deletes the record of a user while it is still that of the
// device: another process may have enrolled one in its place.
func (a App) deleteDevice(ctx context.Context, store device.Store, owner, key string) error {
	name := a.deviceRecord(owner)
	data, err := store.Get(ctx, name)
	if errors.Is(err, device.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept device.Credentials
	if kept.UnmarshalJSON(data) != nil || kept.Key != key {
		return nil
	}
	return store.Delete(ctx, name)
}

func (s *signIn) dropDevice() {
	s.device = nil
	delete(s.machine, challenge.DeviceSRPAuth)
	delete(s.machine, challenge.DevicePasswordVerifier)
}

// forgetDevice deletes the record of a device that the pool does not take.
func (s *signIn) forgetDevice(ctx context.Context) {
	var err error
	switch owner := s.device.owner; {
	case owner == "": // a key alone, without a record
	case s.resolved == "" && owner != s.typed:
		// Nothing but our alias record says whose device it is, and the alias
		// may be another user's by now.
		err = s.options.Devices.Delete(ctx, s.app.aliasRecord(s.typed))
	default:
		err = s.app.deleteDevice(ctx, s.options.Devices, owner, s.device.Key)
	}
	if err != nil {
		s.deviceFailed(fmt.Errorf("flow: the record of a device that the pool does not know could not be deleted: %w", err))
	}
	s.dropDevice()
	s.noDevice = true // whatever the store still says
}

// deviceFailed notes a failure that does not fail the sign-in.
func (s *signIn) deviceFailed(err error) {
	s.deviceError = errors.Join(s.deviceError, err)
}

// sendWithDevice sends a request with the device key. When the service says
// that something does not exist, the request is repeated once without it: if
// nothing is missing then, it was the device that does not exist any more, and
// its record goes. The message would tell as well, but messages change.
func (s *signIn) sendWithDevice(ctx context.Context, r request) (*reply, error) {
	// A passkey stands for the user whatever the machine: none of the
	// service's own clients names a device with it.
	if s.device == nil || r.challenge == challenge.WebAuthn {
		return s.service.send(ctx, r, s.app, &s.options)
	}
	with := r
	with.params = maps.Clone(r.params)
	with.params["DEVICE_KEY"] = s.device.Key
	reply, err := s.service.send(ctx, with, s.app, &s.options)
	if !isNotFound(err) || provesDevice(r.challenge) {
		return reply, err
	}
	reply, err = s.service.send(ctx, r, s.app, &s.options)
	if !isNotFound(err) && !isTransient(err) {
		s.forgetDevice(ctx)
	}
	return reply, err
}

// provesDevice reports whether c is one of the two challenges that prove a
// device, which have no meaning without one.
func provesDevice(c challenge.Name) bool {
	return c == challenge.DeviceSRPAuth || c == challenge.DevicePasswordVerifier
}

// deviceRefused reports whether err says that the pool does not take the
// device's proof.
func (s *signIn) deviceRefused(r request, err error) bool {
	return s.device != nil && provesDevice(r.challenge) && (hasCode(err, "NotAuthorizedException") || isNotFound(err))
}

func isNotFound(err error) bool { return hasCode(err, "ResourceNotFoundException") }
