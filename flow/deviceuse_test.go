package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func passwordAuth(username string) flow.UserPasswordAuth {
	return flow.UserPasswordAuth{Username: username, Password: secret.New(password)}
}

// A user who signs in under several names has one device. From the third sign-in on, the first
// request has the device key under each name.
func TestOneDeviceForAllNames(t *testing.T) {
	const name, alias = "ada", "ada@example.com"
	flows := map[string]func(string) flow.AuthFlow{
		"USER_SRP_AUTH":      func(u string) flow.AuthFlow { return srpAuth(u) },
		"USER_PASSWORD_AUTH": func(u string) flow.AuthFlow { return passwordAuth(u) },
	}
	for flowName, f := range flows {
		for _, order := range [][2]string{{name, alias}, {alias, name}} {
			t.Run(flowName+" by "+order[0]+" first", func(t *testing.T) {
				d := newDesk(t, nil)
				first := d.signIn(f(order[0]), 1)
				for i, typed := range []string{order[1], order[0], order[1]} {
					mark := d.mark()
					asked := 0
					if i == 0 && flowName == "USER_PASSWORD_AUTH" && typed == alias {
						asked = 1 // the pool tells the user's name with the code challenge, and not earlier
					}
					tokens := d.signIn(f(typed), asked)
					if tokens.Device.Key != first.Device.Key {
						t.Fatalf("by %s: device %q, want %q", typed, tokens.Device.Key, first.Device.Key)
					}
					d.enrolled(name, tokens)
					if _, maps := d.sent(mark); i > 0 && maps[0]["DEVICE_KEY"] != first.Device.Key {
						t.Errorf("by %s: the first request has no device key", typed)
					}
				}
			})
		}
	}
}

// In some auth flows, the pool does not tell the user of an alias before the tokens. The driver
// keeps such tokens, and enrols a new device. Tokens with the old device can be refreshed.
func TestNewAliasEnrolsADevice(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*cognitotest.PoolConfig)
		asked  int
	}{
		"no second factor": {func(c *cognitotest.PoolConfig) {
			c.MFA = "OFF"
			c.Users[0].MFA, c.Users[0].TOTPSecret = nil, ""
		}, 0},
		"after a code": {func(c *cognitotest.PoolConfig) { c.Dialect.Parameters = "NONE" }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, test.change)
			first := d.signIn(passwordAuth("ada"), test.asked)
			mark := d.mark()
			second := d.signIn(passwordAuth("ada@example.com"), test.asked)
			if names, _ := d.sent(mark); names[0] != "USER_PASSWORD_AUTH" || slices.Contains(names[1:], "USER_PASSWORD_AUTH") {
				t.Errorf("sent %q", names)
			}
			if second.Device.Key == first.Device.Key {
				t.Error("the pool knew the device without its key")
			}
			for _, tokens := range []*flow.Tokens{first, second} {
				if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
					t.Error(err)
				}
			}
			for _, typed := range []string{"ada", "ada@example.com"} {
				if again := d.signIn(passwordAuth(typed), 0); again.Device.Key != second.Device.Key {
					t.Errorf("by %s: device %q, want %q", typed, again.Device.Key, second.Device.Key)
				}
			}
		})
	}
}

// If an alias leads to the device of another user, a sign-in with the alias does not remove
// that device.
func TestAliasThatMovedDeletesNoDevice(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) {
		c.MFA = "OFF"
		c.Users[0].MFA, c.Users[0].TOTPSecret = nil, ""
	})
	adas := d.signIn(passwordAuth("ada"), 0)
	bob := deskUser("bob")
	bob.MFA, bob.TOTPSecret = nil, ""
	if err := d.pool.AddUser(bob); err != nil {
		t.Fatal(err)
	}
	d.leadsToAda("bob@example.com")
	d.pool.Fail(noConfirm) // so that no new record takes the alias
	d.signIn(passwordAuth("bob@example.com"), 0)
	mark := d.mark()
	bobs := d.signIn(passwordAuth("bob@example.com"), 0)
	d.wantSent(mark, 0, "USER_PASSWORD_AUTH")
	d.remembered("bob", bobs)
	if again := d.signIn(passwordAuth("ada"), 0); again.Device.Key != adas.Device.Key {
		t.Errorf("ada has device %q, had %q", again.Device.Key, adas.Device.Key)
	}
}

// If an alias passes to another user, the device stays the first user's.
func TestAliasOfAnotherUser(t *testing.T) {
	d := newDesk(t, nil)
	first := d.signIn(srpAuth("ada@example.com"), 1)
	bob := deskUser("bob")
	if err := d.pool.AddUser(bob); err != nil {
		t.Fatal(err)
	}
	// The address is bob's by now.
	d.leadsToAda("bob@example.com")
	tokens := d.signIn(srpAuth("bob@example.com"), 1)
	d.enrolled("bob", tokens)
	if tokens.Device.Key == first.Device.Key {
		t.Error("bob has ada's device")
	}
	if led, err := d.wallet().Find(t.Context(), "bob@example.com"); err != nil || led.Key != tokens.Device.Key {
		t.Errorf("the alias leads to %q, %v", led.Key, err)
	}
}

