package flow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/secret"
)

// desk is a machine at which a user signs in. A desk has a pool that tracks devices, a store,
// and a person with an authenticator app. The field asked counts the questions to the person.
type desk struct {
	t       testing.TB
	pool    *cognitotest.Pool
	clock   *clock
	store   device.Store
	id      device.ID
	client  string
	admin   bool
	options []func(*flow.Options)
	asked   int
}

// newDesk returns a desk whose pool skips the second factor for remembered devices. The pool
// has a user "ada" with the alias ada@example.com.
func newDesk(t testing.TB, change func(*cognitotest.PoolConfig)) *desk {
	t.Helper()
	c := newClock()
	pool := newPool(t, func(config *cognitotest.PoolConfig) {
		config.Now = c.Now
		config.MFA = "OPTIONAL"
		config.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
		if change != nil {
			change(config)
		}
	}, deskUser("ada"))
	return &desk{t: t, pool: pool, clock: c, store: new(device.Memory), id: anID(), client: "public"}
}

// newCodePool returns a pool that demands the code of an authenticator app. The pool has the user
// "ada" of a desk, and does not track devices.
func newCodePool(t testing.TB) *cognitotest.Pool {
	t.Helper()
	return newPool(t, func(c *cognitotest.PoolConfig) { c.MFA = "ON" }, deskUser("ada"))
}

func deskUser(name string) cognitotest.UserConfig {
	return cognitotest.UserConfig{
		Name: name, Password: password, TOTPSecret: totpSecret,
		Attributes: map[string]string{"email": name + "@example.com", "email_verified": "true"},
	}
}

// anID returns an ID as a browser sends it back, in a cookie for example.
func anID() device.ID {
	id, err := device.ParseID(device.NewID().Reveal())
	if err != nil {
		panic(err)
	}
	return id
}

// here gives a call the devices of the desk.
func (d *desk) here(o *flow.Options) { flow.ThisBrowser(d.holder())(o) }

func (d *desk) holder() device.Holder { return device.Browser(d.store, d.id) }

func (d *desk) wallet() device.Wallet { return d.holder().Wallet(d.pool.ID(), d.client) }

func (d *desk) driver(optFns ...func(*flow.Options)) *flow.Driver {
	d.t.Helper()
	optFns = slices.Concat([]func(*flow.Options){func(o *flow.Options) {
		o.DeviceName, o.Now = "desk", d.clock.Now
	}}, d.options, optFns)
	if !d.admin {
		return newDriver(d.t, d.pool, d.client, optFns...)
	}
	app := flow.App{UserPoolID: d.pool.ID(), ClientID: d.client}
	if d.client == "secret" {
		app.ClientSecret = secret.New(clientSecret)
	}
	driver, err := flow.NewAdmin(d.pool.AdminClient(), app, optFns...)
	if err != nil {
		d.t.Fatal(err)
	}
	return driver
}

// Answer answers as the person.
func (d *desk) Answer(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
	d.asked++
	switch c.Name {
	case challenge.SoftwareTokenMFA:
		d.clock.Advance(30 * time.Second) // the service accepts a code once
		return challenge.Code(d.pool.TOTP(c.Username)), nil
	case challenge.EmailOTP:
		return challenge.Code(d.pool.LastCode(c.Username).Code), nil
	case challenge.CustomChallenge:
		return challenge.Custom("42"), nil
	}
	return challenge.Answer{}, fmt.Errorf("a person cannot answer %s", c.Name)
}

// signIn signs in with a handler. The person must be asked this number of times.
func (d *desk) signIn(f flow.AuthFlow, asked int) *flow.Tokens {
	d.t.Helper()
	d.asked = 0
	tokens, err := d.driver().SignIn(d.t.Context(), f, d, d.here)
	if err != nil {
		d.t.Fatal(err)
	}
	if d.asked != asked {
		d.t.Fatalf("the person was asked %d times, want %d", d.asked, asked)
	}
	return tokens
}

