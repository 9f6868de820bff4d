package signin

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// nameDevice records the device key of a request, which may be empty. The pool refuses a key
// that is no confirmed device of the user.
func nameDevice(c *api.Call, si *directory.SignIn, key string) error {
	if c.Pool.Devices == nil || si.Grant != nil || key == "" {
		return nil
	}
	named := si.User.FindDevice(key)
	if !named.Confirmed() {
		return directory.NoSuchDevice()
	}
	si.Device = named
	return nil
}

// usesDevices reports whether the pool tracks devices and the call is a sign-in.
func usesDevices(c *api.Call, si *directory.SignIn) bool {
	return c.Pool.Devices != nil && si.Grant == nil
}

// mustProveDevice reports whether the sign-in has named a remembered device that has not
// proved itself yet.
func mustProveDevice(c *api.Call, si *directory.SignIn) bool {
	if !usesDevices(c, si) || !si.Device.Confirmed() || !si.Device.Remembered || si.Has("DEVICE_PASSWORD_VERIFIER") {
		return false
	}
	passwordless := !si.HasPassword() && si.Has("EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
	return !passwordless || c.Pool.Dialect.DeviceAfterPasswordless
}

// deviceStandsIn reports whether the device replaces the second factor.
func deviceStandsIn(c *api.Call, si *directory.SignIn) bool {
	return mustProveDevice(c, si) && c.Pool.Devices.ChallengeRequiredOnNewDevice
}

// trackDevice gives a new device to a sign-in that has named no device.
func trackDevice(c *api.Call, si *directory.SignIn) {
	if usesDevices(c, si) && !si.Device.Confirmed() {
		si.Device = c.Pool.NewDevice(si.User)
	}
}

// findDevice returns the session of the last challenge of the device. A device has only one
// open session.
func findDevice(c *api.Call, responses map[string]string) string {
	u := c.Pool.LookUp(responses["USERNAME"])
	if u == nil {
		return ""
	}
	d := u.FindDevice(responses["DEVICE_KEY"])
	if d == nil {
		return ""
	}
	return d.Asked
}

var deviceSRPAuth = challenge{
	required: []string{"DEVICE_KEY", "SRP_A"},
	find:     findDevice,
	present:  presentNothing,
	answer: func(c *api.Call, si *directory.SignIn, _ any, responses map[string]string) (string, error) {
		if !si.Device.Remembered {
			return "", exception.WrongCredentials()
		}
		var err error
		si.DeviceA, err = srp.ParseClientA(responses["SRP_A"])
		return "DEVICE_PASSWORD_VERIFIER", err
	},
}

var devicePasswordVerifier = challenge{
	required: append([]string{"DEVICE_KEY"}, claimKeys...),
	optional: []string{"USERNAME", "DEVICE_KEY"},
	find:     findDevice,
	present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
		parameters, x := srpChallenge(c, si.Device.Credential, si.DeviceA)
		parameters["USERNAME"] = si.User.Name
		parameters["DEVICE_KEY"] = si.Device.Key
		return parameters, x, nil
	},
	answer: func(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (string, error) {
		x := given.(*srp.Exchange)
		if x.Credential != si.Device.Credential {
			return "", exception.WrongCredentials() // DEVICE_KEY names another device
		}
		proved, err := checkClaim(c, x, responses)
		if err != nil {
			return "", err
		}
		if !proved {
			return "", exception.WrongCredentials()
		}
		si.Device.LastAuthenticated = c.Pool.Now()
		si.Passed("DEVICE_PASSWORD_VERIFIER")
		return "", nil
	},
}
