package flow_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// scriptedPool is a pool that answers one request after the other with what is
// written down, and notes the requests that came with a device key.
type scriptedPool struct {
	replies []cip.RespondToAuthChallengeOutput
	withKey []string
}

var someTokens = &types.AuthenticationResultType{AccessToken: aws.String("t")}

func (s *scriptedPool) next(name string, values map[string]string) *cip.RespondToAuthChallengeOutput {
	if values["DEVICE_KEY"] != "" {
		s.withKey = append(s.withKey, name)
	}
	reply := s.replies[0]
	s.replies = s.replies[1:]
	return &reply
}

func (s *scriptedPool) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	out := s.next(string(in.AuthFlow), in.AuthParameters)
	return &cip.InitiateAuthOutput{ChallengeName: out.ChallengeName, ChallengeParameters: out.ChallengeParameters, AuthenticationResult: out.AuthenticationResult}, nil
}

func (s *scriptedPool) RespondToAuthChallenge(_ context.Context, in *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	return s.next(string(in.ChallengeName), in.ChallengeResponses), nil
}

// scriptedDesk is a desk at which ada has a device, whose drivers talk to what
// is scripted.
func scriptedDesk(t *testing.T, username string, replies ...cip.RespondToAuthChallengeOutput) (*desk, *scriptedPool, func() *flow.Driver) {
	t.Helper()
	d, pool := newDesk(t, nil), &scriptedPool{replies: replies}
	d.signIn(srpAuth(username), 1)
	return d, pool, func() *flow.Driver {
		driver, err := flow.New(pool, flow.App{UserPoolID: d.pool.ID(), ClientID: d.client})
		if err != nil {
			t.Fatal(err)
		}
		return driver
	}
}

func (s *scriptedPool) wantKeys(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(s.withKey, " "); got != want || len(s.replies) != 0 {
		t.Errorf("device keys in %q, want %q; %d requests did not come", got, want, len(s.replies))
	}
}

func answering(a challenge.Answer) challenge.Handler {
	return challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) { return a, nil })
}

// A passkey is sent without a device key, all else with one.
func TestPasskeyNamesNoDevice(t *testing.T) {
	d, pool, driver := scriptedDesk(t, "ada",
		cip.RespondToAuthChallengeOutput{ChallengeName: "SELECT_CHALLENGE"},
		cip.RespondToAuthChallengeOutput{ChallengeName: "WEB_AUTHN"},
		cip.RespondToAuthChallengeOutput{AuthenticationResult: someTokens})
	_, err := driver().SignIn(t.Context(), flow.UserAuth{Username: "ada"}, challenge.Mux{
		challenge.SelectChallenge: answering(challenge.Choose(challenge.WebAuthn)),
		challenge.WebAuthn:        answering(challenge.Credential([]byte("{}"))),
	}, d.here)
	if err != nil {
		t.Fatal(err)
	}
	pool.wantKeys(t, "USER_AUTH SELECT_CHALLENGE")
}

// Once the pool has told that an alias is another user's, the device that the
// alias led to is out of it, and its record is left alone.
func TestAliasThatMoved(t *testing.T) {
	custom := cip.RespondToAuthChallengeOutput{ChallengeName: "CUSTOM_CHALLENGE", ChallengeParameters: map[string]string{"USERNAME": "bob"}}
	replies := []cip.RespondToAuthChallengeOutput{custom, custom, {AuthenticationResult: someTokens}}
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

// A key that a refresh is given does not prove itself with the password of the
// device in the store.
func TestGivenKeyProvesNothing(t *testing.T) {
	d, pool, driver := scriptedDesk(t, "ada", cip.RespondToAuthChallengeOutput{ChallengeName: "DEVICE_SRP_AUTH"})
	_, err := driver().SignIn(t.Context(), flow.RefreshTokenAuth{
		RefreshToken: secret.New("refresh"), Username: "ada", DeviceKey: "local-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789",
	}, nil, d.here)
	if !errors.Is(err, challenge.ErrNoAnswer) {
		t.Errorf("got %v", err)
	}
	pool.wantKeys(t, "REFRESH_TOKEN_AUTH")
}

// Each proof of a device lets the other end try one password of it, and once is
// enough for a pool. The first of the two requests of a proof tells nothing.
func TestDeviceIsProvedOnce(t *testing.T) {
	opens := cip.RespondToAuthChallengeOutput{ChallengeName: "DEVICE_SRP_AUTH"}
	claims := cip.RespondToAuthChallengeOutput{ChallengeName: "DEVICE_PASSWORD_VERIFIER", ChallengeParameters: verifierParams(map[string]string{"USERNAME": ""})}
	d, pool, driver := scriptedDesk(t, "ada", opens, claims, opens, claims)
	_, err := driver().SignIn(t.Context(), flow.CustomAuth{Username: "ada"}, nil, d.here)
	if !errors.Is(err, flow.LimitReached) || !strings.Contains(err.Error(), "the device was proved once") {
		t.Errorf("got %v", err)
	}
	pool.wantKeys(t, "CUSTOM_AUTH DEVICE_SRP_AUTH DEVICE_PASSWORD_VERIFIER DEVICE_SRP_AUTH")
}

// The record of a device that the sign-in had to leave out goes, although no new
// device takes its place.
func TestDeviceThatIsLeftOutIsForgotten(t *testing.T) {
	d, pool, driver := scriptedDesk(t, "ada",
		cip.RespondToAuthChallengeOutput{ChallengeName: "DEVICE_SRP_AUTH"},
		cip.RespondToAuthChallengeOutput{ChallengeName: "DEVICE_PASSWORD_VERIFIER", ChallengeParameters: verifierParams(map[string]string{"SRP_B": "0"})},
		cip.RespondToAuthChallengeOutput{AuthenticationResult: someTokens})
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

// A new device that comes with a refresh is left for the next sign-in: nothing
// comes between the new tokens and the caller.
func TestRefreshDoesNotEnrol(t *testing.T) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"username":"ada"}`))
	d, pool, driver := scriptedDesk(t, "ada", cip.RespondToAuthChallengeOutput{AuthenticationResult: &types.AuthenticationResultType{
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

// A refresh that finds the device forgotten is tried without the device. The
// next sign-in judges the record.
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
