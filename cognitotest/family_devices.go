package cognitotest

// devicesOperations are the operations of this family.
var devicesOperations = map[string]operation{
	"ConfirmDevice":           byUser(confirmDevice),
	"UpdateDeviceStatus":      byUser(updateDeviceStatus),
	"ListDevices":             byUser(listDevices),
	"GetDevice":               byUser(getDevice),
	"ForgetDevice":            byUser(forgetDevice),
	"AdminUpdateDeviceStatus": byAdmin(updateDeviceStatus),
	"AdminListDevices":        byAdmin(listDevices),
	"AdminGetDevice":          byAdmin(getDevice),
	"AdminForgetDevice":       byAdmin(forgetDevice),
}
