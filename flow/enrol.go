package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Decision is a user's decision about a new device: see Options.RememberDevice.
type Decision int

const (
	AskLater      Decision = iota // the device stays as the pool has made it, until DeviceList.Remember
	Remember                      // the device replaces a code from now on
	DoNotRemember                 // the pool knows the device, and the device does not replace a code
)

// ConfirmDevice confirms the device of tokens whose Device.State is [DeviceUnconfirmed]. The
// sign-in has tried that, and the operation ConfirmDevice of the service has failed or its
// reply was lost. The service refuses to refresh such tokens. The access token must not have
// expired.
//
// [Driver.Refresh] confirms the device before it refreshes. A [TokenSource] does so at its
// first call. The next sign-in of the user with the same holder confirms the device too.
//
// Give the holder of the sign-in. Without that holder, the device is confirmed and not
// remembered.
//
// Put the outcome into t.Device. If no device is unconfirmed, or if the confirmation fails,
// the outcome is t.Device unchanged. Call ConfirmDevice again after a failure. An error of the
// service is an *[Error].
func (d *Driver) ConfirmDevice(ctx context.Context, t *Tokens, optFns ...func(*Options)) (DeviceOutcome, error) {
	if t == nil || t.AccessToken.IsZero() {
		return DeviceOutcome{}, errors.New("flow: ConfirmDevice: the tokens have no access token")
	}
	e := d.engine(optFns)
	if err := e.options.holder.Validate(); err != nil {
		return t.Device, err
	}
	if t.Device.State != DeviceUnconfirmed {
		return t.Device, nil
	}
	confirmed := t.clone()
	if err := e.confirmLater(ctx, confirmed); err != nil {
		return t.Device, err
	}
	confirmed.Device.Err = e.deviceError()
	return confirmed.Device, nil
}

// enrol confirms the device that the pool has made for a sign-in, and keeps the device. The
// wallet gets the device first. If the call then ends early or its reply is lost, a later
// call confirms the device with the same password.
func (e *engine) enrol(ctx context.Context, t *Tokens) error {
	credentials, err := device.New(t.Device.Key, t.Device.GroupKey)
	if err != nil {
		return e.unconfirmed(err)
	}
	entry := device.Entry{Credentials: credentials, State: device.Unconfirmed, Used: e.options.Now()}
	unkept := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) error {
		return w.Put(ctx, t.Username, entry, e.st.names.typed, e.st.names.srpID)
	})
	t.Device.Kept = unkept == nil && !e.options.holder.IsZero()
	switch {
	case unkept != nil:
		e.in.device.failed(fmt.Errorf("flow: the device is not remembered, because it could not be kept: %w", unkept))
	case e.st.held && !t.Device.Kept:
		e.in.device.failed(errors.New("flow: the device is not remembered, because the call that ended the sign-in has no holder: give ThisBrowser to Respond as to Start"))
	}
	made, err := e.confirm(ctx, t, entry)
	if err != nil {
		return e.unconfirmed(err)
	}
	e.confirmed(ctx, t, made)
	return nil
}

// confirmed notes in the tokens and in the wallet that the device is confirmed.
func (e *engine) confirmed(ctx context.Context, t *Tokens, made confirmation) {
	kept := t.Device.Kept && e.noteConfirmed(ctx, t.Device.Key)
	t.Device = DeviceOutcome{Key: t.Device.Key, State: DeviceConfirmed, Kept: kept, Undecided: made.undecided}
}

// confirmLater confirms a device that enrol could not confirm, with the password in the
// wallet. If the wallet does not have the device, confirmLater takes a new password, so that
// the tokens can be refreshed. No sign-in can prove such a device.
func (e *engine) confirmLater(ctx context.Context, t *Tokens) error {
	var entry device.Entry
	err := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) (err error) {
		entry, err = w.FindKey(ctx, t.Device.Key)
		return err
	})
	unkept := err
	if unkept != nil {
		if entry.Credentials, err = device.New(t.Device.Key, t.Device.GroupKey); err != nil {
			return e.unconfirmed(err)
		}
	}
	made, err := e.confirm(ctx, t, entry)
	if err != nil {
		return e.unconfirmed(err)
	}
	switch {
	case unkept == nil:
	case e.options.holder.IsZero() && t.Device.Kept:
		e.in.device.failed(errors.New("flow: the device is confirmed and not remembered, because this call has no holder: give the holder of the sign-in, also in SourceOptions.RefreshOptions"))
	case !e.options.holder.IsZero():
		e.in.device.failed(fmt.Errorf("flow: the device is confirmed and not remembered, because the holder does not have it: %w", unkept))
	}
	t.Device.Kept = unkept == nil
	e.confirmed(ctx, t, made)
	if t.Device.Kept {
		e.decide(ctx, t)
	}
	return nil
}

