package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Decision is a user's answer to whether a device shall be remembered.
type Decision int

const (
	AskLater      Decision = iota // nothing is changed; DeviceList.Remember can do it later
	Remember                      // the device may take the place of a code from now on
	DoNotRemember                 // the device is known to the pool and proves nothing
)

// ConfirmDevice confirms the device of tokens whose Device.State is
// [DeviceUnconfirmed], which the sign-in could not do. The access token must not
// have expired. [Driver.Refresh] does the same before it refreshes. The holder is
// that of the sign-in: without it, the device is confirmed and not remembered.
//
// The outcome is to be put into t.Device. It is t.Device itself if there is
// nothing to confirm. A confirmation that fails can be tried again.
func (d *Driver) ConfirmDevice(ctx context.Context, t *Tokens, optFns ...func(*Options)) (DeviceOutcome, error) {
	if t == nil || t.AccessToken.IsZero() {
		return DeviceOutcome{}, errors.New("flow: ConfirmDevice: there is no access token")
	}
	e := d.engine(optFns)
	if err := e.options.checkHolder(false); err != nil {
		return t.Device, err
	}
	if t.Device.State != DeviceUnconfirmed {
		return t.Device, nil
	}
	limited, cancel := e.options.withDeadline(ctx)
	defer cancel()
	confirmed := t.clone()
	if err := e.enrol(limited, confirmed); err != nil {
		return t.Device, err
	}
	e.decide(ctx, confirmed)
	confirmed.Device.Err = e.deviceError()
	return confirmed.Device, nil
}

// enrol confirms the new device of tokens, and keeps it. The error, which is noted
// too, is why the device is not confirmed.
func (e *engine) enrol(ctx context.Context, t *Tokens) error {
	undecided := false
	entry, kept, err := e.keepUnconfirmed(ctx, t)
	if err == nil {
		undecided, err = e.confirm(ctx, t, entry)
	}
	if err != nil {
		err = fmt.Errorf("flow: the device is not confirmed: %w", err)
		e.in.device.failed(err)
		return err
	}
	t.Device = DeviceOutcome{Key: entry.Key, State: DeviceConfirmed, Undecided: undecided}
	switch {
	case kept:
		e.noteConfirmed(ctx, entry.Key)
	case e.options.holder.IsZero() && e.st.held:
		e.in.device.failed(errors.New("flow: the device is not remembered, because the call that ended the sign-in has no holder; give ThisBrowser to Respond as to Start"))
	}
	return nil
}

// keepUnconfirmed puts the new device of tokens into the wallet, which has it before
// the pool does: if the call is cut or its reply lost, a later call confirms the
// device with the same password.
func (e *engine) keepUnconfirmed(ctx context.Context, t *Tokens) (entry device.Entry, kept bool, err error) {
	wallet := e.wallet(&e.options)
	entry, unkept := wallet.FindKey(ctx, t.Device.Key) // that of an earlier call
	if errors.Is(unkept, device.ErrNotFound) || errors.Is(unkept, device.ErrUnusable) {
		unkept = nil
	}
	if entry.Key == "" {
		entry = device.Entry{State: device.Unconfirmed, Used: e.options.Now()}
		if entry.Credentials, _, err = device.New(t.Device.Key, t.Device.GroupKey); err != nil {
			return entry, false, err
		}
	}
	if unkept == nil {
		unkept = wallet.Put(ctx, t.Username, entry, e.st.names.typed, e.st.names.srpID)
	}
	if unkept != nil {
		e.in.device.failed(fmt.Errorf("flow: the device is not remembered, because it could not be kept: %w", unkept))
	}
	return entry, unkept == nil && !e.options.holder.IsZero(), nil
}

func (e *engine) noteConfirmed(ctx context.Context, key string) {
	wallet := e.wallet(&e.options)
	kept, err := wallet.FindKey(ctx, key)
	if err == nil {
		err = wallet.Change(ctx, kept, func(kept *device.Entry) { kept.State = device.Confirmed })
	}
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: the device is not remembered, because its confirmation could not be noted: %w", err))
	}
}

// confirm calls ConfirmDevice. It reports whether the pool leaves it to the user
// whether the device is remembered.
func (e *engine) confirm(ctx context.Context, t *Tokens, entry device.Entry) (undecided bool, err error) {
	api, ok := e.api.(DeviceAPI)
	if !ok {
		return false, fmt.Errorf("%T does not have the operations of DeviceAPI", e.api)
	}
	verifier, err := entry.Verifier()
	if err != nil {
		return false, err
	}
	out, err := api.ConfirmDevice(ctx, &cip.ConfirmDeviceInput{
		AccessToken: aws.String(t.AccessToken.Reveal()),
		DeviceKey:   aws.String(entry.Key),
		DeviceName:  optional(e.options.DeviceName),
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{
			PasswordVerifier: aws.String(verifier.PasswordVerifier), Salt: aws.String(verifier.Salt),
		},
	}, e.options.operationOptions()...)
	// A device that is confirmed already was confirmed by an earlier try, whose
	// reply was lost. Its reply would have told whether the user decides.
	var exists *types.DeviceKeyExistsException
	if errors.As(err, &exists) {
		return true, nil
	}
	if err != nil {
		return false, operationError("ConfirmDevice", err, t.AccessToken, secret.New(verifier.PasswordVerifier))
	}
	return out.UserConfirmationNecessary, nil
}

// makeUp confirms the device of an earlier sign-in that could not do so: the tokens
// of that sign-in may be in use, and cannot be refreshed before. What fails here
// is no concern of this sign-in.
func (e *engine) makeUp(ctx context.Context, t *Tokens) {
	wallet, old := e.wallet(&e.options), *e.in.device.unconfirmed
	if !wallet.IsOf(old, t.Username) {
		return
	}
	switch _, err := e.confirm(ctx, t, old); {
	case err == nil:
		e.noteConfirmed(ctx, old.Key)
	case isNotFound(err):
		wallet.Remove(ctx, t.Username, old.Key)
	}
}

// decide asks the user whether to remember the device, in a pool that leaves
// it to the user.
func (e *engine) decide(ctx context.Context, t *Tokens) {
	if !t.Device.Undecided || e.options.RememberDevice == nil || e.options.holder.IsZero() {
		return
	}
	decision, err := e.options.RememberDevice(ctx, t)
	if err == nil && decision != AskLater {
		list := e.DeviceList(t, func(o *Options) { *o = e.options })
		err = list.Remember(ctx, t.Device.Key, decision == Remember)
		t.Device.Undecided = err != nil
	}
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: whether to remember the device is not settled: %w", err))
	}
}
