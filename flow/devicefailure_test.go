package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// afterCode has the pool ask for the device after the code, and not instead of the code.
func afterCode(c *cognitotest.PoolConfig) {
	c.DeviceConfiguration = &cognitotest.DeviceConfiguration{}
}

func (d *desk) kept(username string) device.Entry {
	d.t.Helper()
	entry, err := d.wallet().Find(d.t.Context(), username)
	if err != nil {
		d.t.Fatal(err)
	}
	return entry
}

func (d *desk) rewrite(change func(kept *device.Entry)) {
	d.t.Helper()
	if err := d.wallet().Change(d.t.Context(), d.kept("ada"), change); err != nil {
		d.t.Fatal(err)
	}
}

// otherPassword gives the device a password that it cannot prove itself with.
func otherPassword(kept *device.Entry) { kept.Password = secret.New("not the one") }

// wantNone wants the wallet to have no device with this key.
func (d *desk) wantNone(key string) {
	d.t.Helper()
	if _, err := d.wallet().FindKey(d.t.Context(), key); !errors.Is(err, device.ErrNotFound) {
		d.t.Errorf("the wallet still has %s (%v)", key, err)
	}
}

// wantSent wants these requests since mark. The first withKey requests must have a device key,
// and the others none.
func (d *desk) wantSent(mark, withKey int, want ...string) {
	d.t.Helper()
	names, maps := d.sent(mark)
	if !slices.Equal(names, want) {
		d.t.Fatalf("requests %q, want %q", names, want)
	}
	for i, values := range maps {
		if _, has := values["DEVICE_KEY"]; has != (i < withKey) {
			d.t.Errorf("request %d, %s, has a device key: %v", i, names[i], has)
		}
	}
}

var noConfirm = cognitotest.Fault{Operation: "ConfirmDevice", Error: "InternalErrorException"}

func TestForgottenDeviceAtTheStart(t *testing.T) {
	d := newDesk(t, nil)
	first := d.signIn(srpAuth("ada"), 1)
	d.pool.ForgetDevice("ada", first.Device.Key)
	d.pool.Fail(noConfirm) // so that no new record replaces the old one

	mark := d.mark()
	d.signIn(srpAuth("ada"), 1)
	d.wantSent(mark, 1, "USER_SRP_AUTH", "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
	d.wantNone(first.Device.Key)
}

func TestForgottenDeviceOnTheWay(t *testing.T) {
	d := newDesk(t, afterCode)
	first := d.signIn(srpAuth("ada"), 1)
	d.pool.Fail(noConfirm)
	mark := d.mark()
	step, err := d.driver().Start(t.Context(), srpAuth("ada"), d.here)
	if err != nil {
		t.Fatal(err)
	}
	d.pool.ForgetDevice("ada", first.Device.Key)
	answer, _ := d.Answer(t.Context(), step.Prompt.Challenge())
	if step, err = d.driver().Respond(t.Context(), step.Prompt, answer, d.here); err != nil {
		t.Fatal(err)
	}
	d.wantSent(mark, 3, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA")
	d.wantNone(first.Device.Key)
}

// If the pool forgets the device before the proof of the password, the driver sends the same
// proof again without the device.
func TestForgottenDeviceAtTheProofOfThePassword(t *testing.T) {
	d := newDesk(t, nil)
	first := d.signIn(srpAuth("ada"), 1)
	d.pool.Fail(noConfirm) // so that no new record replaces the old one
	d.options = append(d.options, func(o *flow.Options) {
		o.Observe = onExchange(func(op flow.Operation, _ flow.Outcome) {
			if op.Challenge == "" {
				d.pool.ForgetDevice("ada", first.Device.Key)
			}
		})
	})
	mark := d.mark()
	d.signIn(srpAuth("ada"), 1)
	d.wantSent(mark, 2, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
	_, sent := d.sent(mark)
	if sent[1]["PASSWORD_CLAIM_SIGNATURE"] != sent[2]["PASSWORD_CLAIM_SIGNATURE"] {
		t.Error("the second proof differs from the first one")
	}
	d.wantNone(first.Device.Key)
}

// A ResourceNotFoundException can mean something other than the device. If the exception
// comes again without the device, the device keeps its record.
func TestNotFoundIsNotTheDevice(t *testing.T) {
	notFound := cognitotest.Fault{Operation: "InitiateAuth", Error: "ResourceNotFoundException"}
	twice := notFound
	twice.Times = 2
	throttled := cognitotest.Fault{Operation: "InitiateAuth", Error: "TooManyRequestsException"}
	for name, test := range map[string]struct {
		faults []cognitotest.Fault
		remedy flow.Remedy
	}{
		"twice":              {[]cognitotest.Fault{twice}, ""},
		"and then throttled": {[]cognitotest.Fault{notFound, throttled}, flow.TryLater},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			first := d.signIn(srpAuth("ada"), 1)
			d.pool.Fail(test.faults...)
			mark := d.mark()
			_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), d, d.here)
			var e *flow.Error
			if !errors.As(err, &e) || e.Remedy() != test.remedy {
				t.Errorf("got %v, want remedy %q", err, test.remedy)
			}
			d.wantSent(mark, 1, "USER_SRP_AUTH", "USER_SRP_AUTH")
			d.t = t
			if again := d.signIn(srpAuth("ada"), 0); again.Device.Key != first.Device.Key {
				t.Error("the record is gone")
			}
		})
	}
}

