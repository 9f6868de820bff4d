package flow_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// echoing refuses the operations on devices. The message repeats the access token, as messages of
// the service repeat malformed parameters.
type echoing struct{ scripted }

func refuseWith(token *string) error {
	return &types.InvalidParameterException{Message: aws.String("Value '" + aws.ToString(token) + "' at 'accessToken' is bad")}
}

func (echoing) ConfirmDevice(_ context.Context, in *cip.ConfirmDeviceInput, _ ...func(*cip.Options)) (*cip.ConfirmDeviceOutput, error) {
	return nil, refuseWith(in.AccessToken)
}

func (echoing) UpdateDeviceStatus(_ context.Context, in *cip.UpdateDeviceStatusInput, _ ...func(*cip.Options)) (*cip.UpdateDeviceStatusOutput, error) {
	return nil, refuseWith(in.AccessToken)
}

func (echoing) ListDevices(_ context.Context, in *cip.ListDevicesInput, _ ...func(*cip.Options)) (*cip.ListDevicesOutput, error) {
	return nil, refuseWith(in.AccessToken)
}

func (echoing) GetDevice(_ context.Context, in *cip.GetDeviceInput, _ ...func(*cip.Options)) (*cip.GetDeviceOutput, error) {
	return nil, refuseWith(in.AccessToken)
}

func (echoing) ForgetDevice(_ context.Context, in *cip.ForgetDeviceInput, _ ...func(*cip.Options)) (*cip.ForgetDeviceOutput, error) {
	return nil, refuseWith(in.AccessToken)
}

func TestDeviceErrorsDoNotEcho(t *testing.T) {
	const token = "access-token-of-ada"
	d, err := flow.New(echoing{}, anApp)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	devices := d.DeviceList(&flow.Tokens{AccessToken: secret.New(token), Username: "ada"})
	_, listErr := devices.All(ctx)
	_, getErr := devices.Get(ctx, "key")
	for name, err := range map[string]error{
		"All": listErr, "Get": getErr, "Remember": devices.Remember(ctx, "key", true), "Forget": devices.Forget(ctx, "key"),
	} {
		if err == nil {
			t.Errorf("%s was not refused", name)
			continue
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Error("refused", "err", err, "nested", struct{ Err error }{err})
		if strings.Contains(err.Error()+log.String(), token) {
			t.Errorf("the error of %s contains the access token: %v, %s", name, err, log.String())
		}
	}
}
