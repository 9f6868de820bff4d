package websession

import (
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
)

// If new tokens do not fit, the refresh token and the state of the device are kept.
func TestTokensThatDoNotFit(t *testing.T) {
	now, o := time.Now(), new(Options)
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	former := newState(&flow.Tokens{
		AccessToken: secret.New("access-1"), RefreshToken: secret.New("refresh-1"), Expiry: now.Add(time.Hour),
		Device: flow.DeviceOutcome{State: flow.DeviceUnconfirmed},
	}, now, o)
	next, err := former.succeeded(&flow.Tokens{
		AccessToken: secret.New(strings.Repeat("a", store.MaxData)), RefreshToken: secret.New("refresh-2"), Expiry: now.Add(2 * time.Hour),
		Device: flow.DeviceOutcome{State: flow.DeviceConfirmed},
	}, now, o)
	if err == nil || next.Failure == nil {
		t.Fatalf("got %v, want the size", err)
	}
	got := next.Tokens
	if got.AccessToken.Reveal() != "access-1" || got.RefreshToken.Reveal() != "refresh-2" || got.Device.State != flow.DeviceConfirmed {
		t.Errorf("got %+v", got)
	}
	if next.Generation <= former.Generation || !got.Expiry.Equal(former.Tokens.Expiry) {
		t.Errorf("generation %d after %d, expiry %v", next.Generation, former.Generation, got.Expiry)
	}
}
