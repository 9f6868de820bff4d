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

// enrol confirms a new device and keeps its record. The user is signed in
// already: what fails is told in Tokens.DeviceError.
func (e *engine) enrol(ctx, caller context.Context, t *Tokens, made *types.NewDeviceMetadataType) {
	if e.options.Devices == nil {
		e.in.device.failed(errors.New("flow: the pool tracks devices and refuses to refresh the tokens of one that is not confirmed; set Options.Devices, in the call that ends the sign-in too"))
		return
	}
	api, ok := e.api.(DeviceAPI)
	if !ok {
		e.in.device.failed(fmt.Errorf("flow: the device is not remembered: %T does not have the operations of DeviceAPI", e.api))
		return
	}
	credentials, verifier, err := device.New(aws.ToString(made.DeviceKey), aws.ToString(made.DeviceGroupKey))
	if err != nil {
		e.in.device.failed(err)
		return
	}
	out, err := api.ConfirmDevice(ctx, &cip.ConfirmDeviceInput{
		AccessToken: aws.String(t.AccessToken.Reveal()),
		DeviceKey:   made.DeviceKey,
		DeviceName:  optional(e.options.DeviceName),
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{
			PasswordVerifier: aws.String(verifier.PasswordVerifier), Salt: aws.String(verifier.Salt),
		},
	}, e.options.operationOptions()...)
	// The key is new and ours alone. If it is confirmed already, it was by this
	// call, whose first response was lost and whose retry found it done.
	var exists *types.DeviceKeyExistsException
	if err != nil && !errors.As(err, &exists) {
		e.in.device.failed(fmt.Errorf("flow: the device is not remembered: %w", operationError("ConfirmDevice", err, t.AccessToken, secret.New(verifier.PasswordVerifier))))
		return
	}
	t.DeviceKey = credentials.Key
	if err := e.keepDevice(ctx, t, credentials); err != nil {
		e.in.device.failed(fmt.Errorf("flow: the device is confirmed, and its record could not be kept: %w", err))
		return
	}
	if exists != nil || out.UserConfirmationNecessary {
		e.decide(caller, t)
	}
}

// keepDevice writes the record. The device of a record that it replaces stays
// with the pool: other tokens may have been issued on it, and need it.
func (e *engine) keepDevice(ctx context.Context, t *Tokens, credentials device.Credentials) error {
	data, err := json.Marshal(credentials)
	if err != nil {
		return err
	}
	name := e.app.deviceRecord(t.Username)
	if err := e.options.Devices.Put(ctx, name, data); err != nil {
		return err
	}
	e.in.device.known = &remembered{credentials, t.Username}
	return nil
}

// devices is Driver.Devices with the options of this call.
func (e *engine) devices(t *Tokens) *Devices {
	return e.Devices(t, func(o *Options) { *o = e.options })
}

// decide asks the user whether to remember the device, in a pool that leaves
// it to the user.
func (e *engine) decide(ctx context.Context, t *Tokens) {
	if e.options.RememberDevice == nil {
		return
	}
	decision, err := e.options.RememberDevice(ctx, t)
	if err == nil && decision != AskLater {
		err = e.devices(t).Remember(ctx, t.DeviceKey, decision == Remember)
	}
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: whether to remember the device is not settled: %w", err))
	}
}

// keepAliases makes the names that the user signed in by lead to the record.
func (e *engine) keepAliases(ctx context.Context, t *Tokens) {
	if e.options.Devices == nil || e.in.device.known == nil {
		return
	}
	for _, name := range []string{e.st.names.typed, e.st.names.srpID} {
		if name == "" || name == t.Username {
			continue
		}
		record := e.app.aliasRecord(name)
		if known, err := e.options.Devices.Get(ctx, record); err == nil && string(known) == t.Username {
			continue
		}
		if err := e.options.Devices.Put(ctx, record, []byte(t.Username)); err != nil {
			e.in.device.failed(fmt.Errorf("flow: the device record cannot be found by %q: %w", name, err))
		}
	}
}
