package flow

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
)

// Options are the settings of a driver. Functions given to [New] or [NewAdmin]
// set them for every sign-in, functions given to a method for that call alone.
// The zero value of each field is sound.
type Options struct {
	// Handlers answer challenges before the driver's own machine handlers and
	// before a person is asked. An entry for PASSWORD_SRP makes the SRP_A of
	// the first request too. Nil: the driver's own handlers.
	Handlers challenge.Mux

	// Devices keeps the records of remembered devices: this machine's for a
	// program, one browser's when it is given per call of a web backend. Nil:
	// no device is used or remembered, and a pool that tracks devices refuses
	// to refresh the tokens.
	Devices device.Store

	// DeviceName is the name that a new device gets in lists of devices.
	DeviceName string

	// RememberDevice is asked about a new device in pools that leave it to the
	// user; Tokens.DeviceKey is the device. Nil: AskLater. An error of it does
	// not fail the sign-in and is told in Tokens.DeviceError.
	RememberDevice func(context.Context, *Tokens) (Decision, error)

	// RefreshByAuthFlow refreshes with the auth flow REFRESH_TOKEN_AUTH in
	// place of GetTokensFromRefreshToken. With refresh token rotation only the
	// latter works; without it both do the same. Some emulators of the service
	// have the auth flow only.
	RefreshByAuthFlow bool

	// ClientMetadata goes to the pool's Lambda triggers with every request of
	// a sign-in. Which trigger sees it depends on the request: most see that
	// of the answers only.
	ClientMetadata map[string]string

	// UserContextData describes the user's device for threat protection, in
	// every request of a driver made by New; ContextData does so in those of
	// one made by NewAdmin.
	UserContextData *types.UserContextDataType
	ContextData     *types.ContextDataType

	// AnalyticsMetadata names the Amazon Pinpoint endpoint.
	AnalyticsMetadata *types.AnalyticsMetadataType

	// APIOptions are passed to every operation of the SDK client.
	//
	// Do not turn on aws.LogRequestWithBody there: it prints passwords, codes
	// and sessions.
	APIOptions []func(*cip.Options)

	// Trace, if not nil, is told of each step of a sign-in once its outcome is
	// known. It runs in the calling goroutine.
	Trace func(context.Context, Event)

	// Now is the clock, for the TIMESTAMP of proofs and the expiry of tokens.
	// Nil: time.Now. The service refuses proofs of a clock that is too far off;
	// package srp says what is known of the distance.
	Now func() time.Time
}

// Event is a step of a sign-in: its start or the answer to a challenge. It
// holds no secret.
type Event struct {
	Flow      types.AuthFlowType // what was started, "" for an answer
	Challenge challenge.Name     // what was answered, "" for a start
	By        string             // who answered: ByDriver, ByHandler or ByCaller
	Err       error              // why it was refused, nil if it was not
}

// Who answered a challenge.
const (
	ByDriver  = "driver"
	ByHandler = "handler" // one of Options.Handlers
	ByCaller  = "caller"  // of Respond, or the handler given to SignIn
)

// with returns a copy of o changed by optFns.
func (o Options) with(optFns []func(*Options)) Options {
	// What a function changes in place must not be another call's.
	o.APIOptions = slices.Clip(o.APIOptions)
	o.ClientMetadata, o.Handlers = maps.Clone(o.ClientMetadata), maps.Clone(o.Handlers)
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func (o *Options) trace(ctx context.Context, e Event) {
	if o.Trace != nil {
		o.Trace(ctx, e)
	}
}

// answerOptions are the client options for an answer to a challenge. When the
// reply to an answer is lost its session may be spent: sent again, it would be
// refused as if the user had been wrong. So only what the service cannot have
// acted on is retried.
func (o *Options) answerOptions() []func(*cip.Options) {
	return append(slices.Clip(o.APIOptions), func(c *cip.Options) {
		if c.Retryer != nil {
			c.Retryer = unprocessedOnly{c.Retryer}
		}
	})
}

// startOptions are the client options for the start of a sign-in, which can be
// repeated unless it spends a session as an answer does.
func (o *Options) startOptions(r request) []func(*cip.Options) {
	if r.session != "" {
		return o.answerOptions()
	}
	return o.APIOptions
}

// unprocessedOnly narrows a retryer to requests that were throttled or that
// never left this machine.
type unprocessedOnly struct{ aws.Retryer }

var throttled = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

func (r unprocessedOnly) IsErrorRetryable(err error) bool {
	var dial *net.OpError
	notSent := errors.As(err, &dial) && dial.Op == "dial"
	return (notSent || throttled.IsErrorThrottle(err) == aws.TrueTernary) && r.Retryer.IsErrorRetryable(err)
}

// GetAttemptToken keeps the rate limit of retryers that have one.
func (r unprocessedOnly) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if limited, ok := r.Retryer.(aws.RetryerV2); ok {
		return limited.GetAttemptToken(ctx)
	}
	return r.GetInitialToken(), nil
}
