package flow

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/pages"
)

// DeviceAPI has the operations on the devices of a user who is signed in.
type DeviceAPI interface {
	ConfirmDevice(context.Context, *cip.ConfirmDeviceInput, ...func(*cip.Options)) (*cip.ConfirmDeviceOutput, error)
	UpdateDeviceStatus(context.Context, *cip.UpdateDeviceStatusInput, ...func(*cip.Options)) (*cip.UpdateDeviceStatusOutput, error)
	ListDevices(context.Context, *cip.ListDevicesInput, ...func(*cip.Options)) (*cip.ListDevicesOutput, error)
	GetDevice(context.Context, *cip.GetDeviceInput, ...func(*cip.Options)) (*cip.GetDeviceOutput, error)
	ForgetDevice(context.Context, *cip.ForgetDeviceInput, ...func(*cip.Options)) (*cip.ForgetDeviceOutput, error)
}

// AdminDeviceAPI has the operations on the devices of any user, for a server with AWS
// credentials.
type AdminDeviceAPI interface {
	AdminUpdateDeviceStatus(context.Context, *cip.AdminUpdateDeviceStatusInput, ...func(*cip.Options)) (*cip.AdminUpdateDeviceStatusOutput, error)
	AdminListDevices(context.Context, *cip.AdminListDevicesInput, ...func(*cip.Options)) (*cip.AdminListDevicesOutput, error)
	AdminGetDevice(context.Context, *cip.AdminGetDeviceInput, ...func(*cip.Options)) (*cip.AdminGetDeviceOutput, error)
	AdminForgetDevice(context.Context, *cip.AdminForgetDeviceInput, ...func(*cip.Options)) (*cip.AdminForgetDeviceOutput, error)
}

// DeviceList is the list of devices that the service keeps of one user.
type DeviceList struct {
	driver   *Driver
	tokens   *Tokens // nil: the operations are those of administrators
	username string
	wallet   device.Wallet
	options  Options
}

// DeviceList returns the list of devices of the user to whom the tokens belong. The access
// token must not have expired. If the API of the driver is no [DeviceAPI], each method of the
// list fails with the code [Misconfigured]. The SDK client is a DeviceAPI.
func (d *Driver) DeviceList(t *Tokens, optFns ...func(*Options)) *DeviceList {
	if t == nil {
		t = new(Tokens)
	}
	return d.deviceList(t, t.Username, optFns)
}

// AdminDeviceList returns the list of any user, by the pool's name for the
// user. The driver must be made by NewAdmin, or with a client that can sign.
func (d *Driver) AdminDeviceList(username string, optFns ...func(*Options)) *DeviceList {
	return d.deviceList(nil, username, optFns)
}

func (d *Driver) deviceList(t *Tokens, username string, optFns []func(*Options)) *DeviceList {
	o := d.options.with(optFns)
	return &DeviceList{driver: d, tokens: t, username: username, wallet: o.holder.Wallet(d.app.UserPoolID, d.app.ClientID), options: o}
}

// All returns all devices. If the service has more than a hundred pages, the error has the
// code [UnexpectedReply].
func (d *DeviceList) All(ctx context.Context) (all []types.DeviceType, err error) {
	err = d.call(ctx, "ListDevices", func(ctx context.Context, calls deviceCalls) (err error) {
		all, err = pages.All(func(token *string) ([]types.DeviceType, *string, error) { return calls.list(ctx, token) })
		return err
	})
	return all, err
}

// Get returns the device with this key.
func (d *DeviceList) Get(ctx context.Context, key string) (found *types.DeviceType, err error) {
	err = d.call(ctx, "GetDevice", func(ctx context.Context, calls deviceCalls) (err error) {
		found, err = calls.get(ctx, key)
		return err
	})
	return found, err
}

// Remember sets whether the device may replace a code, in a pool that lets the user decide.
func (d *DeviceList) Remember(ctx context.Context, key string, remember bool) error {
	status := types.DeviceRememberedStatusTypeNotRemembered
	if remember {
		status = types.DeviceRememberedStatusTypeRemembered
	}
	return d.call(ctx, "UpdateDeviceStatus", func(ctx context.Context, calls deviceCalls) error { return calls.update(ctx, key, status) })
}

// Forget makes the service forget the device. If the options have a holder, Forget removes
// the device from the wallet of the holder too. A device that the service does not know is no
// error. Tokens that were issued on the device cannot be refreshed any more.
func (d *DeviceList) Forget(ctx context.Context, key string) error {
	if err := d.options.holder.Validate(); err != nil {
		return err
	}
	err := d.call(ctx, "ForgetDevice", func(ctx context.Context, calls deviceCalls) error { return calls.forget(ctx, key) })
	if err != nil && !isNotFound(err) {
		return err
	}
	if err := d.wallet.Remove(ctx, d.username, key); err != nil {
		return fmt.Errorf("flow: the service has forgotten the device, and the holder's wallet still has it: %w", err)
	}
	return nil
}

