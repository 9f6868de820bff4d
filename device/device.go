package device

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/srp"
)

// ErrUnusable says that Credentials are incomplete, or that a record cannot be read. Treat
// such a record as absent, and report the error.
var ErrUnusable = errors.New("device: record is unusable")

// Credentials are the keys and the password of one remembered device. The zero value is
// no device.
type Credentials struct {
	// Key is the DeviceKey of NewDeviceMetadata, such as
	// "us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789".
	Key string
	// GroupKey is the DeviceGroupKey of NewDeviceMetadata, such as "-Ex4mple1".
	GroupKey string
	// Password is the device password. [Credentials.Verifier] makes a verifier of it.
	Password secret.String
}

const (
	passwordBytes = 40 // as AWS's JavaScript client
	maxKeyLength  = 55 // of DeviceKeyType in the service model
	recordVersion = 1
)

// isKey reports whether key is a DeviceKeyType of the service model:
// [\w-]+_[0-9a-f-]+. A regular expression would cost every program that imports the
// package the time to compile it.
func isKey(key string) bool {
	const region, id = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-", "0123456789abcdef-"
	i := strings.LastIndexByte(key, '_')
	return i > 0 && i+1 < len(key) && strings.Trim(key[:i], region) == "" && strings.Trim(key[i+1:], id) == ""
}

// New makes the credentials of a new device, with the keys of NewDeviceMetadata. Every call
// makes a new password, the base64 text of 40 random bytes. Store the credentials before
// you send their Verifier to ConfirmDevice. If the reply is lost, the device may be
// confirmed, and the service does not have the password.
//
// New fails for keys that the service does not send. The error is a *[srp.ParameterError]
// that names DeviceKey or DeviceGroupKey.
func New(key, groupKey string) (Credentials, error) {
	if err := checkKeys(key, groupKey); err != nil {
		return Credentials{}, err
	}
	random := make([]byte, passwordBytes)
	rand.Read(random)
	return Credentials{Key: key, GroupKey: groupKey, Password: secret.New(base64.StdEncoding.EncodeToString(random))}, nil
}

// Verifier returns a verifier of the password for ConfirmDevice, as
// DeviceSecretVerifierConfig. Each call takes a new salt, and each verifier fits the
// password. The error is a *[srp.ParameterError].
func (c Credentials) Verifier() (srp.Verifier, error) {
	identity, err := srp.Device(c.GroupKey, c.Key, c.Password.Reveal())
	if err != nil {
		return srp.Verifier{}, err
	}
	return srp.NewVerifier(identity), nil
}

func checkKeys(key, groupKey string) error {
	switch {
	case len(key) > maxKeyLength || !isKey(key):
		return &srp.ParameterError{Parameter: "DeviceKey",
			Reason: fmt.Sprintf("%.64q is not a device key: want a region, an underscore and a lower-case UUID, at most %d characters", key, maxKeyLength)}
	case len(groupKey) > maxKeyLength:
		return &srp.ParameterError{Parameter: "DeviceGroupKey",
			Reason: fmt.Sprintf("%.64q is longer than %d characters: take it from the same NewDeviceMetadata as DeviceKey", groupKey, maxKeyLength)}
	case groupKey == "":
		return &srp.ParameterError{Parameter: "DeviceGroupKey", Reason: "is empty: take it from the same NewDeviceMetadata as DeviceKey"}
	}
	return nil
}

// Validate returns nil if c has all parts. Otherwise errors.Is finds [ErrUnusable], and the
// text names the part that is missing or malformed.
func (c Credentials) Validate() error {
	if err := checkKeys(c.Key, c.GroupKey); err != nil {
		return fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	if c.Password.IsZero() {
		return fmt.Errorf("%w: the device password is missing", ErrUnusable)
	}
	return nil
}

// LogValue gives log/slog the keys without the password.
func (c Credentials) LogValue() slog.Value {
	return slog.GroupValue(slog.String("device_key", c.Key), slog.String("device_group_key", c.GroupKey))
}

// record is the JSON form. If an older release would misread a change, the change needs
// the next version number.
type record struct {
	Version  int    `json:"version"`
	Key      string `json:"device_key"`
	GroupKey string `json:"device_group_key"`
	Password string `json:"device_password"`
}

// MarshalJSON returns the record to keep, password included. The record is an object with
// the members version (1), device_key, device_group_key and device_password.
// MarshalJSON fails if Validate does.
func (c Credentials) MarshalJSON() ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(record{recordVersion, c.Key, c.GroupKey, c.Password.Reveal()})
}

// UnmarshalJSON reads a record of MarshalJSON. After an error c has not changed, and
// errors.Is finds [ErrUnusable]. But json.Unmarshal returns a *json.SyntaxError for
// bytes that are not JSON, before it calls UnmarshalJSON.
func (c *Credentials) UnmarshalJSON(data []byte) error {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		// The error of encoding/json quotes from the data, and the data have a password.
		return fmt.Errorf("%w: not the JSON of device.Credentials", ErrUnusable)
	}
	if r.Version != recordVersion {
		return fmt.Errorf("%w: version is %d, want %d", ErrUnusable, r.Version, recordVersion)
	}
	read := Credentials{Key: r.Key, GroupKey: r.GroupKey, Password: secret.New(r.Password)}
	if err := read.Validate(); err != nil {
		return err
	}
	*c = read
	return nil
}