// Another process enrols a device while a sign-in learns that its own device is gone. The
// record of the new device stays.
func TestForgottenDeviceSparesAnothersRecord(t *testing.T) {
	const other = "local-1_00000000-0000-4000-8000-000000000000"
	d := newDesk(t, afterCode)
	first := d.signIn(srpAuth("ada"), 1)
	d.pool.Fail(noConfirm)
	tokens, err := d.driver().SignIn(t.Context(), srpAuth("ada"), challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		d.pool.ForgetDevice("ada", first.Device.Key)
		d.rewrite(func(kept *device.Entry) { kept.Key = other })
		return d.Answer(ctx, c)
	}), d.here)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.Device.Err == nil {
		t.Error("Device.Err is nil after a failed confirmation")
	}
	if kept := d.kept("ada"); kept.Key != other {
		t.Errorf("the wallet has %v", kept.Key)
	}
}

func TestRefusedProofBeforeAnyoneAnswered(t *testing.T) {
	for name, test := range map[string]struct {
		break_ func(*desk)
		want   []string
		keys   int
	}{
		"wrong device password": {func(d *desk) { d.rewrite(otherPassword) }, []string{
			"USER_SRP_AUTH", "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER",
			"USER_SRP_AUTH", "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER",
			"USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA",
		}, 8},
		"forgotten before DEVICE_SRP_AUTH": {func(d *desk) {
			d.pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Skip: 1, Error: "ResourceNotFoundException"})
		}, []string{
			"USER_SRP_AUTH", "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA",
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			first := d.signIn(srpAuth("ada"), 1)
			test.break_(d)
			mark := d.mark()
			second := d.signIn(srpAuth("ada"), 1)
			d.wantSent(mark, test.keys, test.want...)
			if second.Device.Key == first.Device.Key || second.Device.Err == nil {
				t.Errorf("device %q after %q, %v", second.Device.Key, first.Device.Key, second.Device.Err)
			}
			if third := d.signIn(srpAuth("ada"), 0); third.Device.Key != second.Device.Key {
				t.Error("the new device is not used")
			}
		})
	}
}

// After one refusal of the proof, the driver tries the device again. The session, the clock or
// a trigger may have caused the refusal.
func TestProofRefusedOnce(t *testing.T) {
	for _, refusal := range []string{
		"NotAuthorizedException", "UserLambdaValidationException", "InvalidParameterException", "PasswordResetRequiredException", "TomorrowException",
	} {
		for skip, step := range []string{1: "DEVICE_SRP_AUTH", 2: "DEVICE_PASSWORD_VERIFIER"} {
			if step == "" {
				continue
			}
			t.Run(step+" "+refusal, func(t *testing.T) {
				d := newDesk(t, nil)
				first := d.signIn(srpAuth("ada"), 1)
				d.pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Skip: skip, Error: refusal})
				if second := d.signIn(srpAuth("ada"), 0); second.Device.Key != first.Device.Key || second.Device.Err != nil {
					t.Errorf("device %q after %q, %v", second.Device.Key, first.Device.Key, second.Device.Err)
				}
			})
		}
	}
}

