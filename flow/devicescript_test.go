package flow_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// scriptedDesk returns a desk at which ada has a device, and a service that gives the replies
// in order. The function that scriptedDesk returns makes drivers of that service.
func scriptedDesk(t *testing.T, username string, replies ...fakeReply) (*desk, *fakeAPI, func() *flow.Driver) {
	t.Helper()
	d := newDesk(t, nil)
	d.signIn(srpAuth(username), 1)
	api := &fakeAPI{app: flow.App{UserPoolID: d.pool.ID(), ClientID: d.client}, replies: replies}
	return d, api, func() *flow.Driver { return api.driver(t) }
}

// wantKeys wants one request for each reply, and a device key in the requests with these
// names only.
func (a *fakeAPI) wantKeys(t *testing.T, want string) {
	t.Helper()
	var withKey []string
	for _, q := range a.sent {
		if q.params["DEVICE_KEY"] != "" {
			withKey = append(withKey, q.name())
		}
	}
	if got := strings.Join(withKey, " "); got != want || len(a.sent) != len(a.replies) {
		t.Errorf("device keys in %q, want %q; %d requests, want %d", got, want, len(a.sent), len(a.replies))
	}
}

func answering(a challenge.Answer) challenge.Handler {
	return challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) { return a, nil })
}

// The request with a passkey has no device key. The other requests have the device key.
func TestPasskeyNamesNoDevice(t *testing.T) {
	d, pool, driver := scriptedDesk(t, "ada",
		fakeReply{challenge: "SELECT_CHALLENGE"},
		fakeReply{challenge: "WEB_AUTHN"},
		fakeReply{tokens: true})
	_, err := driver().SignIn(t.Context(), flow.UserAuth{Username: "ada"}, challenge.Mux{
		challenge.SelectChallenge: answering(challenge.Choose(challenge.WebAuthn)),
		challenge.WebAuthn:        answering(challenge.Credential([]byte("{}"))),
	}, d.here)
	if err != nil {
		t.Fatal(err)
	}
	pool.wantKeys(t, "USER_AUTH SELECT_CHALLENGE")
}

// If the pool tells that an alias is another user's, the requests do not name the device of
// the alias any more. The record of the device stays.
func TestAliasThatMoved(t *testing.T) {
	custom := fakeReply{challenge: "CUSTOM_CHALLENGE", params: map[string]string{"USERNAME": "bob"}}
	replies := []fakeReply{custom, custom, {tokens: true}}
	f := flow.CustomAuth{Username: "ada@example.com"}
	wantRecord := func(d *desk) {
		t.Helper()
		if _, err := d.wallet().Find(t.Context(), "ada"); err != nil {
			t.Errorf("ada's device: %v", err)
		}
	}

	d, pool, driver := scriptedDesk(t, "ada@example.com", replies...)
	if _, err := driver().SignIn(t.Context(), f, answering(challenge.Custom("42")), d.here); err != nil {
		t.Fatal(err)
	}
	pool.wantKeys(t, "CUSTOM_AUTH")
	wantRecord(d)

	d, pool, driver = scriptedDesk(t, "ada@example.com", replies...)
	step, err := driver().Start(t.Context(), f, d.here)
	for err == nil && step.Prompt != nil {
		step, err = driver().Respond(t.Context(), step.Prompt, challenge.Custom("42"), d.here)
	}
	if err != nil {
		t.Fatal(err)
	}
	pool.wantKeys(t, "CUSTOM_AUTH")
	wantRecord(d)
}

// A program gives a refresh a device key. The driver does not prove that device with the
// password of another device in the store.
func TestGivenKeyProvesNothing(t *testing.T) {
	d, pool, driver := scriptedDesk(t, "ada", fakeReply{challenge: "DEVICE_SRP_AUTH"})
	_, err := driver().SignIn(t.Context(), flow.RefreshTokenAuth{
		RefreshToken: secret.New("refresh"), Username: "ada", DeviceKey: "local-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789",
	}, nil, d.here)
	if !errors.Is(err, challenge.ErrNoAnswer) {
		t.Errorf("got %v", err)
	}
	pool.wantKeys(t, "REFRESH_TOKEN_AUTH")
}

