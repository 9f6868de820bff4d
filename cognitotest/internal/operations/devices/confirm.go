package devices

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

type confirmDeviceInput struct {
	AccessToken                string `model:"required,AccessToken"`
	DeviceKey                  string `model:"required,DeviceKey"`
	DeviceName                 string `model:"DeviceName"`
	DeviceSecretVerifierConfig *struct{ PasswordVerifier, Salt string }
}

type confirmDeviceOutput struct{ UserConfirmationNecessary bool }

func confirmDevice(c *api.Call, u *directory.User, in *confirmDeviceInput) (*confirmDeviceOutput, error) {
	d := u.FindDevice(in.DeviceKey)
	switch {
	case d == nil:
		return nil, directory.NoSuchDevice()
	case d.Confirmed():
		return nil, exception.New("DeviceKeyExistsException", "Device already exists.")
	case in.DeviceSecretVerifierConfig == nil:
		return nil, exception.MissingParameter("DeviceSecretVerifierConfig")
	}
	given := in.DeviceSecretVerifierConfig
	credential, err := srp.ReadCredential(d.GroupKey, d.Key, given.Salt, given.PasswordVerifier, c.Pool.Dialect.RawDeviceNumbers)
	if err != nil {
		return nil, err
	}
	d.Credential, d.Name, d.Modified = credential, in.DeviceName, c.Pool.Now()
	optIn := c.Pool.Devices != nil && c.Pool.Devices.DeviceOnlyRememberedOnUserPrompt
	d.Remembered = !optIn
	return &confirmDeviceOutput{UserConfirmationNecessary: optIn}, nil
}