func TestRefusedProofAfterAnAnswer(t *testing.T) {
	for name, break_ := range map[string]func(*desk){
		"wrong device password": func(d *desk) { d.rewrite(otherPassword) },
		"forgotten at DEVICE_PASSWORD_VERIFIER": func(d *desk) {
			d.pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Skip: 3, Error: "ResourceNotFoundException"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, afterCode)
			first := d.signIn(srpAuth("ada"), 1)
			break_(d)
			mark := d.mark()
			_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), d, d.here)
			var e *flow.Error
			if !errors.As(err, &e) || e.Remedy() != flow.StartAgain || e.Challenge != challenge.DevicePasswordVerifier || e.Prompt != nil {
				t.Fatalf("got %v", err)
			}
			d.wantSent(mark, 5, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
			d.pool.Fail(noConfirm) // so that no new record replaces the old one
			mark = d.mark()
			d.signIn(srpAuth("ada"), 1) // succeeds without the device, which is then forgotten
			d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
			d.wantNone(first.Device.Key)
		})
	}
}

// A pool may ask for the device again after each refusal. The driver proves the device twice,
// and then the sign-in ends.
func TestStubbornPoolEndsTheSignIn(t *testing.T) {
	d := newDesk(t, nil)
	d.signIn(srpAuth("ada"), 1)
	asks, refuses := fakeReply{challenge: challenge.DeviceSRPAuth}, fakeReply{err: &types.NotAuthorizedException{}}
	api := &fakeAPI{app: flow.App{UserPoolID: d.pool.ID(), ClientID: d.client}, replies: []fakeReply{asks, refuses, asks, refuses, asks, refuses}}
	_, err := api.driver(t, func(o *flow.Options) { o.Now = d.clock.Now }).SignIn(t.Context(), passwordAuth("ada"), nil, d.here)
	if !errors.Is(err, challenge.ErrNoAnswer) {
		t.Errorf("got %v, want no answer to the third DEVICE_SRP_AUTH", err)
	}
	if len(api.sent) != 5 {
		t.Errorf("%d requests, want three starts and two proofs", len(api.sent))
	}
}

func TestConfirmDeviceFails(t *testing.T) {
	d := newDesk(t, nil)
	d.pool.Fail(noConfirm)
	tokens := d.signIn(srpAuth("ada"), 1)
	var e *flow.Error
	if !errors.As(tokens.Device.Err, &e) || e.Operation != "ConfirmDevice" {
		t.Errorf("Device.Err is %v", tokens.Device.Err)
	}
	if kept := d.kept("ada"); kept.State != device.Unconfirmed || tokens.Device.State != flow.DeviceUnconfirmed {
		t.Errorf("the device is %q in the wallet and %q in the tokens", kept.State, tokens.Device.State)
	}
	next := d.signIn(srpAuth("ada"), 1)
	if next.Device.Err != nil {
		t.Error(next.Device.Err)
	}
	d.remembered("ada", next)
	if _, err := d.driver().Refresh(t.Context(), tokens); err != nil {
		t.Errorf("the next sign-in did not confirm the device of the one before: %v", err)
	}
}

// A new device replaces the old record when the new device is confirmed, and not before.
func TestConfirmDeviceFailsBesideARecord(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) { c.Dialect.Parameters = "NONE" })
	first := d.signIn(passwordAuth("ada"), 1)
	d.pool.Fail(noConfirm)
	// The pool does not tell whose alias this is before it sends tokens.
	second := d.signIn(passwordAuth("ada@example.com"), 1)
	if second.Device.State != flow.DeviceUnconfirmed {
		t.Errorf("the device is %+v", second.Device)
	}
	if again := d.signIn(passwordAuth("ada"), 0); again.Device.Key != first.Device.Key {
		t.Error("the old device is gone")
	}
	if _, err := d.driver().ConfirmDevice(t.Context(), second, d.here); err != nil {
		t.Fatal(err)
	}
	if again := d.signIn(passwordAuth("ada"), 0); again.Device.Key != second.Device.Key {
		t.Error("the new device is not used")
	}
}

