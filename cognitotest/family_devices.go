package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
)

// devicesOperations are the operations of this family.
var devicesOperations = map[string]api.Operation{
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
