package directory

import (
	"slices"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// DeviceSettings makes a pool track devices. Type DeviceConfiguration of package
// cognitotest, which has the same fields, says what each means.
type DeviceSettings struct {
	ChallengeRequiredOnNewDevice     bool
	DeviceOnlyRememberedOnUserPrompt bool
}

// Device is one device of a user. The pool's lock guards the fields.
type Device struct {
	Number        int // in the user's list
	Key, GroupKey string
	Name          string
	Credential    *srp.Credential // nil until the device is confirmed
	Remembered    bool
	forgotten     bool   // sessions and grants may still point here
	Asked         string // the session in which the device was last asked

	Created, Modified, LastAuthenticated time.Time
}

// Confirmed says whether this is a device that ConfirmDevice has completed and
// that nobody has forgotten. A nil device is not.
func (d *Device) Confirmed() bool { return d != nil && d.Credential != nil && !d.forgotten }

// NewDevice gives the user a new device. The pool waits for ConfirmDevice to make
// more of the device.
func (p *Pool) NewDevice(u *User) *Device {
	now := p.Now()
	u.lastDevice++
	d := &Device{
		Number: u.lastDevice, Key: p.Region() + "_" + random.UUID(), GroupKey: p.deviceGroupKey,
		Created: now, Modified: now, LastAuthenticated: now,
	}
	u.Devices = append(u.Devices, d)
	waiting := slices.DeleteFunc(slices.Clone(u.Devices), (*Device).Confirmed)
	if len(waiting) > maxUnconfirmedDevices {
		u.ForgetDevice(waiting[0])
	}
	return d
}

// maxUnconfirmedDevices is how many devices of a user wait for ConfirmDevice: a
// client that does not confirm any gets a new one with each sign-in.
const maxUnconfirmedDevices = 100

// NoSuchDevice is the exception for a key that is no device of the user.
func NoSuchDevice() error {
	return exception.New("ResourceNotFoundException", "Device does not exist.")
}

// newGroupKey makes a device group key: a hyphen and eight letters or digits.
// A client that takes the key for a pool ID would cut it at an underscore.
func newGroupKey(d Dialect) string {
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

// FindDevice finds a device of the user by its key, nil if there is none.
func (u *User) FindDevice(key string) *Device {
	for _, d := range u.Devices {
		if d.Key == key {
			return d
		}
	}
	return nil
}

// ForgetDevice takes a device away from the user.
func (u *User) ForgetDevice(d *Device) {
	d.forgotten = true
	u.Devices = slices.DeleteFunc(u.Devices, func(other *Device) bool { return other == d })
}