// signInSteps does the same as signIn, with a new driver for each step. Each prompt is stored
// and read between the steps.
func (d *desk) signInSteps(f flow.AuthFlow, asked int) *flow.Tokens {
	d.t.Helper()
	d.asked = 0
	step, err := d.driver().Start(d.t.Context(), f, d.here)
	for err == nil && step.Prompt != nil {
		var answer challenge.Answer
		if answer, err = d.Answer(d.t.Context(), step.Prompt.Challenge()); err != nil {
			break
		}
		step, err = d.driver().Respond(d.t.Context(), reread(d.t, step.Prompt), answer, d.here)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	if d.asked != asked {
		d.t.Fatalf("the person was asked %d times, want %d", d.asked, asked)
	}
	return step.Tokens
}

func (d *desk) keys(username string) []string {
	d.t.Helper()
	app := flow.App{UserPoolID: d.pool.ID(), ClientID: "public"}
	driver, err := flow.NewAdmin(d.pool.AdminClient(), app)
	if err != nil {
		d.t.Fatal(err)
	}
	devices, err := driver.AdminDeviceList(username).All(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	var keys []string
	for _, one := range devices {
		keys = append(keys, *one.DeviceKey)
	}
	return keys
}

// sent returns the requests of sign-ins since mark. names has the auth flow or the challenge of
// each request, and maps has its parameters or responses.
func (d *desk) sent(mark int) (names []string, maps []map[string]any) {
	for _, r := range d.pool.Requests()[mark:] {
		switch strings.TrimPrefix(r.Operation, "Admin") {
		case "InitiateAuth":
			names = append(names, r.Body["AuthFlow"].(string))
			maps = append(maps, r.Body["AuthParameters"].(map[string]any))
		case "RespondToAuthChallenge":
			names = append(names, r.Body["ChallengeName"].(string))
			maps = append(maps, r.Body["ChallengeResponses"].(map[string]any))
		}
	}
	return names, maps
}

func (d *desk) mark() int { return len(d.pool.Requests()) }

// enrolled wants the device of the tokens to be the only device of the user in the pool, and
// the user's device in the wallet.
func (d *desk) enrolled(username string, tokens *flow.Tokens) {
	d.t.Helper()
	if tokens.Device.Err != nil {
		d.t.Fatal(tokens.Device.Err)
	}
	if tokens.Device.Key == "" {
		d.t.Fatal("the tokens have no device key")
	}
	if keys := d.keys(username); len(keys) != 1 {
		d.t.Fatalf("the pool has the devices %q", keys)
	}
	d.remembered(username, tokens)
}

// remembered wants the device of the tokens to be a device of the user in the pool, and the
// user's device in the wallet.
func (d *desk) remembered(username string, tokens *flow.Tokens) {
	d.t.Helper()
	if keys := d.keys(username); !slices.Contains(keys, tokens.Device.Key) {
		d.t.Fatalf("the pool has the devices %q, the tokens %q", keys, tokens.Device.Key)
	}
	if kept := d.kept(username); kept.Key != tokens.Device.Key || kept.State != device.Confirmed {
		d.t.Fatalf("the wallet has the %q device %q, the tokens %q", kept.State, kept.Key, tokens.Device.Key)
	}
}

// deviceFlows are the auth flows whose requests can name a device.
var deviceFlows = []struct {
	name   string
	admin  bool
	flow   func(username string) flow.AuthFlow
	always int // questions to the person at a remembered device
}{
	{"USER_SRP_AUTH", false, func(u string) flow.AuthFlow { return srpAuth(u) }, 0},
	{"USER_PASSWORD_AUTH", false, func(u string) flow.AuthFlow {
		return flow.UserPasswordAuth{Username: u, Password: secret.New(password)}
	}, 0},
	{"CUSTOM_AUTH", false, func(u string) flow.AuthFlow { return flow.CustomAuth{Username: u} }, 1},
	{"CUSTOM_AUTH with SRP", false, func(u string) flow.AuthFlow {
		return flow.CustomAuth{Username: u, Password: secret.New(password)}
	}, 1},
	{"USER_AUTH PASSWORD", false, func(u string) flow.AuthFlow {
		return flow.UserAuth{Username: u, Preferred: challenge.Password, Password: secret.New(password)}
	}, 0},
	{"USER_AUTH PASSWORD_SRP", false, func(u string) flow.AuthFlow {
		return flow.UserAuth{Username: u, Preferred: challenge.PasswordSRP, Password: secret.New(password)}
	}, 0},
	{"USER_AUTH EMAIL_OTP", false, func(u string) flow.AuthFlow {
		return flow.UserAuth{Username: u, Preferred: challenge.EmailOTP}
	}, 1},
	{"admin USER_SRP_AUTH", true, func(u string) flow.AuthFlow { return srpAuth(u) }, 0},
	{"ADMIN_USER_PASSWORD_AUTH", true, func(u string) flow.AuthFlow {
		return flow.AdminUserPasswordAuth{Username: u, Password: secret.New(password)}
	}, 0},
	{"admin CUSTOM_AUTH with SRP", true, func(u string) flow.AuthFlow {
		return flow.CustomAuth{Username: u, Password: secret.New(password)}
	}, 1},
	{"admin USER_AUTH PASSWORD_SRP", true, func(u string) flow.AuthFlow {
		return flow.UserAuth{Username: u, Preferred: challenge.PasswordSRP, Password: secret.New(password)}
	}, 0},
}

func TestDevices(t *testing.T) {
	t.Parallel()
	all := byname.Asked(t)
	for _, f := range deviceFlows {
		t.Run(f.name, func(t *testing.T) {
			pool := newDesk(t, func(c *cognitotest.PoolConfig) {
				for i := range c.Clients {
					c.Clients[i].AuthFlows = append(c.Clients[i].AuthFlows, "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH")
				}
				c.CustomQuestions = []cognitotest.CustomQuestion{{Question: "6*7", Answer: "42"}}
				c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
				c.Dialect = cognitotest.Dialect{DeviceAfterPasswordless: true, DeviceRefreshAfterAdmin: true}
			})
			for _, client := range []string{"public", "secret"} {
				for _, by := range []string{"name", "alias"} {
					for _, mode := range []string{"handler", "steps"} {
						if !all && (client == "secret") != (by == "alias") {
							continue // half of the combinations still have each client with each mode
						}
						if !all && !byname.RaceDetector && (client == "secret") != (mode == "steps") {
							continue // a quarter of the combinations still has each value
						}
						t.Run(client+" by "+by+" in "+mode, func(t *testing.T) {
							name := fmt.Sprintf("%s-%s-%s", client, by, mode)
							if err := pool.pool.AddUser(deskUser(name)); err != nil {
								t.Fatal(err)
							}
							d := &desk{t: t, pool: pool.pool, clock: pool.clock, store: new(device.Memory), id: anID(), client: client, admin: f.admin}
							signIn := d.signIn
							if mode == "steps" {
								signIn = d.signInSteps
							}
							typed := name
							if by == "alias" {
								typed = name + "@example.com"
							}
							lifeOfADevice(d, name, f.flow(typed), signIn, f.always)
						})
					}
				}
			}
		})
	}
}

func lifeOfADevice(d *desk, username string, f flow.AuthFlow, signIn func(flow.AuthFlow, int) *flow.Tokens, always int) {
	t := d.t
	t.Helper()
	first := signIn(f, 1)
	d.enrolled(username, first)

	mark := d.mark()
	second := signIn(f, always)
	d.enrolled(username, second)
	if second.Device.Key != first.Device.Key {
		t.Fatalf("the second sign-in has device %q, the first %q", second.Device.Key, first.Device.Key)
	}
	names, maps := d.sent(mark)
	if !slices.Contains(names, "DEVICE_PASSWORD_VERIFIER") {
		t.Errorf("the device did not prove itself in %q", names)
	}
	for i, values := range maps {
		if values["DEVICE_KEY"] != first.Device.Key {
			t.Errorf("request %d of the second sign-in, %s, has DEVICE_KEY %v", i, names[i], values["DEVICE_KEY"])
		}
	}

	refreshed, err := d.driver().SignIn(t.Context(), flow.RefreshTokenAuth{RefreshToken: second.RefreshToken, Username: second.Username}, nil, d.here)
	if err != nil {
		t.Fatalf("a refresh with the device in the store: %v", err)
	}
	if refreshed.Device.Key != first.Device.Key {
		t.Errorf("the refreshed tokens have device %q", refreshed.Device.Key)
	}
	refresh := flow.RefreshTokenAuth{RefreshToken: second.RefreshToken, Username: second.Username, DeviceKey: second.Device.Key}
	if _, err := d.driver().SignIn(t.Context(), refresh, nil); err != nil {
		t.Fatalf("a refresh with the device of the tokens: %v", err)
	}

	if !d.pool.ForgetDevice(username, first.Device.Key) {
		t.Fatal("the pool did not have the device")
	}
	if _, err := d.driver().SignIn(t.Context(), refresh, nil); err == nil {
		t.Error("the tokens of a forgotten device were refreshed")
	}
	third := signIn(f, 1)
	d.enrolled(username, third)
	if third.Device.Key == first.Device.Key {
		t.Error("the forgotten device is back")
	}
}
