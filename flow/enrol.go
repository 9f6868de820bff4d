package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/secret"
)

// foundLate reports whether the user has a device after all: one that could
// not be found by the alias that was typed, of which the pool said nothing on
// the way. The alias leads to it from now on. To enrol another one in its place
// would leave the tokens that were issued on it without a device.
func (s *signIn) foundLate(ctx context.Context, t *Tokens) bool {
	if s.options.Devices == nil || s.device != nil || s.noDevice || s.flow == nil {
		return false
	}
	if _, err := s.app.loadDevice(ctx, s.options.Devices, t.Username); err != nil {
		return false
	}
	return s.options.Devices.Put(ctx, s.app.aliasRecord(s.typed), []byte(t.Username)) == nil
}

// enrol confirms a new device and keeps its record. The user is signed in
// already: what fails is told in Tokens.DeviceError.
func (s *signIn) enrol(ctx context.Context, t *Tokens, made *types.NewDeviceMetadataType) {
	if s.options.Devices == nil {
		s.deviceFailed(errors.New("flow: the pool tracks devices and refuses to refresh the tokens of one that is not confirmed; set Options.Devices, in the call that ends the sign-in too"))
		return
	}
	api, ok := s.api.(DeviceAPI)
	if !ok {
		s.deviceFailed(fmt.Errorf("flow: the device is not remembered: %T does not have the operations of DeviceAPI", s.api))
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
	// The key is new and ours alone. If it is confirmed already, it was by this
	// call, whose first response was lost and whose retry found it done.
	var exists *types.DeviceKeyExistsException
	if err != nil && !errors.As(err, &exists) {
		s.deviceFailed(fmt.Errorf("flow: the device is not remembered: %w", operationError("ConfirmDevice", err, t.AccessToken, secret.New(verifier.PasswordVerifier))))
		return
	}
	t.DeviceKey = credentials.Key
	if err := s.keepDevice(ctx, t, credentials); err != nil {
		s.deviceFailed(fmt.Errorf("flow: the device is confirmed, and its record could not be kept: %w", err))
		return
	}
	if exists != nil || out.UserConfirmationNecessary {
		s.decide(ctx, t)
	}
}

// keepDevice writes the record. The device of a record that it replaces stays
// with the pool: other tokens may have been issued on it, and need it.
func (s *signIn) keepDevice(ctx context.Context, t *Tokens, credentials device.Credentials) error {
	data, err := json.Marshal(credentials)
	if err != nil {
		return err
	}
	name := s.app.deviceRecord(t.Username)
	if err := s.options.Devices.Put(ctx, name, data); err != nil {
		return err
	}
	s.device = &remembered{credentials, t.Username}
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
		s.deviceFailed(fmt.Errorf("flow: whether to remember the device is not settled: %w", err))
	}
}

// keepAliases makes the names that the user signed in by lead to the record.
func (s *signIn) keepAliases(ctx context.Context, t *Tokens) {
	if s.options.Devices == nil || s.device == nil {
		return
	}
	for _, name := range []string{s.typed, s.srpID} {
		if name == "" || name == t.Username {
			continue
		}
		record := s.app.aliasRecord(name)
		if known, err := s.options.Devices.Get(ctx, record); err == nil && string(known) == t.Username {
			continue
		}
		if err := s.options.Devices.Put(ctx, record, []byte(t.Username)); err != nil {
			s.deviceFailed(fmt.Errorf("flow: the device record cannot be found by %q: %w", name, err))
		}
	}
}
