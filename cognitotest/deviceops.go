package cognitotest

import (
	"slices"
	"strconv"

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

func confirmDevice(c *call, u *directory.User, in *confirmDeviceInput) (*confirmDeviceOutput, error) {
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
	credential, err := srp.ReadCredential(d.GroupKey, d.Key, given.Salt, given.PasswordVerifier, c.pool.Dialect.RawDeviceNumbers)
	if err != nil {
		return nil, err
	}
	d.Credential, d.Name, d.Modified = credential, in.DeviceName, c.pool.Now()
	optIn := c.pool.Devices != nil && c.pool.Devices.DeviceOnlyRememberedOnUserPrompt
	d.Remembered = !optIn
	return &confirmDeviceOutput{UserConfirmationNecessary: optIn}, nil
}

// deviceRequest has the members of all other operations on devices: those of
// the user start with AccessToken, their twins for administrators with
// UserPoolId and Username.
type deviceRequest struct {
	AccessToken            string `model:"AccessToken"`
	UserPoolId             string `model:"UserPoolId"`
	Username               string `model:"Username"`
	DeviceKey              string `model:"DeviceKey"`
	DeviceRememberedStatus string `model:"DeviceStatus"`
	Limit                  *int
	PaginationToken        string `model:"Page"`
}

// device finds the device that a request is about.
func (in *deviceRequest) device(u *directory.User) (*directory.Device, error) {
	if in.DeviceKey == "" {
		return nil, exception.MissingParameter("DeviceKey")
	}
	if d := u.FindDevice(in.DeviceKey); d.Confirmed() {
		return d, nil
	}
	return nil, directory.NoSuchDevice()
}

type getDeviceOutput struct{ Device shownDevice }

func getDevice(_ *call, u *directory.User, in *deviceRequest) (*getDeviceOutput, error) {
	d, err := in.device(u)
	if err != nil {
		return nil, err
	}
	return &getDeviceOutput{show(d)}, nil
}

// noOutput is the empty object.
type noOutput struct{}

func updateDeviceStatus(c *call, u *directory.User, in *deviceRequest) (*noOutput, error) {
	d, err := in.device(u)
	if err != nil {
		return nil, err
	}
	if status := in.DeviceRememberedStatus; status != "" { // the model has it optional
		d.Remembered, d.Modified = status == "remembered", c.pool.Now()
	}
	return &noOutput{}, nil
}

func forgetDevice(_ *call, u *directory.User, in *deviceRequest) (*noOutput, error) {
	d, err := in.device(u)
	if err != nil {
		return nil, err
	}
	u.ForgetDevice(d)
	return &noOutput{}, nil
}

type listDevicesOutput struct {
	Devices         []shownDevice
	PaginationToken string `json:",omitempty"`
}

const maxDevicesPerPage = 60

// listDevices lists confirmed devices, oldest first. The token of a page is
// the number of the last device before it, which stays when devices go.
func listDevices(_ *call, u *directory.User, in *deviceRequest) (*listDevicesOutput, error) {
	size := maxDevicesPerPage
	if in.Limit != nil && *in.Limit != 0 {
		size = *in.Limit
	}
	if size < 0 || size > maxDevicesPerPage {
		return nil, exception.InvalidParameter("Value at 'limit' failed to satisfy constraint: Member must be between 0 and %d", maxDevicesPerPage)
	}
	after := 0
	if in.PaginationToken != "" {
		var err error
		if after, err = strconv.Atoi(in.PaginationToken); err != nil || after <= 0 {
			return nil, exception.InvalidParameter("Invalid pagination token given.")
		}
	}
	rest := slices.DeleteFunc(slices.Clone(u.Devices), func(d *directory.Device) bool { return d.Number <= after || !d.Confirmed() })
	page := &listDevicesOutput{Devices: []shownDevice{}}
	for _, d := range rest[:min(size, len(rest))] {
		page.Devices = append(page.Devices, show(d))
	}
	if size < len(rest) {
		page.PaginationToken = strconv.Itoa(rest[size-1].Number)
	}
	return page, nil
}

// shownDevice is DeviceType. Times are seconds since 1970.
type shownDevice struct {
	DeviceKey                   string
	DeviceAttributes            []listedAttribute
	DeviceCreateDate            float64
	DeviceLastModifiedDate      float64
	DeviceLastAuthenticatedDate float64
}

func show(d *directory.Device) shownDevice {
	attributes := []listedAttribute{{"device_status", "valid"}}
	if d.Name != "" {
		attributes = append(attributes, listedAttribute{"device_name", d.Name})
	}
	status := "not_remembered"
	if d.Remembered {
		status = "remembered"
	}
	return shownDevice{
		DeviceKey: d.Key, DeviceAttributes: append(attributes, listedAttribute{"dev:device_remembered_status", status}),
		DeviceCreateDate: epochSeconds(d.Created), DeviceLastModifiedDate: epochSeconds(d.Modified),
		DeviceLastAuthenticatedDate: epochSeconds(d.LastAuthenticated),
	}
}
