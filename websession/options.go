package websession

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
)

// Options are the settings of a [Manager]. The zero value of each field works. All
// instances should have the same settings.
type Options struct {
	// Lifetime is the time from Create to the end of a web session. 0: 30 days.
	Lifetime time.Duration

	// Idle is the time from the last call of Tokens to the end of a web session. Calls
	// are written to the store every tenth of Idle, so the end may be a tenth earlier.
	// 0: 24 hours.
	Idle time.Duration

	// Margin is the latest time for a refresh, before the token expires. A random time
	// of up to Margin is added for each token. 0: a sixth of the lifetime of the token,
	// at most 5 minutes. A Margin of more than a third of the lifetime counts as a third.
	Margin time.Duration

	// MinBackoff is the pause after a refresh has failed, for all instances. The pause
	// doubles with each further failure up to MaxBackoff. A random part, at most half of
	// the pause, is taken off. After a refusal the pause is MaxBackoff. 0: a second, and
	// a minute.
	MinBackoff, MaxBackoff time.Duration

	// Lease is how long one instance alone may refresh a web session. The request to the
	// service ends after two thirds of Lease. If the instance dies during a refresh,
	// another one takes over after it has seen the lease unchanged for this time. Clocks
	// of two machines are not compared. 0: 15 seconds. At least 100 milliseconds.
	Lease time.Duration

	// StoreTimeout bounds each operation of the store. New refuses more than a fifth of
	// Lease. 0: a fifth of Lease.
	StoreTimeout time.Duration

	// CacheSize is the number of web sessions that this process keeps in memory, some
	// 10 KB for each. Web sessions that were not used lately are dropped. A record is used
	// from memory if the store has the same version, or if the store is down. 0: 10,000.
	CacheSize int

	// MaxPerUser is the largest number of web sessions of a user, 1 to 100. One more ends
	// the oldest of them, unless one has ended by idle time. 0: 100.
	MaxPerUser int

	// CookieName is the name of the cookie, without the prefix __Host-. "": web-session.
	CookieName string

	// Persistent makes the browser keep the cookie for Lifetime. Without Persistent the
	// browser deletes the cookie when the browser is closed.
	Persistent bool

	// Insecure leaves the Secure attribute and the prefix __Host- out of cookies, for
	// development on hosts without TLS. Do not set Insecure on a host that others can
	// reach.
	Insecure bool

	// RefreshOptions change the driver's options for each refresh and each revocation.
	RefreshOptions []func(*flow.Options)

	// OnError receives errors that callers may not get:
	//
	//   - of the store, while tokens are in memory
	//   - of refreshes and revocations
	//   - of an Observer that panics
	//   - Device.Err of new tokens
	//
	// Several goroutines call OnError at once. A panic in OnError is not caught. Nil:
	// these errors are dropped.
	OnError func(error)

	// Now returns the time by this machine's clock. The clocks of the instances should agree
	// within a few seconds. Nil: the clock of the driver, flow.Driver.LocalNow.
	Now func() time.Time
}

const (
	mostPerUser = 100
	leastLease  = 100 * time.Millisecond
	// touches is how often in the time of Idle a call is written to the store.
	touches = 10
	// longestMargin is the longest Margin unless it is set.
	longestMargin = 5 * time.Minute
	// transit is the time from Tokens to the check of a token by another server.
	transit = 5 * time.Second
)

// complete sets the fields that are zero, and fails if a field cannot work.
func (o *Options) complete() error {
	o.Lifetime = cmp.Or(o.Lifetime, 30*24*time.Hour)
	o.Idle = cmp.Or(o.Idle, 24*time.Hour)
	o.MinBackoff = cmp.Or(o.MinBackoff, time.Second)
	o.MaxBackoff = cmp.Or(o.MaxBackoff, time.Minute)
	o.Lease = cmp.Or(o.Lease, 15*time.Second)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, o.Lease/5)
	o.CacheSize = cmp.Or(o.CacheSize, 10_000)
	o.MaxPerUser = cmp.Or(o.MaxPerUser, mostPerUser)
	o.CookieName = cmp.Or(o.CookieName, "web-session")
	switch {
	case o.Lifetime < 0, o.Idle < 0, o.Margin < 0, o.MinBackoff < 0, o.MaxBackoff < o.MinBackoff, o.CacheSize < 0:
		return errors.New("websession: Options: a duration or CacheSize is negative, or MinBackoff is longer than MaxBackoff")
	case o.Lease < leastLease:
		return fmt.Errorf("websession: Options.Lease is %v: give %v or more", o.Lease, leastLease)
	case o.StoreTimeout < 0, o.StoreTimeout > o.Lease/5:
		return fmt.Errorf("websession: Options.StoreTimeout is %v: give a fifth of Lease at most, %v", o.StoreTimeout, o.Lease/5)
	case (&http.Cookie{Name: o.CookieName}).Valid() != nil:
		return errors.New("websession: Options.CookieName is not the name of a cookie")
	case o.MaxPerUser < 1, o.MaxPerUser > mostPerUser:
		return fmt.Errorf("websession: Options.MaxPerUser is %d: give 1 to %d", o.MaxPerUser, mostPerUser)
	}
	return nil
}