// If the reply to ConfirmDevice is lost, the SDK client repeats the request, and the service
// says that the key exists. The driver then counts the device as confirmed.
func TestDeviceKeyExists(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) {
		c.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = true
	})
	d.pool.Fail(cognitotest.Fault{Operation: "ConfirmDevice", AfterWork: true, Error: "InternalErrorException"})
	asked := 0
	d.options = append(d.options, func(o *flow.Options) {
		o.APIOptions = append(o.APIOptions, func(o *cip.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
		})
		o.RememberDevice = func(context.Context, *flow.Tokens) (flow.Decision, error) { asked++; return flow.Remember, nil }
	})
	tokens := d.signIn(srpAuth("ada"), 1)
	if n := len(calls(d.pool, "ConfirmDevice")); n != 2 {
		t.Fatalf("%d calls of ConfirmDevice", n)
	}
	d.enrolled("ada", tokens)
	if asked != 1 {
		t.Errorf("the user was asked %d times whether to remember the device", asked)
	}
	d.signIn(srpAuth("ada"), 0)
}

// If DEVICE_PASSWORD_VERIFIER names another device than the driver's, the driver does not
// answer. The sign-in goes on without the device.
func TestVerifierOfAnotherDevice(t *testing.T) {
	d := newDesk(t, nil)
	d.signIn(srpAuth("ada"), 1)
	const other = "local-1_00000000-0000-4000-8000-000000000000"
	driver, err := flow.New(misnamer{d.pool.Client(), other}, flow.App{UserPoolID: d.pool.ID(), ClientID: d.client},
		func(o *flow.Options) { o.Now = d.clock.Now })
	if err != nil {
		t.Fatal(err)
	}
	mark := d.mark()
	tokens, err := driver.SignIn(t.Context(), srpAuth("ada"), d, d.here)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.Device.Err == nil || !strings.Contains(tokens.Device.Err.Error(), other) {
		t.Errorf("got %v", tokens.Device.Err)
	}
	d.wantSent(mark, 3, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
}

// misnamer puts another device's key into DEVICE_PASSWORD_VERIFIER.
type misnamer struct {
	*cip.Client
	key string
}

func (m misnamer) RespondToAuthChallenge(ctx context.Context, in *cip.RespondToAuthChallengeInput, optFns ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	out, err := m.Client.RespondToAuthChallenge(ctx, in, optFns...)
	if err == nil && out.ChallengeName == types.ChallengeNameTypeDevicePasswordVerifier {
		out.ChallengeParameters["DEVICE_KEY"] = m.key
	}
	return out, err
}

// If the API has no operations on devices, a sign-in succeeds, and Device.Err has the error.
func TestAPIWithoutDevices(t *testing.T) {
	d := newDesk(t, nil)
	driver, err := flow.New(struct{ flow.API }{d.pool.Client()}, flow.App{UserPoolID: d.pool.ID(), ClientID: d.client},
		func(o *flow.Options) { o.Now = d.clock.Now })
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := driver.SignIn(t.Context(), srpAuth("ada"), d, d.here)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.Device.Err == nil || !strings.Contains(tokens.Device.Err.Error(), "ConfirmDevice: struct { flow.API } does not have") {
		t.Errorf("Device.Err is %v", tokens.Device.Err)
	}
	if _, err := driver.DeviceList(tokens).All(t.Context()); err == nil || !strings.Contains(err.Error(), "ListDevices: struct { flow.API } does not have") {
		t.Errorf("List: %v", err)
	}
	if _, err := driver.AdminDeviceList("ada").Get(t.Context(), aws.ToString(nil)); err == nil || !strings.Contains(err.Error(), "AdminGetDevice: struct { flow.API } does not have") {
		t.Errorf("admin Get: %v", err)
	}
}
