package websession

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
)

// Options are the settings of a [Manager]. The zero value of each field is sound. All
// instances should have the same.
type Options struct {
	// Lifetime ends a web session so long after Create. 0: 30 days.
	Lifetime time.Duration

	// Idle ends a web session so long after the last call of Tokens. The store learns
	// of a call only every tenth of Idle, so the end may be a tenth earlier. 0: 24
	// hours.
	Idle time.Duration

	// Margin is how long before its expiry a token is refreshed, at the latest; a
	// random time up to as long again is added, drawn for each token. 0: a sixth of the
	// lifetime of the token, at most 5 minutes. Margin is never more than a third of
	// the lifetime.
	Margin time.Duration

	// MinBackoff is how long no instance tries anything after a refresh has failed. It
	// doubles with each further failure up to MaxBackoff, and up to half of it is taken
	// off at random. After a refusal it is MaxBackoff at once. 0: a second, and a minute.
	MinBackoff, MaxBackoff time.Duration

	// Lease is how long an instance has a web session to itself for a refresh. The
	// request to the service ends after two thirds of it, so that two instances never
	// send one refresh token at once. If an instance dies during a refresh, another one
	// takes over when it has seen the lease unchanged for so long: no two clocks are
	// compared. 0: 15 seconds. At least 100 milliseconds.
	Lease time.Duration

	// StoreTimeout bounds each operation of the store. StoreTimeout is at most a fifth of Lease.
	// 0: a fifth of Lease.
	StoreTimeout time.Duration

	// CacheSize is of how many web sessions this process keeps the tokens in memory, some
	// 10 KB for each. Web sessions that were not used lately are dropped. A token is used from
	// memory if the store has the same version, or if the store is down. 0: 10,000.
	CacheSize int

	// MaxPerUser is how many web sessions a user has at most. A further one ends the
	// oldest, unless one of them has ended by idle time. 0: 100, the most.
	MaxPerUser int

	// CookieName is the name of the cookie, without the prefix __Host-. "": web-session.
	CookieName string

	// Persistent makes the browser keep the cookie for Lifetime, and not only until the
	// browser is closed.
	Persistent bool

	// Insecure leaves the Secure attribute and the prefix __Host- out of cookies, for
	// development on hosts without TLS. Do not set it on a host that others can reach.
	Insecure bool

	// RefreshOptions are for each refresh and each revocation, on top of the driver's own.
	RefreshOptions []func(*flow.Options)

	// OnError is told of each failure that callers may notice nothing of: of the store
	// while tokens are in memory, of refreshes, of revocations, of an Observer that panics,
	// and Device.Err of new tokens. Several goroutines call OnError at once. A panic in OnError is not
	// caught. Nil: nobody is told.
	OnError func(error)

	// Now is this machine's clock, the same as flow.Options.Now. The clocks of the
	// instances should agree within a few seconds. Nil: time.Now.
	Now func() time.Time
}

const (
	mostPerUser = 100
	leastLease  = 100 * time.Millisecond
	// touches is how often the store learns of a call in the time of Idle.
	touches = 10
	// longestMargin is the longest Margin unless it is set.
	longestMargin = 5 * time.Minute
	// transit is how long a token is on its way before anyone looks at its expiry.
	transit = 5 * time.Second
)

// complete sets what is not set, and refuses what cannot work.
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
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case o.Lifetime < 0, o.Idle < 0, o.Margin < 0, o.MinBackoff < 0, o.MaxBackoff < o.MinBackoff, o.CacheSize < 0:
		return errors.New("websession: Options: a duration or CacheSize is negative, or MinBackoff is longer than MaxBackoff")
	case o.Lease < leastLease:
		return fmt.Errorf("websession: Options.Lease is %v; give %v or more", o.Lease, leastLease)
	case o.StoreTimeout < 0, o.StoreTimeout > o.Lease/5:
		return fmt.Errorf("websession: Options.StoreTimeout is %v; give a fifth of Lease at most, %v", o.StoreTimeout, o.Lease/5)
	case (&http.Cookie{Name: o.CookieName}).Valid() != nil:
		return errors.New("websession: Options.CookieName is not the name of a cookie")
	case o.MaxPerUser < 1, o.MaxPerUser > mostPerUser:
		return fmt.Errorf("websession: Options.MaxPerUser is %d; give 1 to %d", o.MaxPerUser, mostPerUser)
	}
	return nil
}
