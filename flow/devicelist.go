package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/pages"
	"github.com/cognitoflow/cognitoflow/secret"
)

// DeviceAPI has the operations on the devices of a user who is signed in.
type DeviceAPI interface {
	ConfirmDevice(context.Context, *cip.ConfirmDeviceInput, ...func(*cip.Options)) (*cip.ConfirmDeviceOutput, error)
	UpdateDeviceStatus(context.Context, *cip.UpdateDeviceStatusInput, ...func(*cip.Options)) (*cip.UpdateDeviceStatusOutput, error)
	ListDevices(context.Context, *cip.ListDevicesInput, ...func(*cip.Options)) (*cip.ListDevicesOutput, error)
	GetDevice(context.Context, *cip.GetDeviceInput, ...func(*cip.Options)) (*cip.GetDeviceOutput, error)
	ForgetDevice(context.Context, *cip.ForgetDeviceInput, ...func(*cip.Options)) (*cip.ForgetDeviceOutput, error)
}

// AdminDeviceAPI has the same operations for a server with AWS credentials.
type AdminDeviceAPI interface {
	AdminUpdateDeviceStatus(context.Context, *cip.AdminUpdateDeviceStatusInput, ...func(*cip.Options)) (*cip.AdminUpdateDeviceStatusOutput, error)
	AdminListDevices(context.Context, *cip.AdminListDevicesInput, ...func(*cip.Options)) (*cip.AdminListDevicesOutput, error)
	AdminGetDevice(context.Context, *cip.AdminGetDeviceInput, ...func(*cip.Options)) (*cip.AdminGetDeviceOutput, error)
	AdminForgetDevice(context.Context, *cip.AdminForgetDeviceInput, ...func(*cip.Options)) (*cip.AdminForgetDeviceOutput, error)
}

// DeviceList is the list of devices that the service keeps of one user.
type DeviceList struct {
	calls    deviceCalls
	wallet   device.Wallet
	username string
	sent     []secret.String // what the service may repeat in a message
	options  Options
}

// DeviceList returns the list of the user whose tokens these are. The access
// token must not have expired. The SDK client has the operations; over another
// API that is no [DeviceAPI] every method fails.
func (d *Driver) DeviceList(t *Tokens, optFns ...func(*Options)) *DeviceList {
	if t == nil || t.AccessToken.IsZero() {
		return &DeviceList{calls: noDevices{errors.New("there is no access token")}, options: d.options.with(optFns)}
	}
	ds := &DeviceList{username: t.Username, sent: []secret.String{t.AccessToken}, options: d.options.with(optFns)}
	ds.wallet = ds.options.holder.Wallet(d.app.UserPoolID, d.app.ClientID)
	ds.calls = noDevices{fmt.Errorf("%T does not have the operations of DeviceAPI", d.api)}
	if api, ok := d.api.(DeviceAPI); ok {
		ds.calls = userDevices{api, t.AccessToken, ds.options.operationOptions()}
	}
	return ds
}

// AdminDeviceList returns the list of any user, by the pool's name for the
// user. The driver must be made by NewAdmin, or with a client that can sign.
func (d *Driver) AdminDeviceList(username string, optFns ...func(*Options)) *DeviceList {
	ds := &DeviceList{username: username, options: d.options.with(optFns)}
	ds.wallet = ds.options.holder.Wallet(d.app.UserPoolID, d.app.ClientID)
	ds.calls = noDevices{fmt.Errorf("%T does not have the operations of AdminDeviceAPI", d.api)}
	if api, ok := d.api.(AdminDeviceAPI); ok {
		ds.calls = adminDevices{api, d.app.UserPoolID, username, ds.options.operationOptions()}
	}
	return ds
}

// All returns all devices, following the service's pages. If the service has more
// than a hundred pages, the error has the code [UnexpectedReply].
func (d *DeviceList) All(ctx context.Context) ([]types.DeviceType, error) {
	ctx, cancel := d.options.withDeadline(ctx)
	defer cancel()
	all, err := pages.All(func(token *string) ([]types.DeviceType, *string, error) { return d.calls.list(ctx, token) })
	return all, operationError(d.calls.lists(), err, d.sent...)
}