// unconfirmed notes the reason why a device is not confirmed.
func (e *engine) unconfirmed(err error) error {
	var refused *Error // its text names the operation
	if !errors.As(err, &refused) {
		err = fmt.Errorf("flow: the device is not confirmed: %w", err)
	}
	e.in.device.failed(err)
	return err
}

// noteConfirmed marks a device of the wallet as confirmed, so that sign-ins use the device.
// The result tells whether the wallet has the device.
func (e *engine) noteConfirmed(ctx context.Context, key string) bool {
	err := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) error {
		kept, err := w.FindKey(ctx, key)
		if err == nil {
			err = w.Change(ctx, kept, func(kept *device.Entry) { kept.State = device.Confirmed })
		}
		return err
	})
	if err != nil && !errors.Is(err, device.ErrNotFound) { // another sign-in of the user has replaced the device
		e.in.device.failed(fmt.Errorf("flow: the device is not remembered, because its confirmation could not be noted: %w", err))
	}
	return err == nil
}

// confirmation is the result of the operation ConfirmDevice.
type confirmation struct {
	undecided bool // the pool lets the user decide whether the device is remembered
	before    bool // an earlier call has confirmed the device
}

func (e *engine) confirm(ctx context.Context, t *Tokens, entry device.Entry) (confirmation, error) {
	verifier, err := entry.Verifier()
	if err != nil {
		return confirmation{}, err
	}
	var out *cip.ConfirmDeviceOutput
	err = e.Call(ctx, "ConfirmDevice", func(ctx context.Context, c *Call) error {
		api, err := APIOf[DeviceAPI](c)
		if err != nil {
			return err
		}
		token, err := c.AccessToken(t)
		if err != nil {
			return err
		}
		c.Hide(secret.New(verifier.PasswordVerifier))
		out, err = api.ConfirmDevice(ctx, &cip.ConfirmDeviceInput{
			AccessToken: token,
			DeviceKey:   aws.String(entry.Key),
			DeviceName:  optional(e.options.DeviceName),
			DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{
				PasswordVerifier: aws.String(verifier.PasswordVerifier), Salt: aws.String(verifier.Salt),
			},
		}, c.Repeatable()...)
		return err
	}, e.options.replace)
	var exists *types.DeviceKeyExistsException
	switch {
	case errors.As(err, &exists): // the lost reply would have told whether the user decides
		return confirmation{undecided: e.isUndecided(ctx, t), before: true}, nil
	case err != nil:
		return confirmation{}, err
	}
	return confirmation{undecided: out.UserConfirmationNecessary}, nil
}

// isUndecided asks the service whether the device waits for the user's decision. If the
// service does not answer, the user is not asked.
func (e *engine) isUndecided(ctx context.Context, t *Tokens) bool {
	found, err := e.DeviceList(t, e.options.replace).Get(ctx, t.Device.Key)
	return err == nil && found != nil && slices.ContainsFunc(found.DeviceAttributes, func(a types.AttributeType) bool {
		return aws.ToString(a.Name) == "dev:device_remembered_status" && aws.ToString(a.Value) == "not_remembered"
	})
}

// makeUp confirms the device of an earlier sign-in that could not do so. The tokens of that
// sign-in may be in use, and cannot be refreshed before. A failure does not affect this
// sign-in, and nobody is told.
func (e *engine) makeUp(ctx context.Context, t *Tokens) {
	old := *e.in.device.unconfirmed
	if !e.wallet().IsOf(old, t.Username) {
		return
	}
	earlier := t.clone()
	earlier.Device = DeviceOutcome{Key: old.Key}
	switch made, err := e.confirm(ctx, earlier, old); {
	case err == nil && !made.before: // or the device may have another password
		e.noteConfirmed(ctx, old.Key)
	case isNotFound(err):
		e.withWallet(ctx, func(ctx context.Context, w device.Wallet) error { return w.Remove(ctx, t.Username, old.Key) })
	}
}

// decide asks Options.RememberDevice, in a pool that lets the user decide.
func (e *engine) decide(ctx context.Context, t *Tokens) {
	if !t.Device.Undecided || e.options.RememberDevice == nil || e.options.holder.IsZero() {
		return
	}
	decision, err := e.options.RememberDevice(ctx, t)
	if err == nil && decision != AskLater {
		err = e.DeviceList(t, e.options.replace).Remember(ctx, t.Device.Key, decision == Remember)
		t.Device.Undecided = err != nil
	}
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: it is not decided whether the device is remembered: %w", err))
	}
}
