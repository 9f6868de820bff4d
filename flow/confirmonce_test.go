package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
)

// confirmLost has the pool confirm the device and lose the reply.
var confirmLost = cognitotest.Fault{Operation: "ConfirmDevice", AfterWork: true, Drop: true}

// If the store fails, a device can be confirmed with a password that nobody has any more. No
// sign-in uses such a device, and the user's good device stays.
func TestConfirmedWithALostPassword(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]brokenStore{
		"Put": {put: true}, "Get": {get: true}, "both": {get: true, put: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, func(c *cognitotest.PoolConfig) { c.Dialect.Parameters = "NONE" })
			whole := d.store
			d.signIn(passwordAuth("ada"), 1)
			fails.Store = whole
			d.store = &fails
			d.pool.Fail(confirmLost)
			tokens := d.signIn(passwordAuth("ada@example.com"), 1) // this sign-in enrols another device
			d.store = whole
			d.signIn(passwordAuth("ada"), 0)
			fresh, err := d.driver().Refresh(t.Context(), tokens, d.here)
			if err != nil {
				t.Fatal(err)
			}
			if fresh.Device.State != flow.DeviceConfirmed || fresh.Device.Err == nil || !strings.Contains(fresh.Device.Err.Error(), "not remembered") {
				t.Errorf("the device is %+v", fresh.Device)
			}
			d.signIn(passwordAuth("ada"), 0)
		})
	}
}

// A refresh without the browser confirms the device for the tokens alone. The machine of the
// driver does not remember the device, and a later sign-in does not use it.
func TestRefreshWithoutTheBrowser(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	machine := new(device.Memory)
	d.options = append(d.options, flow.ThisMachine(machine))
	d.pool.Fail(noConfirm)
	tokens := d.signIn(srpAuth("ada"), 1)
	if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
	if _, err := device.Machine(machine).Wallet(d.pool.ID(), d.client).FindKey(t.Context(), tokens.Device.Key); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("the machine has the browser's device: %v", err)
	}
	second := d.signIn(srpAuth("ada"), 1)
	if second.Device.Err != nil {
		t.Error(second.Device.Err)
	}
	if third := d.signIn(srpAuth("ada"), 0); third.Device.Key != second.Device.Key {
		t.Errorf("device %q, want %q", third.Device.Key, second.Device.Key)
	}
}

// If the service refuses ConfirmDevice, Token returns the valid access token and sends no
// refresh. If the service then refuses a refresh, the error has both reasons.
func TestConfirmRefused(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"NotAuthorizedException", "InvalidParameterException", "ForbiddenException", "ResourceNotFoundException"} {
		t.Run(refusal, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, nil)
			d.pool.Fail(cognitotest.Fault{Operation: "ConfirmDevice", Error: refusal, Times: 1000})
			tokens := d.signIn(srpAuth("ada"), 1)
			cleared := 0
			source := d.driver().TokenSource(tokens, func(o *flow.SourceOptions) {
				o.Clear = func(context.Context) error { cleared++; return nil }
				o.RefreshOptions = append(o.RefreshOptions, d.here)
			})
			for range 20 {
				token, err := source.Token()
				if err != nil || token.AccessToken != tokens.AccessToken.Reveal() {
					t.Fatalf("got %v", err)
				}
				source.Wait(t.Context())
			}
			if n := len(calls(d.pool, "GetTokensFromRefreshToken")); n != 0 || cleared != 0 {
				t.Errorf("%d refreshes, cleared %d times", n, cleared)
			}
			if n := len(calls(d.pool, "ConfirmDevice")); n > 3 { // one at the sign-in, and few because of the backoff
				t.Errorf("%d calls of ConfirmDevice", n)
			}
			_, err := d.driver().Refresh(t.Context(), tokens, d.here)
			if !errors.Is(err, flow.TokenRefused) || !strings.Contains(err.Error(), "the device is not confirmed: "+refusal) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// If a refresh confirms the device later, RememberDevice is asked then.
func TestDecisionAfterALateConfirmation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		always bool
		fault  cognitotest.Fault
		asked  int
	}{
		"throttled":              {false, noConfirm, 1},
		"lost":                   {false, confirmLost, 1},
		"lost, always remembers": {true, confirmLost, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = !test.always })
			asked := 0
			d.options = append(d.options, func(o *flow.Options) {
				o.RememberDevice = func(context.Context, *flow.Tokens) (flow.Decision, error) { asked++; return flow.Remember, nil }
			})
			d.pool.Fail(test.fault)
			tokens := d.signIn(srpAuth("ada"), 1)
			if _, err := d.driver().Refresh(t.Context(), tokens, d.here); err != nil {
				t.Fatal(err)
			}
			if asked != test.asked {
				t.Errorf("asked %d times, want %d", asked, test.asked)
			}
			d.signIn(srpAuth("ada"), 0)
		})
	}
}

