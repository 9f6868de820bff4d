package flow_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func allFlows(c *cognitotest.PoolConfig) { c.Dialect.DevicesInAllFlows = true }

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
				d := newDesk(t, allFlows)
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

// A new alias in a flow that does not tell who it is for before the tokens
// leads to the device there is, and tokens issued on it stay good.
func TestNewAliasFindsTheDevice(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) {
		allFlows(c)
		c.MFA = "OFF"
		c.Users[0].MFA, c.Users[0].TOTPSecret = nil, ""
	})
	first := d.signIn(passwordAuth("ada"), 0)
	mark := d.mark()
	for _, typed := range []string{"ada@example.com", "ada", "ada@example.com"} {
		tokens := d.signIn(passwordAuth(typed), 0)
		d.enrolled("ada", tokens)
		if tokens.DeviceKey != first.DeviceKey {
			t.Errorf("by %s: device %q, want %q", typed, tokens.DeviceKey, first.DeviceKey)
		}
	}
	names, _ := d.sent(mark)
	starts := 0
	for _, name := range names {
		if name == "USER_PASSWORD_AUTH" {
			starts++
		}
	}
	if starts != 4 { // one more, for the alias that was new
		t.Errorf("sent %q", names)
	}
}

// Where a person has answered by then, the sign-in is not repeated: there is a
// new device, and the tokens issued on the old one stay good.
func TestNewAliasAfterACode(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) { allFlows(c); c.Dialect.CodeParameters = "NONE" })
	first := d.signIn(passwordAuth("ada"), 1)
	second := d.signIn(passwordAuth("ada@example.com"), 1)
	if second.DeviceKey == first.DeviceKey {
		t.Error("the pool knew the device without its key")
	}
	for _, tokens := range []*flow.Tokens{first, second} {
		if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
			t.Error(err)
		}
	}
	if d.readRecord("ada")["device_key"] != second.DeviceKey {
		t.Error("the record is not of the new device")
	}
}

// What leads to the device of another user is not the end of that device.
func TestAliasThatMovedDeletesNoDevice(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) {
		allFlows(c)
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
			d := newDesk(t, func(c *cognitotest.PoolConfig) { allFlows(c); afterCode(c) })
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
	for name, dialect := range map[string]cognitotest.Dialect{
		"no session":      {OmitSession: true},
		"more parameters": {DeviceParameters: true, CodeParameters: "ALL"},
		"no parameters":   {CodeParameters: "NONE"},
		"minimal salt":    {MinimalSalt: true},
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
		driver, err := flow.New(pool, flow.App{UserPoolID: d.pool.ID(), ClientID: d.client}, func(o *flow.Options) { o.Devices = d.store })
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
	_, pool, driver := scriptedDesk(t, "ada",
		cip.RespondToAuthChallengeOutput{ChallengeName: "SELECT_CHALLENGE"},
		cip.RespondToAuthChallengeOutput{ChallengeName: "WEB_AUTHN"},
		cip.RespondToAuthChallengeOutput{AuthenticationResult: someTokens})
	_, err := driver().SignIn(t.Context(), flow.UserAuth{Username: "ada"}, challenge.Mux{
		challenge.SelectChallenge: answering(challenge.Choose(challenge.WebAuthn)),
		challenge.WebAuthn:        answering(challenge.Credential([]byte("{}"))),
	})
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
		if d.readRecord("ada")["device_key"] == nil {
			t.Error("ada's record is gone")
		}
	}

	d, pool, driver := scriptedDesk(t, "ada@example.com", replies...)
	if _, err := driver().SignIn(t.Context(), f, answering(challenge.Custom("42"))); err != nil {
		t.Fatal(err)
	}
	pool.wantKeys(t, "CUSTOM_AUTH")
	wantRecord(d)

	d, pool, driver = scriptedDesk(t, "ada@example.com", replies...)
	step, err := driver().Start(t.Context(), f)
	for err == nil && step.Prompt != nil {
		step, err = driver().Respond(t.Context(), step.Prompt, challenge.Custom("42"))
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
	_, pool, driver := scriptedDesk(t, "ada", cip.RespondToAuthChallengeOutput{ChallengeName: "DEVICE_SRP_AUTH"})
	_, err := driver().SignIn(t.Context(), flow.RefreshTokenAuth{
		RefreshToken: secret.New("refresh"), Username: "ada", DeviceKey: "local-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789",
	}, nil)
	if !errors.Is(err, challenge.ErrNoAnswer) {
		t.Errorf("got %v", err)
	}
	pool.wantKeys(t, "REFRESH_TOKEN_AUTH")
}

// A new device that comes with a refresh is left for the next sign-in: nothing
// comes between the new tokens and the caller.
func TestRefreshDoesNotEnrol(t *testing.T) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"username":"ada"}`))
	_, pool, driver := scriptedDesk(t, "ada", cip.RespondToAuthChallengeOutput{AuthenticationResult: &types.AuthenticationResultType{
		AccessToken: aws.String("e30." + claims + ".c2ln"),
		NewDeviceMetadata: &types.NewDeviceMetadataType{
			DeviceKey: aws.String("local-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789"), DeviceGroupKey: aws.String("-g"),
		},
	}})
	tokens, err := driver().SignIn(t.Context(), flow.RefreshTokenAuth{RefreshToken: secret.New("refresh")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.DeviceError == nil || !strings.Contains(tokens.DeviceError.Error(), "at refresh") {
		t.Errorf("DeviceError is %v", tokens.DeviceError)
	}
	pool.wantKeys(t, "")
}

// A refresh that finds the device forgotten deletes the record too.
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
			d.pool.ForgetDevice("ada", tokens.DeviceKey)
			mark := d.mark()
			_, err := d.driver().Refresh(t.Context(), tokens, option)
			var e *flow.Error
			if !errors.As(err, &e) || e.Remedy != flow.StartAgain {
				t.Errorf("got %v", err)
			}
			if n := d.mark() - mark; n != 2 {
				t.Errorf("%d requests, want one with the key and one without", n)
			}
			d.wantNoRecord()
		})
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
