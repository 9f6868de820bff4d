package cognitotest

import (
	"slices"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// deviceSettings makes a pool track devices. Type DeviceConfiguration of package
// cognitotest, which has the same fields, says what each means.
type deviceSettings struct {
	ChallengeRequiredOnNewDevice     bool
	DeviceOnlyRememberedOnUserPrompt bool
}

// device is one device of a user. It is guarded by the pool's lock.
type device struct {
	number        int // in the user's list
	key, groupKey string
	name          string
	credential    *srp.Credential // nil until the device is confirmed
	remembered    bool
	forgotten     bool   // sessions and grants may still point here
	asked         string // the session in which the device was last asked

	created, modified, lastAuthenticated time.Time
}

func (d *device) confirmed() bool { return d != nil && d.credential != nil && !d.forgotten }

// newDeviceMetadata is how tokens tell of a new device.
type newDeviceMetadata struct{ DeviceKey, DeviceGroupKey string }

// metadataOf is nil for a device that the client knows already.
func metadataOf(d *device) *newDeviceMetadata {
	if d == nil || d.credential != nil {
		return nil
	}
	return &newDeviceMetadata{d.key, d.groupKey}
}

// newDevice gives the user a new device. The pool waits for ConfirmDevice to make
// more of the device.
func (p *userPool) newDevice(u *user) *device {
	now := p.now()
	u.lastDevice++
	d := &device{
		number: u.lastDevice, key: p.region() + "_" + random.UUID(), groupKey: p.deviceGroupKey,
		created: now, modified: now, lastAuthenticated: now,
	}
	u.devices = append(u.devices, d)
	waiting := slices.DeleteFunc(slices.Clone(u.devices), (*device).confirmed)
	if len(waiting) > maxUnconfirmedDevices {
		u.forgetDevice(waiting[0])
	}
	return d
}

// maxUnconfirmedDevices is how many devices of a user wait for ConfirmDevice: a
// client that does not confirm any gets a new one with each sign-in.
const maxUnconfirmedDevices = 100

func noSuchDevice() error {
	return exception.New("ResourceNotFoundException", "Device does not exist.")
}

// newGroupKey makes a device group key: a hyphen and eight letters or digits.
// A client that takes the key for a pool ID would cut it at an underscore.
func newGroupKey(d poolDialect) string {
	text := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return -1
		}
		return r
	}, random.Token(64))
	if d.GroupKeyUnderscore {
		return "-" + text[:3] + "_" + text[3:7]
	}
	return "-" + text[:8]
}

func (u *user) findDevice(key string) *device {
	for _, d := range u.devices {
		if d.key == key {
			return d
		}
	}
	return nil
}

func (u *user) forgetDevice(d *device) {
	d.forgotten = true
	u.devices = slices.DeleteFunc(u.devices, func(other *device) bool { return other == d })
}

// nameDevice takes the device key of a request of a sign-in, "" if it has none.
// A key that is no confirmed device of the user is refused, whatever else the
// request says.
func (c *call) nameDevice(si *signIn, key string) error {
	if c.pool.devices == nil || si.grant != nil || key == "" {
		return nil
	}
	named := si.user.findDevice(key)
	if !named.confirmed() {
		return noSuchDevice()
	}
	si.device = named
	return nil
}

// usesDevices says whether this is a sign-in in a pool that tracks devices.
func (c *call) usesDevices(si *signIn) bool {
	return c.pool.devices != nil && si.grant == nil
}

// mustProveDevice says whether the sign-in has named a remembered device that
// has not proved itself yet.
func (c *call) mustProveDevice(si *signIn) bool {
	if !c.usesDevices(si) || !si.device.confirmed() || !si.device.remembered || si.has("DEVICE_PASSWORD_VERIFIER") {
		return false
	}
	passwordless := !si.hasPassword() && si.has("EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
	return !passwordless || c.pool.dialect.DeviceAfterPasswordless
}

// deviceStandsIn says whether the device is asked in place of a second factor.
func (c *call) deviceStandsIn(si *signIn) bool {
	return c.mustProveDevice(si) && c.pool.devices.ChallengeRequiredOnNewDevice
}

// trackDevice gives a sign-in that has named no device a new one.
func (c *call) trackDevice(si *signIn) {
	if c.usesDevices(si) && !si.device.confirmed() {
		si.device = c.pool.newDevice(si.user)
	}
}

// findDevice takes the device's key for a session: only one is open for it at
// a time.
func findDevice(c *call, responses map[string]string) string {
	u := c.pool.lookUp(responses["USERNAME"])
	if u == nil {
		return ""
	}
	d := u.findDevice(responses["DEVICE_KEY"])
	if d == nil {
		return ""
	}
	return d.asked
}

var deviceSRPAuth = challenge{
	required: []string{"DEVICE_KEY", "SRP_A"},
	find:     findDevice,
	present:  presentNothing,
	answer: func(c *call, si *signIn, _ any, responses map[string]string) (string, error) {
		if !si.device.remembered {
			return "", exception.WrongCredentials()
		}
		var err error
		si.deviceA, err = srp.ParseClientA(responses["SRP_A"])
		return "DEVICE_PASSWORD_VERIFIER", err
	},
}

var devicePasswordVerifier = challenge{
	required: append([]string{"DEVICE_KEY"}, claimKeys...),
	optional: []string{"USERNAME", "DEVICE_KEY"},
	find:     findDevice,
	present: func(c *call, si *signIn) (map[string]string, any, error) {
		parameters, x := c.srpChallenge(si.device.credential, si.deviceA)
		parameters["USERNAME"] = si.user.name
		parameters["DEVICE_KEY"] = si.device.key
		return parameters, x, nil
	},
	answer: func(c *call, si *signIn, given any, responses map[string]string) (string, error) {
		x := given.(*srp.Exchange)
		if x.Credential != si.device.credential {
			return "", exception.WrongCredentials() // DEVICE_KEY is another device's
		}
		proved, err := checkClaim(c, x, responses)
		if err != nil {
			return "", err
		}
		if !proved {
			return "", exception.WrongCredentials()
		}
		si.device.lastAuthenticated = c.pool.now()
		si.passed("DEVICE_PASSWORD_VERIFIER")
		return "", nil
	},
}
