package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
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

// Records are kept under the pool's name for the user. An alias is a record of
// its own that holds that name, so that the very first request of a sign-in by
// alias finds the device. App client IDs have no slash in them.
func (a App) recordName(kind, user string) string {
	return a.UserPoolID + "/" + a.ClientID + "/" + kind + "/" + user
}

func (a App) deviceRecord(user string) string { return a.recordName("user", user) }
func (a App) aliasRecord(alias string) string { return a.recordName("alias", alias) }

// findDevice looks for a device of the user that is signing in, under the name
// known by now, and is called again whenever the pool tells a name. A record
// that cannot be used counts as none.
func (s *signIn) findDevice(ctx context.Context) {
	name := s.username()
	if s.options.Devices == nil || name == "" || s.noDevice || (s.device != nil && s.device.owner == name) {
		return
	}
	found, err := s.app.loadDevice(ctx, s.options.Devices, name)
	switch {
	case err == nil:
		s.device = found
		maps.Copy(s.machine, challenge.DeviceHandlers(found.Credentials, s.options.Now))
	case !errors.Is(err, device.ErrNotFound):
		s.deviceFailed(fmt.Errorf("the device record of %q is not used: %w", name, err))
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

func (s *signIn) dropDevice() {
	s.device = nil
	delete(s.machine, challenge.DeviceSRPAuth)
	delete(s.machine, challenge.DevicePasswordVerifier)
}

// forgetDevice deletes the record of a device that the pool does not take.
func (s *signIn) forgetDevice(ctx context.Context) {
	if s.device.owner != "" {
		if err := s.options.Devices.Delete(ctx, s.app.deviceRecord(s.device.owner)); err != nil {
			s.deviceFailed(fmt.Errorf("the record of a device that the pool does not know could not be deleted: %w", err))
		}
	}
	s.dropDevice()
	s.noDevice = true // whatever the store still says
}

// deviceFailed notes a failure that does not fail the sign-in.
func (s *signIn) deviceFailed(err error) {
	s.deviceError = errors.Join(s.deviceError, fmt.Errorf("flow: %w", err))
}

// sendWithDevice sends a request with the device key. When the service says
// that something does not exist, the request is repeated once without it: if
// that helps, it was the device that does not exist any more, and its record
// goes. The message would tell as well, but messages change.
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
	if !isNotFound(err) {
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
	var denied *types.NotAuthorizedException
	return s.device != nil && provesDevice(r.challenge) && (errors.As(err, &denied) || isNotFound(err))
}

func isNotFound(err error) bool {
	var notFound *types.ResourceNotFoundException
	return errors.As(err, &notFound)
}

// enrol confirms a new device and keeps its record. The user is signed in
// already: what fails is told in Tokens.DeviceError.
func (s *signIn) enrol(ctx context.Context, t *Tokens, made *types.NewDeviceMetadataType) {
	api, ok := s.api.(DeviceAPI)
	if !ok {
		s.deviceFailed(fmt.Errorf("the device is not remembered: %T does not have the operations of DeviceAPI", s.api))
		return
	}
	credentials, verifier, err := device.New(aws.ToString(made.DeviceKey), aws.ToString(made.DeviceGroupKey))
	if err != nil {
		s.deviceFailed(err)
		return
	}
	out, err := api.ConfirmDevice(ctx, &cip.ConfirmDeviceInput{
		AccessToken: aws.String(t.AccessToken.Reveal()),
		DeviceKey:   made.DeviceKey,
		DeviceName:  optional(s.options.DeviceName),
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{
			PasswordVerifier: aws.String(verifier.PasswordVerifier), Salt: aws.String(verifier.Salt),
		},
	}, s.options.APIOptions...)
	if err != nil {
		s.deviceFailed(fmt.Errorf("the device is not remembered: %w", operationError(err)))
		return
	}
	t.DeviceKey = credentials.Key
	if err := s.keepDevice(ctx, t, credentials); err != nil {
		s.deviceFailed(fmt.Errorf("the device is confirmed, and its record could not be kept: %w", err))
		return
	}
	if out.UserConfirmationNecessary {
		s.decide(ctx, t)
	}
}

// keepDevice writes the record. A device that it replaces can never be used
// again, so the pool is asked to forget it.
func (s *signIn) keepDevice(ctx context.Context, t *Tokens, credentials device.Credentials) error {
	data, err := json.Marshal(credentials)
	if err != nil {
		return err
	}
	name := s.app.deviceRecord(t.Username)
	old, err := s.options.Devices.Get(ctx, name)
	if err != nil && !errors.Is(err, device.ErrNotFound) {
		return err
	}
	if err := s.options.Devices.Put(ctx, name, data); err != nil {
		return err
	}
	var replaced device.Credentials
	if replaced.UnmarshalJSON(old) == nil && replaced.Key != credentials.Key {
		// Best effort: a device that the pool has forgotten by itself is the usual case.
		_ = s.devices(t).Forget(ctx, replaced.Key)
	}
	return nil
}

// devices is Driver.Devices with the options of this call.
func (s *signIn) devices(t *Tokens) *Devices {
	return s.Devices(t, func(o *Options) { *o = s.options })
}

// decide asks the user whether to remember the device, in a pool that leaves
// it to the user.
func (s *signIn) decide(ctx context.Context, t *Tokens) {
	if s.options.RememberDevice == nil {
		return
	}
	decision, err := s.options.RememberDevice(ctx, t)
	if err == nil && decision != AskLater {
		err = s.devices(t).Remember(ctx, t.DeviceKey, decision == Remember)
	}
	if err != nil {
		s.deviceFailed(fmt.Errorf("whether to remember the device is not settled: %w", err))
	}
}

// keepAliases makes the names that the user signed in by lead to the record.
func (s *signIn) keepAliases(ctx context.Context, t *Tokens) {
	if s.options.Devices == nil || t.DeviceKey == "" {
		return
	}
	for _, name := range []string{s.typed, s.resolved} {
		if name == "" || name == t.Username {
			continue
		}
		record := s.app.aliasRecord(name)
		if known, err := s.options.Devices.Get(ctx, record); err == nil && string(known) == t.Username {
			continue
		}
		if err := s.options.Devices.Put(ctx, record, []byte(t.Username)); err != nil {
			s.deviceFailed(fmt.Errorf("the device record cannot be found by %q: %w", name, err))
		}
	}
}
