package flow_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Keys, salts, passwords and ephemerals are random. So the test shows a number that is encoded
// wrongly once in a few hundred times. The sign-ins send the password and have no second factor,
// because that takes less time than a proof.
func TestThousandDevices(t *testing.T) {
	t.Parallel()
	const workers = 4
	rounds := int32(1000)
	if !byname.Asked(t) {
		rounds = 70 // more than a page of DeviceList
	}
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		c.DeviceConfiguration = &cognitotest.DeviceConfiguration{}
	}, ada)
	d := &desk{t: t, pool: pool}

	var round, proved atomic.Int32
	trace := func(o *flow.Options) {
		o.Observe = onExchange(func(op flow.Operation, out flow.Outcome) {
			if op.Challenge == "DEVICE_PASSWORD_VERIFIER" && out.Err == nil {
				proved.Add(1)
			}
		})
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			driver := newDriver(t, pool, "secret", trace)
			for n := round.Add(1); n <= rounds; n = round.Add(1) {
				store := new(device.Memory)
				with := flow.ThisMachine(store)
				enrolled, err := driver.SignIn(t.Context(), passwordAuth("ada"), nil, with)
				if err == nil {
					err = enrolled.Device.Err
				}
				if err != nil {
					t.Errorf("round %d: enrolment: %v", n, err)
					return
				}
				again, err := driver.SignIn(t.Context(), passwordAuth("ada"), nil, with)
				if err == nil {
					err = again.Device.Err
				}
				if err != nil {
					t.Errorf("round %d: proof: %v", n, err)
					return
				}
				if again.Device.Key != enrolled.Device.Key {
					t.Errorf("round %d: the device was refused", n)
				}
			}
		})
	}
	wg.Wait()
	if n := proved.Load(); n != rounds {
		t.Errorf("%d devices proved themselves, want %d", n, rounds)
	}
	keys := d.keys("ada") // the pool lists pages of 60
	slices.Sort(keys)
	if n := len(slices.Compact(keys)); n != int(rounds) {
		t.Errorf("the pool lists %d devices, want %d", n, rounds)
	}
}

// recorder keeps the errors of InitiateAuth and RespondToAuthChallenge.
type recorder struct {
	*cip.Client
	errors []string
}

func (r *recorder) note(err error) {
	var api smithy.APIError
	if errors.As(err, &api) {
		r.errors = append(r.errors, api.ErrorCode()+": "+api.ErrorMessage())
	}
}

func (r *recorder) InitiateAuth(ctx context.Context, in *cip.InitiateAuthInput, optFns ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	out, err := r.Client.InitiateAuth(ctx, in, optFns...)
	r.note(err)
	return out, err
}

func (r *recorder) RespondToAuthChallenge(ctx context.Context, in *cip.RespondToAuthChallengeInput, optFns ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	out, err := r.Client.RespondToAuthChallenge(ctx, in, optFns...)
	r.note(err)
	return out, err
}

func TestThousandDevicesLessForeignOnes(t *testing.T) {
	t.Parallel()
	const unknown, refused = "ResourceNotFoundException: Device does not exist.", "NotAuthorizedException: Incorrect username or password."
	for name, test := range map[string]struct {
		change func(own *device.Entry, bobs, elsewhere device.Entry)
		want   string
	}{
		"its own":                      {func(*device.Entry, device.Entry, device.Entry) {}, ""},
		"a wrong device password":      {func(own *device.Entry, _, _ device.Entry) { own.Password = secret.New("wrong") }, refused},
		"another user's device":        {func(own *device.Entry, bobs, _ device.Entry) { own.Credentials = bobs.Credentials }, unknown},
		"another user's password":      {func(own *device.Entry, bobs, _ device.Entry) { own.Password = bobs.Password }, refused},
		"a device of another pool":     {func(own *device.Entry, _, elsewhere device.Entry) { own.Credentials = elsewhere.Credentials }, unknown},
		"the group of another pool":    {func(own *device.Entry, _, elsewhere device.Entry) { own.GroupKey = elsewhere.GroupKey }, refused},
		"the password of another pool": {func(own *device.Entry, _, elsewhere device.Entry) { own.Password = elsewhere.Password }, refused},
	} {
		t.Run(name, func(t *testing.T) {
			d, bob, elsewhere := newDesk(t, nil), newDesk(t, nil), newDesk(t, func(c *cognitotest.PoolConfig) { c.ID = "local-2_other" })
			bob.pool, bob.clock = d.pool, d.clock
			if err := d.pool.AddUser(deskUser("bob")); err != nil {
				t.Fatal(err)
			}
			d.signIn(srpAuth("ada"), 1)
			bob.signIn(srpAuth("bob"), 1)
			elsewhere.signIn(srpAuth("ada"), 1)
			d.rewrite(func(own *device.Entry) { test.change(own, bob.kept("bob"), elsewhere.kept("ada")) })

			api := &recorder{Client: d.pool.Client()}
			driver, err := flow.New(api, flow.App{UserPoolID: d.pool.ID(), ClientID: d.client}, d.clock.use)
			if err != nil {
				t.Fatal(err)
			}
			d.asked = 0
			tokens, err := driver.SignIn(t.Context(), srpAuth("ada"), d, d.here)
			if err != nil || (tokens.Device.Err != nil) != (test.want == refused) {
				t.Fatal(err, tokens.Device.Err)
			}
			var want []string
			if test.want != "" {
				want = []string{test.want}
				if test.want == refused {
					want = append(want, test.want) // the driver proves the device twice
				}
			}
			if !slices.Equal(api.errors, want) || (d.asked == 1) != (test.want != "") {
				t.Errorf("errors %q after %d questions for a code, want %q", api.errors, d.asked, want)
			}
		})
	}
}