// leadsToAda makes an alias lead to ada's device.
func (d *desk) leadsToAda(alias string) {
	d.t.Helper()
	if err := d.wallet().Change(d.t.Context(), d.kept("ada"), func(*device.Entry) {}, alias); err != nil {
		d.t.Fatal(err)
	}
}

// The code challenge of USER_PASSWORD_AUTH tells an ID under which the wallet has no record. A
// driver that answers the stored prompt finds the device by the name that the user gave.
func TestStepsFindTheDeviceByWhatWasTyped(t *testing.T) {
	for _, typed := range []string{"ada", "ada@example.com"} {
		t.Run(typed, func(t *testing.T) {
			d := newDesk(t, afterCode)
			first := d.signIn(srpAuth(typed), 1)
			mark := d.mark()
			second := d.signInSteps(passwordAuth(typed), 1)
			d.wantSent(mark, 4, "USER_PASSWORD_AUTH", "SOFTWARE_TOKEN_MFA", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
			if second.Device.Key != first.Device.Key {
				t.Errorf("device %q, want %q", second.Device.Key, first.Device.Key)
			}
		})
	}
}

// The driver does not need the optional parameters of a pool, and ignores additional ones.
func TestDeviceDialects(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]cognitotest.Dialect{
		"every session":   {Session: "ALWAYS"},
		"more parameters": {Parameters: "ALL"},
		"no parameters":   {Parameters: "NONE"},
		"hostile":         cognitotest.Hostile(),
	} {
		for _, configuration := range []cognitotest.DeviceConfiguration{{}, {ChallengeRequiredOnNewDevice: true}} {
			t.Run(name, func(t *testing.T) {
				d := newDesk(t, func(c *cognitotest.PoolConfig) {
					c.DeviceConfiguration, c.Dialect = &configuration, dialect
				})
				first := d.signIn(srpAuth("ada"), 1)
				asked := 1
				if configuration.ChallengeRequiredOnNewDevice {
					asked = 0
				}
				for _, signIn := range []func(flow.AuthFlow, int) *flow.Tokens{d.signIn, d.signInSteps} {
					mark := d.mark()
					if tokens := signIn(srpAuth("ada"), asked); tokens.Device.Key != first.Device.Key {
						t.Errorf("device %q, want %q", tokens.Device.Key, first.Device.Key)
					}
					if names, _ := d.sent(mark); !slices.Contains(names, "DEVICE_PASSWORD_VERIFIER") {
						t.Errorf("requests %q", names)
					}
				}
			})
		}
	}
}

func TestWhetherToRememberTheDevice(t *testing.T) {
	t.Parallel()
	decide := func(d flow.Decision, err error) func(context.Context, *flow.Tokens) (flow.Decision, error) {
		return func(_ context.Context, t *flow.Tokens) (flow.Decision, error) {
			if t.Device.Key == "" || t.AccessToken.IsZero() {
				return d, errors.New("RememberDevice does not get the device")
			}
			return d, err
		}
	}
	errTerminal := errors.New("the terminal is gone")
	for name, test := range map[string]struct {
		decide  func(context.Context, *flow.Tokens) (flow.Decision, error)
		updates int
		asked   int // questions to the person at the next sign-in
		err     error
	}{
		"remember":        {decide(flow.Remember, nil), 1, 0, nil},
		"do not remember": {decide(flow.DoNotRemember, nil), 1, 1, nil},
		"ask later":       {decide(flow.AskLater, nil), 0, 1, nil},
		"no function":     {nil, 0, 1, nil},
		"failing":         {decide(flow.Remember, errTerminal), 0, 1, errTerminal},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = true })
			d.options = append(d.options, func(o *flow.Options) { o.RememberDevice = test.decide })
			first := d.signIn(srpAuth("ada"), 1)
			if !errors.Is(first.Device.Err, test.err) || (first.Device.Err == nil) != (test.err == nil) {
				t.Errorf("Device.Err is %v", first.Device.Err)
			}
			if n := len(calls(d.pool, "UpdateDeviceStatus")); n != test.updates {
				t.Errorf("%d calls of UpdateDeviceStatus, want %d", n, test.updates)
			}
			second := d.signIn(srpAuth("ada"), test.asked)
			d.enrolled("ada", second)
			if second.Device.Key != first.Device.Key {
				t.Error("the device was enrolled again")
			}

			// The program can have the device remembered at any later time.
			if err := d.driver().DeviceList(second).Remember(t.Context(), second.Device.Key, true); err != nil {
				t.Fatal(err)
			}
			d.signIn(srpAuth("ada"), 0)
		})
	}
}

