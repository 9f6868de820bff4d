package flow_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A refresh names the device of the program. If the service does not know the device, a
// second request names none.
func TestRefreshSendsTheDeviceKeyThatItIsGiven(t *testing.T) {
	const given = "local-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789"
	for name, replies := range map[string][]fakeReply{
		"a device that exists":        {{tokens: true}},
		"a device that was forgotten": {{err: &types.ResourceNotFoundException{Message: aws.String("Device does not exist.")}}, {tokens: true}},
	} {
		t.Run(name, func(t *testing.T) {
			api := &fakeAPI{replies: replies}
			d := api.driver(t, flow.ThisMachine(new(device.Memory)))
			if _, err := d.SignIn(t.Context(), flow.RefreshTokenAuth{RefreshToken: secret.New("refresh"), DeviceKey: given}, nil); err != nil {
				t.Fatal(err)
			}
			api.wantKeys(t, "REFRESH_TOKEN_AUTH")
			if key := api.sent[0].params["DEVICE_KEY"]; key != given {
				t.Errorf("the first request has the device key %q, want %q", key, given)
			}
		})
	}
}
