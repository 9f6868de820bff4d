package flow

import (
	"context"
	"errors"
	"net/http"

	"github.com/cognitoflow/cognitoflow/device"
)

// ThisMachine makes a sign-in use the remembered devices of this machine, for
// programs whose users sit at it: give it to [New] or to [Driver.SignIn].
//
// A remembered device takes the place of the second factor. The users of a server sit
// anywhere, so a server must not give ThisMachine. [Driver.Start] and
// [Driver.Respond] refuse it. [Driver.SignIn] refuses it with the context of a request
// to a server of net/http; SignIn cannot tell other servers.
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
	if h.IsZero() {
		h = device.Browser(nil, device.ID{}) // whose error says what is missing
	}
	return func(o *Options) { o.holder = h }
}

var (
	errBrowserAtNew  = errors.New("flow: ThisBrowser is of one browser, and all users of a driver would share its devices; give it to each call, or give ThisMachine")
	errMachineServer = errors.New("flow: ThisMachine is not for the users of a server: with its remembered device any user's password would sign in from anywhere, " +
		"without a second factor; give flow.ThisBrowser, or, if the user is this program itself, a context that is not a request's")
	errMachineStep = errors.New("flow: ThisMachine is not for Start and Respond: with its remembered device any user's password would sign in from anywhere, " +
		"without a second factor; give flow.ThisBrowser for the browser or installation in each call, or use SignIn")
)

// checkUsers refuses the machine as the holder of users who may sit elsewhere.
func (o *Options) checkUsers(ctx context.Context, stepByStep bool) error {
	switch {
	case !o.holder.IsMachine():
	case stepByStep:
		return errMachineStep
	case ctx.Value(http.ServerContextKey) != nil:
		return errMachineServer
	}
	return o.holder.Validate()
}

// checkDriverHolder refuses at New what may only be given to a call.
func (o *Options) checkDriverHolder() error {
	if !o.holder.IsZero() && !o.holder.IsMachine() {
		return errBrowserAtNew
	}
	return o.holder.Validate()
}

// wallet has the devices of the holder of this call.
func (e *engine) wallet() device.Wallet {
	return e.options.holder.Wallet(e.app.UserPoolID, e.app.ClientID)
}