// The request for the decision has the options of the call, like the other requests of the call.
func TestDecisionHasTheOptionsOfTheCall(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = true })
	driver, before, configured := d.driver(), len(d.pool.Requests()), 0
	_, err := driver.SignIn(t.Context(), srpAuth("ada"), d, d.here, func(o *flow.Options) {
		o.RememberDevice = func(context.Context, *flow.Tokens) (flow.Decision, error) { return flow.Remember, nil }
		o.APIOptions = append(o.APIOptions, func(*cip.Options) { configured++ })
	})
	if err != nil {
		t.Fatal(err)
	}
	if sent := len(d.pool.Requests()) - before; configured != sent || len(calls(d.pool, "UpdateDeviceStatus")) != 1 {
		t.Errorf("%d of %d requests had the options", configured, sent)
	}
}

// puts is a store that keeps the names of the written records.
type puts struct {
	device.Store
	names []string
}

func (p *puts) Put(ctx context.Context, name string, data []byte) error {
	p.names = append(p.names, name)
	return p.Store.Put(ctx, name, data)
}

// A browser has one record for all names of a user. The driver writes the record before and
// after ConfirmDevice, and then once a day.
func TestWritesOfASignIn(t *testing.T) {
	for _, name := range []string{"ada", "ada@example.com"} {
		d := newDesk(t, nil)
		store := &puts{Store: d.store}
		d.store = store
		for i, writes := range []int{2, 2, 2, 3, 3} {
			if i == 3 {
				d.clock.Advance(24 * time.Hour)
			}
			d.signIn(srpAuth(name), max(1-i, 0))
			if len(store.names) != writes || len(slices.Compact(slices.Clone(store.names))) != 1 {
				t.Errorf("%s: sign-in %d: wrote %q, want one record %d times", name, i+1, store.names, writes)
			}
		}
	}
}

// If the pool remembers every device, RememberDevice is not called.
func TestEveryDeviceIsRemembered(t *testing.T) {
	d := newDesk(t, nil)
	d.options = append(d.options, func(o *flow.Options) {
		o.RememberDevice = func(context.Context, *flow.Tokens) (flow.Decision, error) {
			t.Error("the user was asked")
			return flow.DoNotRemember, nil
		}
	})
	d.signIn(srpAuth("ada"), 1)
	d.signIn(srpAuth("ada"), 0)
}

func TestNoHolderNoDevice(t *testing.T) {
	d := newDesk(t, nil)
	for range 2 {
		d.asked = 0
		mark := d.mark()
		tokens, err := d.driver().SignIn(t.Context(), srpAuth("ada"), d)
		if err != nil {
			t.Fatal(err)
		}
		d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
		if d.asked != 1 || tokens.Device.State != flow.DeviceConfirmed || tokens.Device.Err != nil {
			t.Errorf("the person was asked %d times, and the device is %+v", d.asked, tokens.Device)
		}
		// The device is confirmed, because the service refuses to refresh the tokens otherwise.
		if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
			t.Error(err)
		}
	}
}

func TestDeviceOperations(t *testing.T) {
	for _, admin := range []bool{false, true} {
		d := newDesk(t, nil)
		tokens := d.signIn(srpAuth("ada"), 1)
		here := d.id
		d.id = anID()
		elsewhere := d.signIn(srpAuth("ada"), 1).Device.Key
		d.id = here

		ctx, devices := t.Context(), d.driver().DeviceList(tokens, d.here)
		if admin {
			d.admin = true
			devices = d.driver().AdminDeviceList("ada", d.here)
		}
		all, err := devices.All(ctx)
		if err != nil || len(all) != 2 || *all[0].DeviceKey != tokens.Device.Key || *all[1].DeviceKey != elsewhere {
			t.Fatalf("All: %v, %v", all, err)
		}
		if err := devices.Remember(ctx, tokens.Device.Key, false); err != nil {
			t.Fatal(err)
		}
		one, err := devices.Get(ctx, tokens.Device.Key)
		if err != nil {
			t.Fatal(err)
		}
		attributes := map[string]string{}
		for _, a := range one.DeviceAttributes {
			attributes[*a.Name] = *a.Value
		}
		if attributes["device_name"] != "desk" || attributes["dev:device_remembered_status"] != "not_remembered" {
			t.Errorf("attributes %v", attributes)
		}

		if err := devices.Forget(ctx, elsewhere); err != nil {
			t.Fatal(err)
		}
		d.enrolled("ada", tokens) // the wallet still has this device
		for range 2 {             // Forget succeeds for a forgotten device too
			if err := devices.Forget(ctx, tokens.Device.Key); err != nil {
				t.Fatal(err)
			}
			d.wantNone(tokens.Device.Key)
		}
		if all, err := devices.All(ctx); err != nil || len(all) != 0 {
			t.Errorf("All: %v, %v", all, err)
		}
		_, err = devices.Get(ctx, elsewhere)
		var e *flow.Error
		var notFound *types.ResourceNotFoundException
		if !errors.As(err, &e) || !errors.As(err, &notFound) || strings.TrimPrefix(e.Operation, "Admin") != "GetDevice" {
			t.Errorf("Get of a forgotten device: %v", err)
		}
		if err := devices.Remember(ctx, elsewhere, true); !errors.As(err, &notFound) {
			t.Errorf("Remember of a forgotten device: %v", err)
		}
	}
}
