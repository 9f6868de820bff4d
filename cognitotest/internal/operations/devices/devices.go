package devices

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// deviceRequest has the members of all other operations on devices. Operations of users have
// AccessToken. Operations of administrators have UserPoolId and Username.
type deviceRequest struct {
	AccessToken            string `model:"AccessToken"`
	UserPoolId             string `model:"UserPoolId"`
	Username               string `model:"Username"`
	DeviceKey              string `model:"DeviceKey"`
	DeviceRememberedStatus string `model:"DeviceStatus"`
	Limit                  *int   `model:"QueryLimit"`
	PaginationToken        string `model:"Page"`
}

// device returns the device of a request.
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

func getDevice(_ *api.Call, u *directory.User, in *deviceRequest) (*getDeviceOutput, error) {
	d, err := in.device(u)
	if err != nil {
		return nil, err
	}
	return &getDeviceOutput{show(d)}, nil
}

func updateDeviceStatus(c *api.Call, u *directory.User, in *deviceRequest) (*api.Nothing, error) {
	d, err := in.device(u)
	if err != nil {
		return nil, err
	}
	if status := in.DeviceRememberedStatus; status != "" { // the member is optional in the API model
		d.Remembered, d.Modified = status == "remembered", c.Pool.Now()
	}
	return &api.Nothing{}, nil
}

func forgetDevice(_ *api.Call, u *directory.User, in *deviceRequest) (*api.Nothing, error) {
	d, err := in.device(u)
	if err != nil {
		return nil, err
	}
	u.ForgetDevice(d)
	return &api.Nothing{}, nil
}

type listDevicesOutput struct {
	Devices         []shownDevice
	PaginationToken string `json:",omitempty"`
}

// listDevices returns confirmed devices, the oldest first.
func listDevices(_ *api.Call, u *directory.User, in *deviceRequest) (*listDevicesOutput, error) {
	confirmed := slices.DeleteFunc(slices.Clone(u.Devices), func(d *directory.Device) bool { return !d.Confirmed() })
	listed, next, err := api.Page(confirmed, func(d *directory.Device) int { return d.Number }, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	page := &listDevicesOutput{Devices: []shownDevice{}, PaginationToken: next}
	for _, d := range listed {
		page.Devices = append(page.Devices, show(d))
	}
	return page, nil
}

// shownDevice is DeviceType. Times are seconds since 1970.
type shownDevice struct {
	DeviceKey                   string
	DeviceAttributes            []api.Attribute
	DeviceCreateDate            float64
	DeviceLastModifiedDate      float64
	DeviceLastAuthenticatedDate float64
}

func show(d *directory.Device) shownDevice {
	attributes := []api.Attribute{{Name: "device_status", Value: "valid"}}
	if d.Name != "" {
		attributes = append(attributes, api.Attribute{Name: "device_name", Value: d.Name})
	}
	status := "not_remembered"
	if d.Remembered {
		status = "remembered"
	}
	return shownDevice{
		DeviceKey: d.Key, DeviceAttributes: append(attributes, api.Attribute{Name: "dev:device_remembered_status", Value: status}),
		DeviceCreateDate: api.EpochSeconds(d.Created), DeviceLastModifiedDate: api.EpochSeconds(d.Modified),
		DeviceLastAuthenticatedDate: api.EpochSeconds(d.LastAuthenticated),
	}
}
