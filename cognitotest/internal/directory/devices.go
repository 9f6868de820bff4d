package directory

import (
	"slices"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// DeviceSettings makes a pool track devices. cognitotest.DeviceConfiguration documents the
// fields.
type DeviceSettings struct {
	ChallengeRequiredOnNewDevice     bool
	DeviceOnlyRememberedOnUserPrompt bool
}

// Device is one device of a user. The lock of the pool guards the fields.
type Device struct {
	Number        int // the place in the list of the user
	Key, GroupKey string
	Name          string
	Credential    *srp.Credential // nil until the device is confirmed
	Remembered    bool
	forgotten     bool   // sessions and grants may still point here
	Asked         string // the session of the last challenge of the device

	Created, Modified, LastAuthenticated time.Time
}

// Confirmed reports whether ConfirmDevice has completed the device, and nobody has forgotten
// the device. The result is false for nil.
func (d *Device) Confirmed() bool { return d != nil && d.Credential != nil && !d.forgotten }

// NewDevice gives the user a new device, which waits for ConfirmDevice.
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

// maxUnconfirmedDevices is the number of devices of a user that wait for ConfirmDevice. A
// client that confirms no device gets a new one with each sign-in.
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

// FindDevice returns the device of the user with this key, or nil.
func (u *User) FindDevice(key string) *Device {
	for _, d := range u.Devices {
		if d.Key == key {
			return d
		}
	}
	return nil
}

// ForgetDevice deletes a device of the user.
func (u *User) ForgetDevice(d *Device) {
	d.forgotten = true
	u.Devices = slices.DeleteFunc(u.Devices, func(other *Device) bool { return other == d })
}
