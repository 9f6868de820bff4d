package flow

import (
	"errors"

	"github.com/cognitoflow/cognitoflow/device"
)

// ThisMachine makes a sign-in use the remembered devices of this machine, for
// programs whose users sit at it: give it to [New] or to [Driver.SignIn].
//
// A remembered device takes the place of the second factor. In [Driver.Start] and
// [Driver.Respond] the users may sit anywhere, so they refuse ThisMachine.
func ThisMachine(s device.Store) func(*Options) {
	return func(o *Options) { o.holder = device.Machine(s) }
}

// ThisBrowser makes a call use the remembered devices of one browser or one app
// installation. Give it to each call of a sign-in, Respond included: the call that
// ends the sign-in remembers the device. New and NewAdmin refuse it, because all
// users of a driver would share the devices.
//
// The holder is that of seal's Device, or of device.Browser with an ID that the
// browser or the installation keeps.
func ThisBrowser(h device.Holder) func(*Options) {
	return func(o *Options) { o.holder = h }
}

var (
	errBrowserAtNew = errors.New("flow: ThisBrowser is of one browser, and all users of a driver would share its devices; give it to each call, or give ThisMachine")
	errMachineStep  = errors.New("flow: ThisMachine is not for Start and Respond: with its remembered device any user's password would sign in from anywhere, " +
		"without a second factor; give flow.ThisBrowser for the browser or installation in each call, or use SignIn")
)

// checkHolder refuses a holder of devices that cannot be the user's.
func (o *Options) checkHolder(stepByStep bool) error {
	if stepByStep && o.holder.IsMachine() {
		return errMachineStep
	}
	return o.holder.Validate()
}

// checkHolder refuses at New what may only be given to a call.
func (o *Options) checkDriverHolder() error {
	if !o.holder.IsZero() && !o.holder.IsMachine() {
		return errBrowserAtNew
	}
	return o.holder.Validate()
}

// wallet has the devices of the holder of this call.
func (d *Driver) wallet(o *Options) device.Wallet {
	return o.holder.Wallet(d.app.UserPoolID, d.app.ClientID)
}
