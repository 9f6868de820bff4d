package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
)

// TestConfirmLater has ConfirmDevice fail in each way of the matrix. The refresh an hour later
// succeeds. With a holder, the device is remembered.
func TestConfirmLater(t *testing.T) {
	t.Parallel()
	step := matrixSteps[slices.IndexFunc(matrixSteps, func(s matrixStep) bool { return s.role == ofSettling })]
	step.change = func(c *cognitotest.PoolConfig) {
		tracksDevices(c)
		for i := range c.Clients {
			c.Clients[i].AccessTokenSeconds = 7200 // longer than the hour, because ConfirmDevice needs the access token
		}
	}
	all := byname.Asked(t)
	for i, fault := range wireFaults {
		for j, by := range []string{"Refresh", "ConfirmDevice", "TokenSource", "Refresh without holder"} {
			for m, mode := range []string{"handler", "step by step"} {
				switch first := mode == "handler"; {
				case byname.RaceDetector && first != (by == "Refresh"):
					continue
				case !byname.RaceDetector && !all && (i+j)%4 != 2*m:
					continue // a quarter of the combinations still has each fault and each way in both modes
				}
				t.Run(fault.name+"/"+by+"/"+mode, func(t *testing.T) {
					t.Parallel()
					c := newCell(t, step, fault, mode == "handler")
					if by == "Refresh without holder" {
						c.devices = nil
					}
					tokens := c.confirmLater(by)
					for range 2 {
						var err error
						if tokens, err = c.driver().Refresh(t.Context(), tokens, c.here); err != nil {
							t.Fatal(err)
						}
					}
					if c.devices != nil && c.deviceOnRecord() != tokens.Device.Key {
						t.Errorf("the wallet has %q, the tokens %q", c.deviceOnRecord(), tokens.Device.Key)
					}
				})
			}
		}
	}
}

// confirmLater signs in while ConfirmDevice fails. An hour later, confirmLater uses the tokens
// by a method, and returns the tokens that the program then has.
func (c *cell) confirmLater(by string) *flow.Tokens {
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	c.wire.cancel = cancel
	c.wire.armed = true
	tokens, err := c.signIn(ctx)
	c.wire.armed = false
	if err != nil {
		c.Fatal(err)
	}
	failed := expected(c.step, c.fault).deviceError
	if state := tokens.Device.State; failed != (state == flow.DeviceUnconfirmed) || failed != (tokens.Device.Err != nil) || !failed && state != flow.DeviceConfirmed {
		c.Errorf("the device is %+v, want it unconfirmed: %v", tokens.Device, failed)
	}
	if c.devices != nil {
		kept, err := c.wallet().FindKey(c.Context(), tokens.Device.Key)
		if err != nil || (kept.State == device.Unconfirmed) != failed {
			c.Errorf("the wallet has the device as %q, %v", kept.State, err)
		}
	}
	c.clock.Advance(time.Hour)
	switch by {
	case "ConfirmDevice":
		if tokens.Device, err = c.driver().ConfirmDevice(c.Context(), tokens, c.here); err != nil || tokens.Device.State != flow.DeviceConfirmed {
			c.Errorf("the device is %+v, %v", tokens.Device, err)
		}
	case "TokenSource":
		var saved *flow.Tokens
		source := c.driver().TokenSource(tokens, func(o *flow.SourceOptions) {
			o.Save = func(_ context.Context, t *flow.Tokens) error { saved = t; return nil }
			o.OnError = func(err error) { c.Error(err) }
			o.RefreshOptions = append(o.RefreshOptions, c.here)
		})
		if _, err := source.Token(); err != nil {
			c.Error(err)
		}
		source.Wait(c.Context())
		if saved == nil || saved.Device.State == flow.DeviceUnconfirmed {
			c.Fatalf("saved %+v", saved)
		}
		return saved
	}
	return tokens
}

