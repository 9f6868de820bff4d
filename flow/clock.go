package flow

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// clock is the service's clock as far as replies have told it. All sign-ins of
// a driver share the clock. Only proofs and the age of prompts use it: a
// lifetime of tokens is a difference of two times of the service already.
type clock struct{ skew atomic.Int64 }

// A Date header has whole seconds, and a reply takes a while. A smaller
// difference than this tells nothing about the machine's clock.
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
		return // nor is the zero time
	}
	skew := at.Sub(now)
	if skew.Abs() < leastSkew {
		skew = 0
	}
	c.skew.Store(int64(skew))
}

// adjust turns a time of this machine into one of the service.
func (c *clock) adjust(now time.Time) time.Time { return now.Add(time.Duration(c.skew.Load())) }

// Now returns the time by the service's clock. The driver takes that clock from the Date
// of the replies of sign-ins, and of the refusals of all operations. It ignores a
// difference under two seconds. Until the first reply Now is Options.Now. Compare
// [Prompt.Issued] with Now, and give Now to package seal.
func (d *Driver) Now() time.Time { return d.clock.adjust(d.options.Now()) }