// call calls an operation, or its twin for administrators.
func (d *DeviceList) call(ctx context.Context, operation string, do func(context.Context, deviceCalls) error) error {
	if d.tokens == nil {
		operation = "Admin" + operation
	}
	return d.driver.Call(ctx, operation, func(ctx context.Context, c *Call) error {
		calls, err := d.calls(c)
		if err != nil {
			return err
		}
		return do(ctx, calls)
	}, d.options.replace)
}

func (d *DeviceList) calls(c *Call) (deviceCalls, error) {
	if d.tokens == nil {
		api, err := APIOf[AdminDeviceAPI](c)
		return adminDevices{api, c.App.UserPoolID, d.username, c.Repeatable()}, err
	}
	api, err := APIOf[DeviceAPI](c)
	if err != nil {
		return nil, err
	}
	token, err := c.AccessToken(d.tokens)
	return userDevices{api, token, c.Repeatable()}, err
}

// deviceCalls are the operations that have a twin for administrators.
type deviceCalls interface {
	list(ctx context.Context, page *string) ([]types.DeviceType, *string, error)
	get(ctx context.Context, key string) (*types.DeviceType, error)
	update(ctx context.Context, key string, status types.DeviceRememberedStatusType) error
	forget(ctx context.Context, key string) error
}

// devicesPerPage is the longest page of ListDevices.
const devicesPerPage = 60

type userDevices struct {
	api     DeviceAPI
	token   *string
	options []func(*cip.Options)
}

func (u userDevices) list(ctx context.Context, page *string) ([]types.DeviceType, *string, error) {
	out, err := u.api.ListDevices(ctx, &cip.ListDevicesInput{
		AccessToken: u.token, Limit: aws.Int32(devicesPerPage), PaginationToken: page,
	}, u.options...)
	if err != nil {
		return nil, nil, err
	}
	return out.Devices, out.PaginationToken, nil
}

func (u userDevices) get(ctx context.Context, key string) (*types.DeviceType, error) {
	out, err := u.api.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: u.token, DeviceKey: &key}, u.options...)
	if err != nil {
		return nil, err
	}
	return out.Device, nil
}

func (u userDevices) update(ctx context.Context, key string, status types.DeviceRememberedStatusType) error {
	_, err := u.api.UpdateDeviceStatus(ctx, &cip.UpdateDeviceStatusInput{
		AccessToken: u.token, DeviceKey: &key, DeviceRememberedStatus: status,
	}, u.options...)
	return err
}

func (u userDevices) forget(ctx context.Context, key string) error {
	_, err := u.api.ForgetDevice(ctx, &cip.ForgetDeviceInput{AccessToken: u.token, DeviceKey: &key}, u.options...)
	return err
}

type adminDevices struct {
	api              AdminDeviceAPI
	userPoolID, user string
	options          []func(*cip.Options)
}

func (a adminDevices) list(ctx context.Context, page *string) ([]types.DeviceType, *string, error) {
	out, err := a.api.AdminListDevices(ctx, &cip.AdminListDevicesInput{
		UserPoolId: &a.userPoolID, Username: &a.user, Limit: aws.Int32(devicesPerPage), PaginationToken: page,
	}, a.options...)
	if err != nil {
		return nil, nil, err
	}
	return out.Devices, out.PaginationToken, nil
}

func (a adminDevices) get(ctx context.Context, key string) (*types.DeviceType, error) {
	out, err := a.api.AdminGetDevice(ctx, &cip.AdminGetDeviceInput{UserPoolId: &a.userPoolID, Username: &a.user, DeviceKey: &key}, a.options...)
	if err != nil {
		return nil, err
	}
	return out.Device, nil
}

func (a adminDevices) update(ctx context.Context, key string, status types.DeviceRememberedStatusType) error {
	_, err := a.api.AdminUpdateDeviceStatus(ctx, &cip.AdminUpdateDeviceStatusInput{
		UserPoolId: &a.userPoolID, Username: &a.user, DeviceKey: &key, DeviceRememberedStatus: status,
	}, a.options...)
	return err
}

func (a adminDevices) forget(ctx context.Context, key string) error {
	_, err := a.api.AdminForgetDevice(ctx, &cip.AdminForgetDeviceInput{UserPoolId: &a.userPoolID, Username: &a.user, DeviceKey: &key}, a.options...)
	return err
}
