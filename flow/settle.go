package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
)

// DeviceOutcome is the device of tokens, and its state after the call that returned the
// tokens.
//
// A device does not decide a sign-in. If the proof of a device fails, the driver starts the
// sign-in over once with the device. The session or the network may be at fault. If the proof
// fails again, the driver starts over without the device. If the sign-in then succeeds, the
// driver removes a device that was refused, or that the pool does not know, from the wallet.
//
// A sign-in cannot start over in [Driver.Respond], or after a person has given a code. If the
// pool then refuses the proof, the error has the code [DeviceRefused]. The next sign-in leaves
// the device out.
type DeviceOutcome struct {
	// Key is the device key, "" if the pool does not track devices or the tokens do not have
	// the key.
	Key string
	// GroupKey is the device group key of an unconfirmed device, for the confirmation.
	GroupKey string
	State    DeviceState
	// Kept: the holder's wallet has the device. The next sign-in with the holder uses the
	// device if it is confirmed.
	Kept bool
	// Undecided: the call has confirmed the device, and the user has not decided whether the
	// pool remembers the device. [DeviceList.Remember] decides, and does not change this field.
	Undecided bool
	// Err, if not nil, says why a device could not be used, confirmed or kept. The sign-in is
	// complete all the same. The JSON of Tokens does not have Err.
	Err error
}

// DeviceState is the state of the device of tokens. The texts are not changed.
type DeviceState string

const (
	// NoDevice: the pool does not track devices, or the tokens are from an earlier release.
	NoDevice DeviceState = ""
	// DeviceKnown: an earlier sign-in has enrolled the device.
	DeviceKnown DeviceState = "known"
	// DeviceConfirmed: the device is new, and the pool has its verifier.
	DeviceConfirmed DeviceState = "confirmed"
	// DeviceUnconfirmed: the device is new, and ConfirmDevice has failed. The service
	// refuses to refresh the tokens until the device is confirmed: see [Driver.ConfirmDevice].
	DeviceUnconfirmed DeviceState = "unconfirmed"
	// DeviceDropped: the sign-in went on without the remembered device, and the tokens have no
	// other device. Err says why, unless the pool does not know the device.
	DeviceDropped DeviceState = "dropped"
)

// settle makes the tokens of a sign-in, and confirms or updates the device. A failure does not
// keep settle from returning the tokens: Tokens.Device has the error. If the caller gives
// up, settle goes on, because tokens of an unconfirmed device cannot be refreshed.
func (e *engine) settle(ctx context.Context, result *types.AuthenticationResultType) *Tokens {
	caller := ctx
	ctx = context.WithoutCancel(ctx)
	t := newTokens(result, e.options.Now())
	o, u := e.in.opening, &e.in.device
	if t.RefreshToken.IsZero() && o != nil {
		t.RefreshToken = o.refreshToken // the service does not repeat it
	}
	if t.Username == "" {
		t.Username = e.st.names.username()
	}
	refreshed := o != nil && refreshes(o.flow)
	if e.st.without.Suspect && !refreshed {
		e.forget(ctx, t.Username) // the sign-in has succeeded without it
	}
	switch made := result.NewDeviceMetadata; {
	case made != nil:
		t.Device = DeviceOutcome{Key: aws.ToString(made.DeviceKey), GroupKey: aws.ToString(made.DeviceGroupKey), State: DeviceUnconfirmed}
		if refreshed { // the caller has to keep the new tokens first
			u.failed(errors.New("flow: the pool has made a new device at refresh, and the next refresh confirms it first"))
			break
		}
		if e.enrol(ctx, t) == nil {
			e.decide(caller, t)
		}
	case u.known != nil:
		t.Device = DeviceOutcome{Key: u.known.Key, State: DeviceKnown, Kept: u.isKept()}
		if !refreshed { // the caller has to keep the new tokens first
			e.touch(ctx)
		}
	case t.Device.Key != "":
		t.Device.State = DeviceKnown
	case e.st.without.Key != "":
		t.Device.State = DeviceDropped
	}
	if u.unconfirmed != nil && !refreshed {
		e.makeUp(ctx, t) // last, because the steps before are for these tokens
	}
	t.Device.Err = e.deviceError()
	return t
}

// withWallet uses the wallet of the holder. If the store does not answer in time, the sign-in
// goes on, and the call does not ask the store again.
func (e *engine) withWallet(ctx context.Context, use func(context.Context, device.Wallet) error) error {
	u := &e.in.device
	if u.storeHung {
		return errStoreHung
	}
	limited, cancel := e.options.withDeadline(ctx)
	defer cancel()
	err := use(limited, e.wallet())
	u.storeHung = err != nil && limited.Err() != nil && ctx.Err() == nil
	return err
}

var errStoreHung = errors.New("the store of the devices has not answered in time earlier in this call")

// deviceError returns the failures of devices in this call, without secrets.
func (e *engine) deviceError() error {
	if e.in.device.err == nil {
		return nil
	}
	return &quietError{e.in.device.err, e.secrets(request{})}
}

// forget removes a device that was refused, or that the pool does not know. If the device is
// another user's, forget removes the alias under which the device was found.
func (e *engine) forget(ctx context.Context, user string) {
	err := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) error {
		return w.Remove(ctx, user, e.st.without.Key, e.st.names.typed, e.st.names.srpID)
	})
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: a device that does not work could not be removed from the wallet: %w", err))
	}
}

// touchEvery is the time between two notes of a device's last use. A note is a write to the
// store, and starts the lifetime of a cookie again.
const touchEvery = 24 * time.Hour

// touch notes in the wallet that the device was used, and by which names.
func (e *engine) touch(ctx context.Context) {
	if !e.in.device.isKept() {
		return
	}
	now := e.options.Now()
	err := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) error {
		return w.Change(ctx, *e.in.device.known, func(kept *device.Entry) {
			if age := now.Sub(kept.Used); age < 0 || age >= touchEvery {
				kept.Used = now
			}
		}, e.st.names.typed, e.st.names.srpID)
	})
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: the use of the device could not be noted: %w", err))
	}
}
