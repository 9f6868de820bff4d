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

// DeviceOutcome is the device that tokens were issued on, and what became of it
// in the call that returned the tokens.
type DeviceOutcome struct {
	// Key is the device key, "" if the pool does not track devices or the tokens
	// tell no key.
	Key string
	// GroupKey is the device group key of an unconfirmed device. Its confirmation
	// needs the key.
	GroupKey string
	State    DeviceState
	// Kept: the holder's wallet has the device, so that the next sign-in from there
	// can use it once it is confirmed.
	Kept bool
	// Undecided: the call has confirmed the device, the pool leaves it to the user
	// whether the device is remembered, and Options.RememberDevice has not decided.
	// [DeviceList.Remember] does it, and leaves this field as it is.
	Undecided bool
	// Err, if not nil, is why a device could not be used, confirmed or kept. The
	// sign-in is complete all the same. It is not kept in JSON.
	Err error
}

// DeviceState says what a device is to the tokens. The texts are stable.
type DeviceState string

const (
	// NoDevice: the pool does not track devices, or nothing is known of the device,
	// as in tokens that an earlier release has kept.
	NoDevice DeviceState = ""
	// DeviceKnown: an earlier sign-in has enrolled the device.
	DeviceKnown DeviceState = "known"
	// DeviceConfirmed: the device is new, and the pool has its verifier.
	DeviceConfirmed DeviceState = "confirmed"
	// DeviceUnconfirmed: the device is new, and ConfirmDevice has failed. The
	// service refuses to refresh the tokens until the device is confirmed. While the
	// access token is valid, [Driver.Refresh] and [Driver.ConfirmDevice] can do it.
	DeviceUnconfirmed DeviceState = "unconfirmed"
	// DeviceDropped: the sign-in went on without the device of an earlier one, and
	// has no other device. Err says why, unless the pool does not know the device.
	DeviceDropped DeviceState = "dropped"
)

// settle does what is left to do for a user who is signed in. It returns the
// tokens whatever happens: what fails is told in Tokens.Device.
// It goes on if the caller gives up: tokens of a device that is not confirmed
// cannot be refreshed.
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
		if refreshed { // the new tokens have to be kept before anything else is done
			u.failed(errors.New("flow: the pool sees a new device at refresh; the next refresh confirms it first"))
			break
		}
		if e.enrol(ctx, t) == nil {
			e.decide(caller, t)
		}
	case u.known != nil:
		t.Device = DeviceOutcome{Key: u.known.Key, State: DeviceKnown, Kept: u.isKept()}
		if !refreshed { // the new tokens have to be kept before anything else is done
			e.touch(ctx)
		}
	case t.Device.Key != "":
		t.Device.State = DeviceKnown
	case e.st.without.Key != "":
		t.Device.State = DeviceDropped
	}
	if u.unconfirmed != nil && !refreshed {
		e.makeUp(ctx, t) // last: what comes before is for these tokens
	}
	t.Device.Err = e.deviceError()
	return t
}

// withWallet uses the wallet of the holder. A store that hangs does not hang a
// sign-in, and is not asked again in this call.
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

var errStoreHung = errors.New("the store of the devices did not answer in time before")

// deviceError is what went wrong with devices in this call, without secrets.
func (e *engine) deviceError() error {
	if e.in.device.err == nil {
		return nil
	}
	return &quietError{e.in.device.err, e.secrets(request{})}
}

// forget removes a device that was refused, or that the pool does not know. If the
// device is another user's, an alias has led to it, and does so no longer.
func (e *engine) forget(ctx context.Context, user string) {
	err := e.withWallet(ctx, func(ctx context.Context, w device.Wallet) error {
		return w.Remove(ctx, user, e.st.without.Key, e.st.names.typed, e.st.names.srpID)
	})
	if err != nil {
		e.in.device.failed(fmt.Errorf("flow: a device that is of no use could not be removed from the wallet: %w", err))
	}
}

// touchEvery is how old the note of a device's last use gets. A note is a write,
// and begins the lifetime of a cookie anew.
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