// Get returns the device with this key.
func (d *DeviceList) Get(ctx context.Context, key string) (*types.DeviceType, error) {
	ctx, cancel := d.options.withDeadline(ctx)
	defer cancel()
	found, err := d.calls.get(ctx, key)
	return found, operationError("", err, d.sent...)
}

// Remember sets whether the device may take the place of a code in pools that
// leave it to the user.
func (d *DeviceList) Remember(ctx context.Context, key string, remember bool) error {
	status := types.DeviceRememberedStatusTypeNotRemembered
	if remember {
		status = types.DeviceRememberedStatusTypeRemembered
	}
	ctx, cancel := d.options.withDeadline(ctx)
	defer cancel()
	return operationError("", d.calls.update(ctx, key, status), d.sent...)
}

// Forget makes the service forget the device, and removes it from the wallet of
// the holder in the options, if there is one. A device that the service does not
// know any more is forgotten. Tokens that were issued on the device cannot be
// refreshed any more.
func (d *DeviceList) Forget(ctx context.Context, key string) error {
	if err := d.options.holder.Validate(); err != nil {
		return err
	}
	limited, cancel := d.options.withDeadline(ctx)
	defer cancel()
	if err := d.calls.forget(limited, key); err != nil && !isNotFound(err) {
		return operationError("", err, d.sent...)
	}
	if err := d.wallet.Remove(ctx, d.username, key); err != nil {
		return fmt.Errorf("flow: the service has forgotten the device, and the holder's wallet still has it: %w", err)
	}
	return nil
}

// deviceCalls are the operations that have a twin for administrators.
type deviceCalls interface {
	lists() string // the name of the operation
	list(ctx context.Context, page *string) ([]types.DeviceType, *string, error)
	get(ctx context.Context, key string) (*types.DeviceType, error)
	update(ctx context.Context, key string, status types.DeviceRememberedStatusType) error
	forget(ctx context.Context, key string) error
}

// devicesPerPage is the most that ListDevices gives.
const devicesPerPage = 60

// noDevices fails for want of an API.
type noDevices struct{ err error }

func (n noDevices) lists() string { return "" }
func (n noDevices) list(context.Context, *string) ([]types.DeviceType, *string, error) {
	return nil, nil, n.err
}
func (n noDevices) get(context.Context, string) (*types.DeviceType, error) { return nil, n.err }
func (n noDevices) update(context.Context, string, types.DeviceRememberedStatusType) error {
	return n.err
}
func (n noDevices) forget(context.Context, string) error { return n.err }

type userDevices struct {
	api     DeviceAPI
	token   secret.String
	options []func(*cip.Options)
}

func (u userDevices) accessToken() *string { return aws.String(u.token.Reveal()) }

func (u userDevices) lists() string { return "ListDevices" }

func (u userDevices) list(ctx context.Context, page *string) ([]types.DeviceType, *string, error) {
	out, err := u.api.ListDevices(ctx, &cip.ListDevicesInput{
		AccessToken: u.accessToken(), Limit: aws.Int32(devicesPerPage), PaginationToken: page,
	}, u.options...)
	if err != nil {
		return nil, nil, err
	}
	return out.Devices, out.PaginationToken, nil
}

func (u userDevices) get(ctx context.Context, key string) (*types.DeviceType, error) {
	out, err := u.api.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: u.accessToken(), DeviceKey: &key}, u.options...)
	if err != nil {
		return nil, err
	}
	return out.Device, nil
}

func (u userDevices) update(ctx context.Context, key string, status types.DeviceRememberedStatusType) error {
	_, err := u.api.UpdateDeviceStatus(ctx, &cip.UpdateDeviceStatusInput{
		AccessToken: u.accessToken(), DeviceKey: &key, DeviceRememberedStatus: status,
	}, u.options...)
	return err
}

func (u userDevices) forget(ctx context.Context, key string) error {
	_, err := u.api.ForgetDevice(ctx, &cip.ForgetDeviceInput{AccessToken: u.accessToken(), DeviceKey: &key}, u.options...)
	return err
}

type adminDevices struct {
	api              AdminDeviceAPI
	userPoolID, user string
	options          []func(*cip.Options)
}

func (a adminDevices) lists() string { return "AdminListDevices" }

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