// A sign-in confirms its own device before the device of an earlier sign-in. The time for the
// earlier device does not shorten the time for the new one.
func TestLateConfirmationComesLast(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.options = append(d.options, func(o *flow.Options) { o.RequestTimeout = 200 * time.Millisecond })
	d.pool.Fail(noConfirm)
	d.signIn(srpAuth("ada"), 1)
	d.pool.Fail(cognitotest.Fault{Operation: "ConfirmDevice", Skip: 1, DelayMilliseconds: 60_000})
	second := d.signIn(srpAuth("ada"), 1)
	if second.Device.State != flow.DeviceConfirmed || second.Device.Err != nil {
		t.Errorf("the device is %+v", second.Device)
	}
	d.signIn(srpAuth("ada"), 0)
}

// A sign-in began with a device, and the pool will ask for the proof of the device after the
// code. Respond without that device fails and sends nothing. The prompt can be answered again.
func TestHolderChangesDuringTheSignIn(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func(*desk) []func(*flow.Options){
		"no holder": func(*desk) []func(*flow.Options) { return nil },
		"another holder": func(d *desk) []func(*flow.Options) {
			return []func(*flow.Options){flow.ThisBrowser(device.Browser(d.store, anID()))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, afterCode)
			d.signIn(srpAuth("ada"), 1)
			step, err := d.driver().Start(t.Context(), srpAuth("ada"), d.here)
			if err != nil {
				t.Fatal(err)
			}
			prompt := reread(t, step.Prompt)
			a, err := d.Answer(t.Context(), prompt.Challenge())
			if err != nil {
				t.Fatal(err)
			}
			mark := d.mark()
			_, err = d.driver().Respond(t.Context(), prompt, a, other(d)...)
			if e := flowError(t, err); e.Code() != flow.Misconfigured || e.Prompt == nil || d.mark() != mark {
				t.Errorf("got %v after %d requests", err, d.mark()-mark)
			}
			step, err = d.driver().Respond(t.Context(), prompt, a, d.here)
			if err != nil || step.Tokens == nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// If the store hangs, the sign-in goes on without the device after RequestTimeout.
func TestStoreThatHangs(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.options = append(d.options, func(o *flow.Options) { o.RequestTimeout = 100 * time.Millisecond })
	gets := 0
	d.store = hangingStore{d.store, &gets}
	tokens := d.signIn(srpAuth("ada"), 1)
	if !errors.Is(tokens.Device.Err, context.DeadlineExceeded) || gets != 1 {
		t.Errorf("the device is %+v after %d reads", tokens.Device, gets)
	}
	if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
		t.Error(err)
	}
}

type hangingStore struct {
	device.Store
	gets *int
}

func (h hangingStore) Get(ctx context.Context, _ string) ([]byte, error) {
	*h.gets++
	<-ctx.Done()
	return nil, ctx.Err()
}

// Go can compare two outcomes that have errors.
func TestOutcomesCompare(t *testing.T) {
	d := newDesk(t, nil)
	d.pool.Fail(noConfirm)
	tokens := d.signIn(srpAuth("ada"), 1)
	if copied := tokens.Device; copied != tokens.Device {
		t.Error("an outcome does not equal itself")
	}
}

// Start refreshes with a holder that is a machine. The Start of a sign-in would need a browser,
// because a device skips the second factor.
func TestStartOfARefreshOnAMachine(t *testing.T) {
	d := newDesk(t, nil)
	driver := d.driver(flow.ThisMachine(d.store))
	tokens, err := driver.SignIn(t.Context(), srpAuth("ada"), challenge.HandlerFunc(d.Answer))
	if err != nil {
		t.Fatal(err)
	}
	step, err := driver.Start(t.Context(), flow.RefreshTokenAuth{RefreshToken: tokens.RefreshToken, Username: "ada"})
	if err != nil || step.Tokens == nil {
		t.Error(err)
	}
}
