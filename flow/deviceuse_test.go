package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

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

// One name today and another tomorrow is one device, and from the third sign-in
// on the first request of either has its key.
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
						asked = 1 // the pool tells who that is with the code challenge only
					}
					tokens := d.signIn(f(typed), asked)
					if tokens.DeviceKey != first.DeviceKey {
						t.Fatalf("by %s: device %q, want %q", typed, tokens.DeviceKey, first.DeviceKey)
					}
					d.enrolled(name, tokens)
					if _, maps := d.sent(mark); i > 0 && maps[0]["DEVICE_KEY"] != first.DeviceKey {
						t.Errorf("by %s: the first request has no device key", typed)
					}
				}
			})
		}
	}
}

// In a flow that does not tell who an alias is for before the tokens, granted
// tokens are not given up for the device there is: a new one takes its place, and
// tokens issued on the old one stay good.
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
			if second.DeviceKey == first.DeviceKey {
				t.Error("the pool knew the device without its key")
			}
			for _, tokens := range []*flow.Tokens{first, second} {
				if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
					t.Error(err)
				}
			}
			for _, typed := range []string{"ada", "ada@example.com"} {
				if again := d.signIn(passwordAuth(typed), 0); again.DeviceKey != second.DeviceKey {
					t.Errorf("by %s: device %q, want %q", typed, again.DeviceKey, second.DeviceKey)
				}
			}
		})
	}
}

// What leads to the device of another user is not the end of that device.
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
	if err := d.store.Put(t.Context(), d.pool.ID()+"/public/alias/bob@example.com", []byte("ada")); err != nil {
		t.Fatal(err)
	}
	d.pool.Fail(noConfirm) // so that no new record hides what became of the alias
	d.signIn(passwordAuth("bob@example.com"), 0)
	mark := d.mark()
	bobs := d.signIn(passwordAuth("bob@example.com"), 0)
	d.wantSent(mark, 0, "USER_PASSWORD_AUTH")
	d.enrolled("bob", bobs)
	if again := d.signIn(passwordAuth("ada"), 0); again.DeviceKey != adas.DeviceKey {
		t.Errorf("ada has device %q, had %q", again.DeviceKey, adas.DeviceKey)
	}
}

// An alias that passes to another user does not take the device along.
func TestAliasOfAnotherUser(t *testing.T) {
	d := newDesk(t, nil)
	first := d.signIn(srpAuth("ada@example.com"), 1)
	bob := deskUser("bob")
	if err := d.pool.AddUser(bob); err != nil {
		t.Fatal(err)
	}
	// The store comes to a machine where the address is bob's.
	ctx := t.Context()
	alias, err := d.store.Get(ctx, d.pool.ID()+"/public/alias/ada@example.com")
	if err != nil || string(alias) != "ada" {
		t.Fatalf("alias record %q, %v", alias, err)
	}
	if err := d.store.Put(ctx, d.pool.ID()+"/public/alias/bob@example.com", alias); err != nil {
		t.Fatal(err)
	}
	tokens := d.signIn(srpAuth("bob@example.com"), 1)
	d.enrolled("bob", tokens)
	if tokens.DeviceKey == first.DeviceKey {
		t.Error("bob has ada's device")
	}
	if alias, err = d.store.Get(ctx, d.pool.ID()+"/public/alias/bob@example.com"); err != nil || string(alias) != "bob" {
		t.Errorf("the alias is %q's, %v", alias, err)
	}
}

