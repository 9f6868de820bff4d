// Package devices has the operations on the devices of a user, for users and for
// administrators.
package devices

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"ConfirmDevice":           api.ByUser(confirmDevice),
	"UpdateDeviceStatus":      api.ByUser(updateDeviceStatus),
	"ListDevices":             api.ByUser(listDevices),
	"GetDevice":               api.ByUser(getDevice),
	"ForgetDevice":            api.ByUser(forgetDevice),
	"AdminUpdateDeviceStatus": api.ByAdmin(updateDeviceStatus),
	"AdminListDevices":        api.ByAdmin(listDevices),
	"AdminGetDevice":          api.ByAdmin(getDevice),
	"AdminForgetDevice":       api.ByAdmin(forgetDevice),
}
