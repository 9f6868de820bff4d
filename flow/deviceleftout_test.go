package flow_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// If Start leaves a device out, Respond leaves the device out too, also in another process.
// The stored prompt carries the decision.
func TestDeviceStaysLeftOut(t *testing.T) {
	t.Parallel()
	for name, break_ := range map[string]func(*desk, *flow.Tokens){
		"refused":   func(d *desk, _ *flow.Tokens) { d.rewrite(otherPassword) },
		"forgotten": func(d *desk, first *flow.Tokens) { d.pool.ForgetDevice("ada", first.Device.Key) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			first := d.signIn(srpAuth("ada"), 1)
			break_(d, first)
			mark := d.mark()
			second := d.signInSteps(srpAuth("ada"), 1)
			names, maps := d.sent(mark)
			last := len(names) - 1
			if _, has := maps[last]["DEVICE_KEY"]; has || names[last] != "SOFTWARE_TOKEN_MFA" {
				t.Errorf("requests %q, the last with the device key: %v", names, has)
			}
			if second.Device.Key == first.Device.Key {
				t.Error("the device is still used")
			}
			d.signInSteps(srpAuth("ada"), 0)
		})
	}
}

// If the network fails twice during the proof, the wallet keeps the device.
func TestDeviceOutOfReachIsKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	first := d.signIn(srpAuth("ada"), 1)
	lostTwice := lost("RespondToAuthChallenge", 1, 1)
	d.pool.Fail(lostTwice, lostTwice, noConfirm)
	d.signInSteps(srpAuth("ada"), 1)
	if got := d.kept("ada").Key; got != first.Device.Key {
		t.Errorf("the wallet has %v", got)
	}
}

// An alias belongs to another user by now, and leads to the first user's device. That device
// and its record stay, and the alias does not lead to the device any more.
func TestAliasThatHasMovedSparesTheRecord(t *testing.T) {
	t.Parallel()
	for name, mark := range map[string]func(*device.Entry){
		"a device": func(*device.Entry) {}, "a suspect device": func(kept *device.Entry) { kept.State = device.Suspect },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			first := d.signIn(srpAuth("ada"), 1)
			if err := d.wallet().Change(t.Context(), d.kept("ada"), mark, "bob@example.com"); err != nil {
				t.Fatal(err)
			}
			api := &fakeAPI{replies: []fakeReply{
				{err: &types.ResourceNotFoundException{}}, {challenge: challenge.SMSMFA, params: map[string]string{"USERNAME": "bob"}}, {tokens: true},
			}}
			if name != "a device" {
				api.replies = api.replies[1:] // the key is not sent
			}
			driver, err := flow.New(api, flow.App{UserPoolID: d.pool.ID(), ClientID: d.client})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := driver.SignIn(t.Context(), passwordAuth("bob@example.com"), answering(challenge.Code("123456")), d.here); err != nil {
				t.Fatal(err)
			}
			if got := d.kept("ada").Key; got != first.Device.Key {
				t.Errorf("ada's device is %v", got)
			}
			if found, err := d.wallet().Find(t.Context(), "bob@example.com"); !errors.Is(err, device.ErrNotFound) {
				t.Errorf("the alias still leads to %v, %v", found.Key, err)
			}
		})
	}
}

// A sign-in marks the refused device as suspect. If another process has enrolled a new device
// meanwhile, the new device is not marked.
func TestSuspicionSparesAnothersRecord(t *testing.T) {
	t.Parallel()
	const other = "local-1_00000000-0000-4000-8000-000000000000"
	d := newDesk(t, afterCode)
	d.signIn(srpAuth("ada"), 1)
	d.rewrite(otherPassword)
	_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		d.rewrite(func(kept *device.Entry) { kept.Key = other })
		return d.Answer(ctx, c)
	}), d.here)
	if e := flowError(t, err); e.Code() != flow.DeviceRefused {
		t.Fatal(err)
	}
	if kept := d.kept("ada"); kept.Key != other || kept.State != device.Confirmed {
		t.Errorf("the wallet has the %q device %v", kept.State, kept.Key)
	}
}

// If another process has deleted the record of a refused device, the mark does not write the
// record again.
func TestSuspicionOfADeletedRecord(t *testing.T) {
	t.Parallel()
	d := newDesk(t, afterCode)
	first := d.signIn(srpAuth("ada"), 1)
	d.rewrite(otherPassword)
	_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if err := d.wallet().Remove(ctx, "ada", first.Device.Key); err != nil {
			return challenge.Answer{}, err
		}
		return d.Answer(ctx, c)
	}), d.here)
	if e := flowError(t, err); e.Code() != flow.DeviceRefused {
		t.Fatal(err)
	}
	d.wantNone(first.Device.Key)
}

// A caller gives up after the reply to the code, and the driver has tokens. The driver still
// confirms the device, because the service refuses to refresh the tokens otherwise.
func TestCallerWhoGivesUpAfterTheTokens(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tokens, err := d.driver().SignIn(ctx, srpAuth("ada"), d, d.here, func(o *flow.Options) {
		o.Observe = onExchange(func(op flow.Operation, _ flow.Outcome) {
			if op.Challenge == challenge.SoftwareTokenMFA {
				cancel()
			}
		})
	})
	if err != nil || tokens.Device.Err != nil {
		t.Fatal(err, tokens)
	}
	if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
		t.Error(err)
	}
}

// A server tells another user name with each reply, and knows none of the devices. After two
// devices, the sign-in tries no further device.
func TestNoDeviceAfterTwoLeftOut(t *testing.T) {
	t.Parallel()
	store := new(device.Memory)
	wallet := device.Machine(store).Wallet("eu-west-1_Fake", "app")
	keys := map[string]string{}
	for _, user := range []string{"ada", "bob", "eve"} {
		keys[user] = "eu-west-1_0a1b2c3d-0000-4000-8000-" + map[string]string{"ada": "00000000000a", "bob": "00000000000b", "eve": "00000000000e"}[user]
		entry := device.Entry{Credentials: device.Credentials{Key: keys[user], GroupKey: "-Group", Password: secret.New("device-password")}}
		if err := wallet.Put(t.Context(), user, entry); err != nil {
			t.Fatal(err)
		}
	}
	unknown := fakeReply{err: &types.ResourceNotFoundException{}}
	asks := func(name string) fakeReply {
		return fakeReply{challenge: challenge.CustomChallenge, params: map[string]string{"USERNAME": name}}
	}
	api := &fakeAPI{replies: []fakeReply{unknown, asks("bob"), unknown, asks("eve"), asks("ada"), {tokens: true}}}
	tokens, err := api.driver(t).SignIn(t.Context(), flow.CustomAuth{Username: "ada"}, answering(challenge.Custom("42")), flow.ThisMachine(store))
	if err != nil {
		t.Fatal(err)
	}
	var sent []string
	for _, q := range api.sent {
		sent = append(sent, q.params["DEVICE_KEY"])
	}
	if want := []string{keys["ada"], "", keys["bob"], "", "", ""}; !slices.Equal(sent, want) {
		t.Errorf("device keys %q, want %q", sent, want)
	}
	if tokens.Device.State != flow.DeviceDropped {
		t.Errorf("the device is %+v", tokens.Device)
	}
}