// The code challenge of USER_PASSWORD_AUTH tells an ID under which no record
// is. A driver that goes on with the prompt finds the device all the same.
func TestStepsFindTheDeviceByWhatWasTyped(t *testing.T) {
	for _, typed := range []string{"ada", "ada@example.com"} {
		t.Run(typed, func(t *testing.T) {
			d := newDesk(t, afterCode)
			first := d.signIn(srpAuth(typed), 1)
			mark := d.mark()
			second := d.signInSteps(passwordAuth(typed), 1)
			d.wantSent(mark, 4, "USER_PASSWORD_AUTH", "SOFTWARE_TOKEN_MFA", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
			if second.DeviceKey != first.DeviceKey {
				t.Errorf("device %q, want %q", second.DeviceKey, first.DeviceKey)
			}
		})
	}
}

// What the pool leaves out or adds does not matter to the driver.
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
					if tokens := signIn(srpAuth("ada"), asked); tokens.DeviceKey != first.DeviceKey {
						t.Errorf("device %q, want %q", tokens.DeviceKey, first.DeviceKey)
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
			if t.DeviceKey == "" || t.AccessToken.IsZero() {
				return d, errors.New("the callback does not know the device")
			}
			return d, err
		}
	}
	errTerminal := errors.New("the terminal is gone")
	for name, test := range map[string]struct {
		callback func(context.Context, *flow.Tokens) (flow.Decision, error)
		updates  int
		asked    int // for a code, the next time
		err      error
	}{
		"remember":        {decide(flow.Remember, nil), 1, 0, nil},
		"do not remember": {decide(flow.DoNotRemember, nil), 1, 1, nil},
		"ask later":       {decide(flow.AskLater, nil), 0, 1, nil},
		"no callback":     {nil, 0, 1, nil},
		"failing":         {decide(flow.Remember, errTerminal), 0, 1, errTerminal},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = true })
			d.options = append(d.options, func(o *flow.Options) { o.RememberDevice = test.callback })
			first := d.signIn(srpAuth("ada"), 1)
			if !errors.Is(first.DeviceError, test.err) || (first.DeviceError == nil) != (test.err == nil) {
				t.Errorf("DeviceError is %v", first.DeviceError)
			}
			if n := len(calls(d.pool, "UpdateDeviceStatus")); n != test.updates {
				t.Errorf("%d calls of UpdateDeviceStatus, want %d", n, test.updates)
			}
			second := d.signIn(srpAuth("ada"), test.asked)
			d.enrolled("ada", second)
			if second.DeviceKey != first.DeviceKey {
				t.Error("the device was enrolled again")
			}

			// Later is any time.
			if err := d.driver().Devices(second).Remember(t.Context(), second.DeviceKey, true); err != nil {
				t.Fatal(err)
			}
			d.signIn(srpAuth("ada"), 0)
		})
	}
}

// What is sent for the decision is sent as the call wants it, and not as the
// driver does otherwise.
func TestDecisionHasTheOptionsOfTheCall(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = true })
	driver, before, configured := d.driver(), len(d.pool.Requests()), 0
	_, err := driver.SignIn(t.Context(), srpAuth("ada"), d, func(o *flow.Options) {
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

// puts is a store that notes what is written.
type puts struct {
	device.Store
	names []string
}

func (p *puts) Put(ctx context.Context, name string, data []byte) error {
	p.names = append(p.names, name)
	return p.Store.Put(ctx, name, data)
}

// A browser keeps each record as a cookie. The user's own name needs no alias.
func TestRecordsOfASignIn(t *testing.T) {
	for name, records := range map[string]int{"ada": 1, "ada@example.com": 2} {
		d := newDesk(t, nil)
		store := &puts{Store: d.store}
		d.store = store
		d.signIn(srpAuth(name), 1)
		d.signIn(srpAuth(name), 0)
		if len(store.names) != records {
			t.Errorf("%s: wrote %q, want %d records", name, store.names, records)
		}
	}
}

// In a pool that remembers every device nobody is asked.
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

func TestNoStoreNoDevice(t *testing.T) {
	d := newDesk(t, nil)
	d.options = append(d.options, func(o *flow.Options) { o.Devices = nil })
	mark := d.mark()
	tokens := d.signIn(srpAuth("ada"), 1)
	d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
	if len(calls(d.pool, "ConfirmDevice")) != 0 {
		t.Error("a device was enrolled")
	}
	// Such tokens cannot be refreshed, and nothing else would say why.
	if tokens.DeviceError == nil || !strings.Contains(tokens.DeviceError.Error(), "Options.Devices") {
		t.Errorf("the missing store is not told: %v", tokens.DeviceError)
	}
}

func TestDeviceOperations(t *testing.T) {
	for _, admin := range []bool{false, true} {
		d := newDesk(t, nil)
		tokens := d.signIn(srpAuth("ada"), 1)
		here := d.store
		d.store = new(device.Memory)
		elsewhere := d.signIn(srpAuth("ada"), 1).DeviceKey
		d.store = here

		ctx, devices := t.Context(), d.driver().Devices(tokens)
		if admin {
			d.admin = true
			devices = d.driver().AdminDevices("ada")
		}
		all, err := devices.List(ctx)
		if err != nil || len(all) != 2 || *all[0].DeviceKey != tokens.DeviceKey || *all[1].DeviceKey != elsewhere {
			t.Fatalf("List: %v, %v", all, err)
		}
		if err := devices.Remember(ctx, tokens.DeviceKey, false); err != nil {
			t.Fatal(err)
		}
		one, err := devices.Get(ctx, tokens.DeviceKey)
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
		d.enrolled("ada", tokens) // the record of this device is left
		for range 2 {             // what is forgotten can be forgotten again
			if err := devices.Forget(ctx, tokens.DeviceKey); err != nil {
				t.Fatal(err)
			}
			d.wantNoRecord()
		}
		if all, err := devices.List(ctx); err != nil || len(all) != 0 {
			t.Errorf("List: %v, %v", all, err)
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
