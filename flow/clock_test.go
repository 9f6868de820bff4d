package flow_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// strictPool returns a pool that accepts a proof for ten seconds by the pool's clock. The
// Date of each reply has the time of that clock.
func strictPool(t *testing.T, users ...cognitotest.UserConfig) (*cognitotest.Pool, *clock) {
	t.Helper()
	service := newClock()
	return newPool(t, func(c *cognitotest.PoolConfig) {
		c.Now, c.Dialect.TimestampSeconds, c.MFA = service.Now, 10, "OPTIONAL"
	}, users...), service
}

// offBy gives a driver a clock that differs from the service's.
func offBy(service *clock, off time.Duration) func(*flow.Options) {
	return func(o *flow.Options) { o.Now = func() time.Time { return service.Now().Add(off) } }
}

func TestSignInWithAWrongClock(t *testing.T) {
	for _, off := range []time.Duration{-7 * time.Hour, 5 * time.Hour, 30 * 365 * 24 * time.Hour, 11 * time.Second, 0} {
		t.Run(off.String(), func(t *testing.T) {
			pool, service := strictPool(t, ada)
			d := newDriver(t, pool, "public", offBy(service, off))
			if got, want := d.Now(), service.Now().Add(off); !got.Equal(want) {
				t.Errorf("before any reply the time is %v, want the machine's %v", got, want)
			}
			tokens, err := d.SignIn(t.Context(), srpAuth("ada"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !d.Now().Equal(service.Now()) {
				t.Errorf("the time is %v, want the service's %v", d.Now(), service.Now())
			}
			// The program compares an expiry with its own clock.
			if want := service.Now().Add(off + time.Hour); !tokens.Expiry.Equal(want) {
				t.Errorf("the tokens expire at %v, want %v", tokens.Expiry, want)
			}
		})
	}
}

// The time of a prompt is that of the service's clock, so that all machines read the same age.
func TestPromptIsIssuedByTheServicesClock(t *testing.T) {
	pool, service := strictPool(t, deskUser("ada"))
	step, err := newDriver(t, pool, "public", offBy(service, 9*time.Hour)).Start(t.Context(), srpAuth("ada"))
	if err != nil {
		t.Fatal(err)
	}
	if got := step.Prompt.Issued(); !got.Equal(service.Now()) {
		t.Errorf("issued %v, want %v", got, service.Now())
	}
	if got := reread(t, step.Prompt).Issued(); !got.Equal(service.Now()) {
		t.Errorf("stored as issued %v, want %v", got, service.Now())
	}
}

// The driver learns the service's time from a refusal too.
func TestClockIsLearntFromARefusal(t *testing.T) {
	pool, service := strictPool(t, ada)
	d := newDriver(t, pool, "public", offBy(service, -3*time.Hour))
	_, err := d.Start(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New("wrong-Password-1!")})
	if !errors.Is(err, flow.WrongCredentials) {
		t.Fatal(err)
	}
	if !d.Now().Equal(service.Now()) {
		t.Errorf("the time is %v, want %v", d.Now(), service.Now())
	}
}

// A difference of a second or two can be the way of the reply. The driver keeps the machine's
// time.
func TestSmallDifferencesAreNoSkew(t *testing.T) {
	pool, service := strictPool(t, ada)
	d := newDriver(t, pool, "public", offBy(service, 1500*time.Millisecond))
	if _, err := d.SignIn(t.Context(), srpAuth("ada"), nil); err != nil {
		t.Fatal(err)
	}
	if want := service.Now().Add(1500 * time.Millisecond); !d.Now().Equal(want) {
		t.Errorf("the time is %v, want the machine's %v", d.Now(), want)
	}
}

// The driver ignores the Date of a cache, and a Date at which the service cannot have replied.
func TestDatesThatTellNothing(t *testing.T) {
	for name, header := range map[string]http.Header{
		"from a cache":          {"Date": {"Sat, 21 Nov 2026 05:00:00 GMT"}, "Age": {"86400"}},
		"no date":               {"Date": nil},
		"no HTTP date":          {"Date": {"yesterday"}},
		"the year 1":            {"Date": {"Mon, 01 Jan 0001 00:00:00 GMT"}},
		"1970":                  {"Date": {"Thu, 01 Jan 1970 00:00:00 GMT"}},
		"before the service":    {"Date": {"Tue, 31 Dec 2013 23:59:59 GMT"}},
		"the end of all dates":  {"Date": {"Fri, 31 Dec 9999 23:59:59 GMT"}},
		"after anyone is there": {"Date": {"Fri, 01 Jan 2100 00:00:00 GMT"}},
	} {
		for outcome, word := range map[string]string{"reply": password, "refusal": "wrong-Password-1!"} {
			t.Run(name+", "+outcome, func(t *testing.T) {
				pool, service := strictPool(t, ada)
				var bad http.Header
				client := pool.Client(func(o *cip.Options) {
					whole := o.HTTPClient
					o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
						response, err := whole.Do(r)
						for key, values := range bad {
							response.Header[key] = values
						}
						return response, err
					})
				})
				d, err := flow.New(client, appOf(pool, "public"), offBy(service, 2*time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := d.SignIn(t.Context(), srpAuth("ada"), nil); err != nil {
					t.Fatal(err)
				}
				bad = header
				_, err = d.Start(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New(word)})
				if (err == nil) != (outcome == "reply") {
					t.Fatal(err)
				}
				if !d.Now().Equal(service.Now()) {
					t.Errorf("the time is %v, want %v as before", d.Now(), service.Now())
				}
			})
		}
	}
}
