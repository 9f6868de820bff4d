package flow

import (
	"context"
	"errors"
	"net/http"

	"github.com/cognitoflow/cognitoflow/device"
)

// ThisMachine makes a sign-in use the remembered devices of this machine. Give it to [New] or
// to [Driver.SignIn] in a program whose users sit at the machine.
//
// A remembered device replaces the second factor. The users of a server sit anywhere, so a
// server must not give ThisMachine. [Driver.Start] and [Driver.Respond] refuse ThisMachine. There
// is an exception: in the same process, Respond takes ThisMachine with the prompt in an error of
// SignIn. Respond also takes it with the prompts that follow.
// [Driver.SignIn] refuses it if the context is of a request to a server of net/http. SignIn
// does not recognise other servers.
func ThisMachine(s device.Store) func(*Options) {
	return func(o *Options) { o.holder = device.Machine(s) }
}

// ThisBrowser makes a call use the remembered devices of one browser or one app
// installation. Give it to each call of a sign-in and of a refresh. The last call of the
// sign-in remembers the device. New and NewAdmin refuse ThisBrowser, because all users of a
// driver would share the devices.
//
// Make the holder with Sealer.Device of package seal, or with device.Browser and an ID that
// the browser or the installation keeps.
//
// The driver finds the device of a user by the pool's name for the user, and by the aliases of
// earlier sign-ins. Without a holder, the driver uses no device and remembers none. The driver
// confirms a new device all the same, because otherwise the service refuses to refresh the tokens.
func ThisBrowser(h device.Holder) func(*Options) {
	if h.IsZero() {
		h = device.Browser(nil, device.ID{}) // this holder has the error for the caller
	}
	return func(o *Options) { o.holder = h }
}

var (
	errBrowserAtNew  = errors.New("flow: all users of a driver would share the devices of ThisBrowser: give it to each call, or give ThisMachine to New")
	errMachineServer = errors.New("flow: with ThisMachine, users of a server would sign in from anywhere without a second factor: " +
		"give flow.ThisBrowser. If the user is this program itself, give a context that is not of a request")
	errMachineStep = errors.New("flow: with ThisMachine, users of Start and Respond would sign in from anywhere without a second factor: " +
		"give flow.ThisBrowser to each call, or use SignIn")
)

// checkUsers refuses the machine as the holder if the users may sit elsewhere.
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

// checkDriverHolder refuses a holder that may be given only to a call.
func (o *Options) checkDriverHolder() error {
	if !o.holder.IsZero() && !o.holder.IsMachine() {
		return errBrowserAtNew
	}
	return o.holder.Validate()
}

// wallet returns the wallet of the holder of this call.
func (e *engine) wallet() device.Wallet {
	return e.options.holder.Wallet(e.app.UserPoolID, e.app.ClientID)
}
