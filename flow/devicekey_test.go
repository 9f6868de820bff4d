package flow_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// refresher is a service that refreshes, and keeps the parameters of each
// InitiateAuth. Device keys other than known do not exist.
type refresher struct {
	flow.API
	known string
	got   []map[string]string
}

func (r *refresher) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	r.got = append(r.got, in.AuthParameters)
	if key, ok := in.AuthParameters["DEVICE_KEY"]; ok && key != r.known {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Device does not exist.")}
	}
	return &cip.InitiateAuthOutput{AuthenticationResult: &types.AuthenticationResultType{AccessToken: aws.String("access")}}, nil
}

func TestRefreshSendsTheDeviceKeyThatItIsGiven(t *testing.T) {
	const given = "local-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789"
	for name, test := range map[string]struct {
		known    string
		requests int
	}{
		"a device that exists":        {given, 1},
		"a device that was forgotten": {"", 2},
	} {
		t.Run(name, func(t *testing.T) {
			api := &refresher{known: test.known}
			d, err := flow.New(api, flow.App{UserPoolID: "local-1_pool", ClientID: "app"}, flow.ThisMachine(new(device.Memory)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.SignIn(t.Context(), flow.RefreshTokenAuth{RefreshToken: secret.New("refresh"), DeviceKey: given}, nil); err != nil {
				t.Fatal(err)
			}
			if len(api.got) != test.requests || api.got[0]["DEVICE_KEY"] != given {
				t.Fatalf("got %d requests, the first with DEVICE_KEY %q", len(api.got), api.got[0]["DEVICE_KEY"])
			}
			if test.requests == 2 && api.got[1]["DEVICE_KEY"] != "" {
				t.Errorf("the repeated request has DEVICE_KEY %q", api.got[1]["DEVICE_KEY"])
			}
		})
	}
}
