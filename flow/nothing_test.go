package flow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A program may have no tokens, for example after a failed sign-in. The methods then return an
// error and do not panic.
func TestNoTokens(t *testing.T) {
	pool := newPool(t, nil, ada)
	d, ctx := newDriver(t, pool, "public"), t.Context()
	for name, tokens := range map[string]*flow.Tokens{"nil": nil, "empty": {}, "without access token": {IDToken: secret.New("id")}} {
		devices := d.DeviceList(tokens)
		_, list := devices.All(ctx)
		_, get := devices.Get(ctx, "key")
		_, refresh := d.Refresh(ctx, tokens)
		for method, err := range map[string]error{
			"All": list, "Get": get, "Remember": devices.Remember(ctx, "key", true), "Forget": devices.Forget(ctx, "key"),
			"Refresh": refresh, "GlobalSignOut": d.GlobalSignOut(ctx, tokens),
		} {
			if err == nil || !strings.Contains(err.Error(), "there is no ") {
				t.Errorf("%s, %s: got %v", name, method, err)
			}
		}
		if !errors.Is(refresh, flow.TokenRefused) {
			t.Errorf("%s: Refresh returns %v, want the code %s", name, refresh, flow.TokenRefused)
		}
		if err := d.SignOut(ctx, tokens); err != nil { // without tokens, the user is signed out
			t.Errorf("%s, SignOut: %v", name, err)
		}
	}
	if sent := pool.Requests(); len(sent) != 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

// endlessPages is a service whose list of devices has no last page.
type endlessPages struct {
	flow.API
	flow.DeviceAPI
	pages int
	round int // the number of pages before they repeat, 0 for pages that do not repeat
}

func (p *endlessPages) ListDevices(_ context.Context, in *cip.ListDevicesInput, _ ...func(*cip.Options)) (*cip.ListDevicesOutput, error) {
	p.pages++
	page := p.pages
	if p.round > 0 {
		page %= p.round
	}
	return &cip.ListDevicesOutput{Devices: []types.DeviceType{{}}, PaginationToken: aws.String(fmt.Sprint(page))}, nil
}

func TestPagesOfDevicesEnd(t *testing.T) {
	tokens := &flow.Tokens{AccessToken: secret.New("access")}
	api := &endlessPages{}
	d, err := flow.New(api, anApp)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.DeviceList(tokens).All(t.Context())
	if e := flowError(t, err); e.Code() != flow.UnexpectedReply || e.Operation != "ListDevices" || !strings.Contains(err.Error(), "the list has more than 100 pages") || api.pages != 100 {
		t.Errorf("%d pages, then %v", api.pages, err)
	}
	*api = endlessPages{round: 3}
	if all, err := d.DeviceList(tokens).All(t.Context()); err != nil || len(all) != 4 {
		t.Errorf("of pages that repeat: %d devices, %v, want 4", len(all), err)
	}
}

// GlobalSignOut succeeds with tokens that are revoked. With tokens that have expired, it
// fails, because the service does not say whether they were revoked.
func TestGlobalSignOutTwice(t *testing.T) {
	c := newClock()
	pool := newPool(t, func(config *cognitotest.PoolConfig) { config.Now = c.Now }, ada)
	d := newDriver(t, pool, "public", c.use)
	tokens, others := byAlias(t, d), byAlias(t, d)
	for range 2 {
		if err := d.GlobalSignOut(t.Context(), tokens); err != nil {
			t.Error(err)
		}
	}
	if n := len(calls(pool, "GlobalSignOut")); n != 2 {
		t.Errorf("%d requests for two calls", n)
	}
	pool.Fail(cognitotest.Fault{Operation: "GlobalSignOut", Error: "TooManyRequestsException"})
	if err := d.GlobalSignOut(t.Context(), others); !errors.Is(err, flow.Throttled) {
		t.Errorf("throttled: %v", err)
	}
	c.Advance(2 * time.Hour)
	if err := d.GlobalSignOut(t.Context(), others); !errors.Is(err, flow.TokenRefused) {
		t.Errorf("with an expired token: %v", err)
	}
}