// If the confirmation fails again, Refresh returns the error and does not send the refresh
// token. The next Refresh succeeds.
func TestConfirmLaterFailsAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cognitotest.Fault{
		"throttled": {Operation: "ConfirmDevice", Error: "TooManyRequestsException", Times: 2},
		"lost":      {Operation: "ConfirmDevice", AfterWork: true, Drop: true, Times: 2},
		"broken":    {Operation: "ConfirmDevice", Error: "InternalErrorException", Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.pool.Fail(fault)
			tokens := d.signIn(srpAuth("ada"), 1)
			_, err := d.driver().Refresh(t.Context(), tokens, d.here)
			if e := flowError(t, err); e.Remedy() != flow.TryLater || e.Operation != "ConfirmDevice" {
				t.Errorf("got %v", err)
			}
			if len(calls(d.pool, "GetTokensFromRefreshToken")) != 0 {
				t.Error("a refresh was sent, which the service refuses while the device is not confirmed")
			}
			fresh, err := d.driver().Refresh(t.Context(), tokens, d.here)
			if err != nil {
				t.Fatal(err)
			}
			if fresh.Device.State != flow.DeviceConfirmed {
				t.Errorf("the device is %+v", fresh.Device)
			}
			d.signIn(srpAuth("ada"), 0)
		})
	}
}

// If the access token has expired, the device cannot be confirmed any more. Refresh then sends
// the refresh token, and returns the refusal of the service.
func TestConfirmTooLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.pool.Fail(noConfirm)
	tokens := d.signIn(srpAuth("ada"), 1)
	d.clock.Advance(2 * time.Hour)
	if _, err := d.driver().ConfirmDevice(t.Context(), tokens, d.here); !errors.Is(err, flow.TokenRefused) {
		t.Errorf("ConfirmDevice: %v", err)
	}
	if _, err := d.driver().Refresh(t.Context(), tokens, d.here); !errors.Is(err, flow.TokenRefused) || flowError(t, err).Operation == "ConfirmDevice" {
		t.Errorf("Refresh: %v", err)
	}
}

func TestNothingToConfirm(t *testing.T) {
	d := newDesk(t, nil)
	tokens := d.signIn(srpAuth("ada"), 1)
	mark := d.mark()
	got, err := d.driver().ConfirmDevice(t.Context(), tokens, d.here)
	if err != nil || got != tokens.Device || d.mark() != mark {
		t.Errorf("got %+v, %v after %d requests", got, err, d.mark()-mark)
	}
	for _, none := range []*flow.Tokens{nil, {}} {
		if _, err := d.driver().ConfirmDevice(t.Context(), none); err == nil || !strings.Contains(err.Error(), "no access token") {
			t.Errorf("got %v", err)
		}
	}
}

// A token source confirms the device of new tokens at once, because ConfirmDevice needs an
// access token that has not expired.
func TestTokenSourceConfirmsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.pool.Fail(noConfirm)
	tokens := d.signIn(srpAuth("ada"), 1)
	source := d.driver().TokenSource(tokens, func(o *flow.SourceOptions) { o.RefreshOptions = append(o.RefreshOptions, d.here) })
	if token, err := source.Token(); err != nil || token.AccessToken != tokens.AccessToken.Reveal() {
		t.Errorf("the caller did not get the present token: %v", err)
	}
	source.Wait(t.Context())
	d.clock.Advance(3 * time.Hour)
	if _, err := source.Token(); err != nil {
		t.Error(err)
	}
	d.signIn(srpAuth("ada"), 0)
}

// OnError receives the error of the device of new tokens.
func TestOnErrorIsToldOfTheDevice(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.pool.Fail(noConfirm)
	var told []error
	source := d.driver().TokenSource(nil, func(o *flow.SourceOptions) {
		o.SignIn = func(ctx context.Context) (*flow.Tokens, error) {
			return d.driver().SignIn(ctx, srpAuth("ada"), d, d.here)
		}
		o.OnError = func(err error) { told = append(told, err) }
	})
	if _, err := source.Token(); err != nil {
		t.Fatal(err)
	}
	source.Wait(t.Context())
	if len(told) != 1 || flowError(t, told[0]).Operation != "ConfirmDevice" {
		t.Errorf("OnError received %v, want the error of ConfirmDevice", told)
	}
}