// The driver proves a device once, because each proof lets the peer test one password of the
// device. The first of the two requests of a proof tells nothing of the password.
func TestDeviceIsProvedOnce(t *testing.T) {
	opens := fakeReply{challenge: "DEVICE_SRP_AUTH"}
	claims := fakeReply{challenge: "DEVICE_PASSWORD_VERIFIER", params: verifierParams(map[string]string{"USERNAME": ""})}
	d, pool, driver := scriptedDesk(t, "ada", opens, claims, opens, claims)
	_, err := driver().SignIn(t.Context(), flow.CustomAuth{Username: "ada"}, nil, d.here)
	if !errors.Is(err, flow.LimitReached) || !strings.Contains(err.Error(), "the device was proved once") {
		t.Errorf("got %v", err)
	}
	pool.wantKeys(t, "CUSTOM_AUTH DEVICE_SRP_AUTH DEVICE_PASSWORD_VERIFIER DEVICE_SRP_AUTH")
}

// If a sign-in succeeds without its device, the record of the device is removed, also if no
// new device replaces it.
func TestDeviceThatIsLeftOutIsForgotten(t *testing.T) {
	d, pool, driver := scriptedDesk(t, "ada",
		fakeReply{challenge: "DEVICE_SRP_AUTH"},
		fakeReply{challenge: "DEVICE_PASSWORD_VERIFIER", params: verifierParams(map[string]string{"SRP_B": "0"})},
		fakeReply{tokens: true})
	tokens, err := driver().SignIn(t.Context(), flow.CustomAuth{Username: "ada"}, nil, d.here)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.Device.Err == nil || !strings.Contains(tokens.Device.Err.Error(), "SRP_B") {
		t.Errorf("Device.Err is %v", tokens.Device.Err)
	}
	pool.wantKeys(t, "CUSTOM_AUTH DEVICE_SRP_AUTH")
	if _, err := d.wallet().Find(t.Context(), "ada"); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("the wallet still has the device: %v", err)
	}
}

// A refresh does not confirm a new device that comes with the tokens. The caller gets the
// tokens, and the next sign-in confirms the device.
func TestRefreshDoesNotEnrol(t *testing.T) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"username":"ada"}`))
	d, pool, driver := scriptedDesk(t, "ada", fakeReply{result: &types.AuthenticationResultType{
		AccessToken: aws.String("e30." + claims + ".c2ln"),
		NewDeviceMetadata: &types.NewDeviceMetadataType{
			DeviceKey: aws.String("local-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789"), DeviceGroupKey: aws.String("-g"),
		},
	}})
	tokens, err := driver().SignIn(t.Context(), flow.RefreshTokenAuth{RefreshToken: secret.New("refresh")}, nil, d.here)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.Device.State != flow.DeviceUnconfirmed || tokens.Device.GroupKey != "-g" || tokens.Device.Err == nil || !strings.Contains(tokens.Device.Err.Error(), "at refresh") {
		t.Errorf("Device is %+v", tokens.Device)
	}
	pool.wantKeys(t, "")
}

// If the pool has forgotten the device, a refresh is sent again without the device. The next
// sign-in removes the record.
func TestRefreshOfAForgottenDevice(t *testing.T) {
	for name, option := range map[string]func(*flow.Options){
		"GetTokensFromRefreshToken": func(*flow.Options) {}, "InitiateAuth": byAuthFlow,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			tokens := d.signIn(srpAuth("ada"), 1)
			if _, err := d.driver().Refresh(t.Context(), tokens, option); err != nil {
				t.Fatal(err)
			}
			d.pool.ForgetDevice("ada", tokens.Device.Key)
			mark := d.mark()
			_, err := d.driver().Refresh(t.Context(), tokens, option)
			var e *flow.Error
			if !errors.As(err, &e) || e.Remedy() != flow.StartAgain {
				t.Errorf("got %v", err)
			}
			if n := d.mark() - mark; n != 2 {
				t.Errorf("%d requests, want one with the key and one without", n)
			}
			if next := d.signIn(srpAuth("ada"), 1); next.Device.Key == tokens.Device.Key {
				t.Error("the record of the forgotten device is still used")
			}
		})
	}
}
