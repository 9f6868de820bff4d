package cognitotest

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestDeviceOperations(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	admin, pool, alice := r.pool.AdminClient(), aws.String(r.pool.ID()), aws.String("alice")
	made := r.clock.Now()
	b, result := r.newDevice()
	r.unconfirmed() // is not listed
	var keys []string
	for range 3 {
		r.clock.Advance(time.Minute)
		more, _ := r.newDevice()
		keys = append(keys, more.key)
	}

	one, err := r.sdk.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &b.key})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range one.Device.DeviceAttributes {
		got[*a.Name] = *a.Value
	}
	if got["device_name"] != "browser" || got["device_status"] != "valid" || got["dev:device_remembered_status"] != "remembered" {
		t.Errorf("attributes %v", got)
	}
	if d := one.Device; *d.DeviceKey != b.key || !d.DeviceCreateDate.Equal(made) || !d.DeviceLastAuthenticatedDate.Equal(made) {
		t.Errorf("device %q made %v, last authenticated %v", *d.DeviceKey, d.DeviceCreateDate, d.DeviceLastAuthenticatedDate)
	}

	// Pages, with a device forgotten that the first page ended with.
	page, err := r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, Limit: aws.Int32(2)})
	if err != nil || len(page.Devices) != 2 || aws.ToString(page.PaginationToken) == "" {
		t.Fatalf("first page: %v, %v", page, err)
	}
	if *page.Devices[0].DeviceKey != b.key || *page.Devices[1].DeviceKey != keys[0] {
		t.Error("the first page has other devices")
	}
	if _, err := r.sdk.ForgetDevice(ctx, &cip.ForgetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &keys[0]}); err != nil {
		t.Fatal(err)
	}
	page, err = r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, Limit: aws.Int32(2), PaginationToken: page.PaginationToken})
	if err != nil || len(page.Devices) != 2 || page.PaginationToken != nil {
		t.Fatalf("last page: %v, %v", page, err)
	}
	if *page.Devices[0].DeviceKey != keys[1] || *page.Devices[1].DeviceKey != keys[2] {
		t.Error("the last page has other devices")
	}

	all, err := admin.AdminListDevices(ctx, &cip.AdminListDevicesInput{UserPoolId: pool, Username: alice})
	if err != nil || len(all.Devices) != 3 {
		t.Fatalf("the administrator sees %v, %v", all, err)
	}
	if _, err := admin.AdminUpdateDeviceStatus(ctx, &cip.AdminUpdateDeviceStatusInput{
		UserPoolId: pool, Username: alice, DeviceKey: &b.key, DeviceRememberedStatus: types.DeviceRememberedStatusTypeNotRemembered,
	}); err != nil {
		t.Fatal(err)
	}
	seen, err := admin.AdminGetDevice(ctx, &cip.AdminGetDeviceInput{UserPoolId: pool, Username: alice, DeviceKey: &b.key})
	if err != nil {
		t.Fatal(err)
	}
	if last := seen.Device.DeviceAttributes[len(seen.Device.DeviceAttributes)-1]; *last.Value != "not_remembered" {
		t.Errorf("%s = %s", *last.Name, *last.Value)
	}
	if _, err := admin.AdminForgetDevice(ctx, &cip.AdminForgetDeviceInput{UserPoolId: pool, Username: alice, DeviceKey: &b.key}); err != nil {
		t.Fatal(err)
	}
	_, err = admin.AdminGetDevice(ctx, &cip.AdminGetDeviceInput{UserPoolId: pool, Username: alice, DeviceKey: &b.key})
	wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
}

func TestDeviceOperationsThatAreRefused(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	b, result := r.newDevice()
	waiting, _ := r.unconfirmed()
	admin, pool := r.pool.AdminClient(), aws.String(r.pool.ID())

	for _, key := range []string{waiting.key, "eu-west-1_0123"} {
		_, err := r.sdk.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &key})
		wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
		_, err = r.sdk.ForgetDevice(ctx, &cip.ForgetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &key})
		wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
		_, err = r.sdk.UpdateDeviceStatus(ctx, &cip.UpdateDeviceStatusInput{AccessToken: result.AccessToken, DeviceKey: &key})
		wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
	}
	_, err := r.sdk.UpdateDeviceStatus(ctx, &cip.UpdateDeviceStatusInput{AccessToken: result.AccessToken, DeviceKey: &b.key, DeviceRememberedStatus: "maybe"})
	wantError(t, err, "InvalidParameterException", "deviceRememberedStatus")
	_, err = r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, Limit: aws.Int32(61)})
	wantError(t, err, "InvalidParameterException", "limit")
	for _, page := range []string{"0", "-1", "x"} {
		_, err = r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, PaginationToken: &page})
		wantError(t, err, "InvalidParameterException", "pagination token")
	}
	_, err = r.sdk.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: aws.String("e30.e30.e30"), DeviceKey: &b.key})
	wantError(t, err, "NotAuthorizedException", "Invalid Access Token")
	_, err = admin.AdminGetDevice(ctx, &cip.AdminGetDeviceInput{UserPoolId: pool, Username: aws.String("nobody"), DeviceKey: &b.key})
	wantError(t, err, "UserNotFoundException", "")
	_, err = r.sdk.AdminListDevices(ctx, &cip.AdminListDevicesInput{UserPoolId: pool, Username: aws.String("alice")})
	wantError(t, err, "MissingAuthenticationTokenException", "")
}
