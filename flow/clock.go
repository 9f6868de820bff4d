package flow

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// clock is the service's clock, as replies tell it. All sign-ins of a driver share the clock.
// Proofs, step-ups and the age of prompts use the clock. The lifetime of a token does not
// need the clock, because it is a difference of two times of the service.
type clock struct{ skew atomic.Int64 }

// A Date header has whole seconds, and a reply takes time. So a smaller difference than
// this one does not show that the machine's clock is wrong.
const leastSkew = 2 * time.Second

// A Date outside of these years is no time of the service, which began in 2014.
const firstYear, lastYear = 2014, 2099

// observe takes the service's time from a reply, or from the response to a
// request that was refused. The time now is this machine's.
func (c *clock) observe(rep *reply, err error, now time.Time) {
	var at time.Time
	if rep != nil {
		at = rep.at
	}
	if err != nil {
		var refused *awshttp.ResponseError
		if errors.As(err, &refused) && refused.RequestID != "" && refused.Response != nil && refused.Response.Response != nil {
			at, _ = http.ParseTime(refused.Response.Header.Get("Date"))
		}
	}
	if year := at.UTC().Year(); year < firstYear || year > lastYear {
		return // also at the zero time
	}
	skew := at.Sub(now)
	if skew.Abs() < leastSkew {
		skew = 0
	}
	c.skew.Store(int64(skew))
}

// adjust turns a time of this machine into a time of the service.
func (c *clock) adjust(now time.Time) time.Time { return now.Add(time.Duration(c.skew.Load())) }

// Now returns the time by the service's clock. Compare [Prompt.Issued] with Now, and give Now
// to package seal.
//
// The service refuses a proof if its TIMESTAMP is too far from the service's clock. So the
// driver reads that clock in the Date of replies, and a machine with a wrong clock can sign in.
// The replies are those of sign-ins, and the refusals of all operations. The driver ignores a
// difference of less than two seconds, and the Date of a reply from a cache (with an Age). Until
// the first reply, Now is Options.Now.
func (d *Driver) Now() time.Time { return d.clock.adjust(d.options.Now()) }

// LocalNow returns the time by this machine's clock, Options.Now. Compare [Tokens].Expiry with
// LocalNow.
func (d *Driver) LocalNow() time.Time { return d.options.Now() }
