package flow

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Options are the settings of a driver. Functions given to [New] or [NewAdmin] set them for
// each call. Functions given to a method set them for that call only. The zero value of each
// field is sound.
type Options struct {
	// Limits bound a sign-in over all its calls. The limits of the call that sends a request
	// count. The zero value has the defaults.
	Limits Limits

	// RequestTimeout bounds each operation, including the retries of the SDK client, if the
	// caller's context has no deadline. DeviceList.All counts as one operation. An operation
	// that takes longer ends with the code [NetworkFault]. 0: a minute. Negative: no bound.
	RequestTimeout time.Duration

	// Handshakes bounds how many SRP exchanges, of users and devices, a driver has under
	// way at once. An exchange is under way from the making of SRP_A to the proof. The
	// field belongs to the driver: in the options of a single call the field has no effect.
	//
	// The service takes a proof for a limited time after its challenge. So a call waits
	// before it sends SRP_A, and not between the challenge and the proof. Calls whose
	// sign-in has begun go first, three times of four. If the context of the call ends while
	// the call waits, the code is [Canceled]. A call whose context has no deadline waits without
	// limit, because RequestTimeout bounds requests only.
	//
	// Observe, ClientSecret, APIOptions, the store of the devices, and entries of Handlers for
	// PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER are called within an exchange. These
	// functions must not sign in with the same driver.
	//
	// 0: 128 for each processor (GOMAXPROCS when the driver is made). A processor computes
	// 128 proofs in 0.3 s. Set more if the service takes longer than 0.1 s for its challenge.
	// Negative: no bound.
	Handshakes int

	// Handlers answer challenges before the driver's own handlers do and before a person is
	// asked. If a handler returns challenge.ErrNoAnswer, the next one is asked. Any other error
	// ends the sign-in with an [Error] that wraps the error of the handler. Nil: the driver's own
	// handlers.
	//
	// Both halves of an SRP exchange can be replaced. The answer to PASSWORD_SRP or
	// DEVICE_SRP_AUTH is the first half. The driver puts the answer of the entry for
	// PASSWORD_SRP into the first request too.
	Handlers challenge.Mux

	// holder has the remembered devices: see ThisMachine and ThisBrowser. Zero: no
	// device is used or remembered.
	holder device.Holder

	// DeviceName is the name of a new device in lists of devices, and the name of a new
	// authenticator app in its challenges.
	DeviceName string

	// RememberDevice is asked about a new device, in a pool that lets the user decide whether
	// the device is remembered. The call that confirms the device asks: the last call of the
	// sign-in, or a later Refresh or ConfirmDevice. Tokens.Device is the device. Without a
	// holder, RememberDevice is not asked. Nil: AskLater. An error of RememberDevice does not
	// fail the call: the error is in Tokens.Device.
	RememberDevice func(context.Context, *Tokens) (Decision, error)

	// ClientSecret, if not nil, returns the client secret, and App.ClientSecret is ignored. Set
	// it for a secret that is rotated: an app client can have two secrets at once
	// (AddUserPoolClientSecret).
	//
	// The driver calls ClientSecret before each operation that needs the secret, from several
	// goroutines. So ClientSecret should keep the secret in memory. The call waits until
	// ClientSecret returns, also after the context has ended. If ClientSecret fails or returns no
	// secret, nothing is sent, and the code is [SecretUnavailable]. The text of the error must
	// not hold the secret.
	ClientSecret func(context.Context) (secret.String, error)

	// RefreshByAuthFlow refreshes with the auth flow REFRESH_TOKEN_AUTH instead of
	// GetTokensFromRefreshToken. Set it for an emulator that has the auth flow only. The
	// service refuses the auth flow if the app client has refresh token rotation.
	RefreshByAuthFlow bool

	// ClientMetadata goes to the pool's Lambda triggers with each request of a sign-in. Most
	// triggers see the ClientMetadata of answers only. Package account sends ClientMetadata,
	// UserContextData and AnalyticsMetadata too.
	ClientMetadata map[string]string

	// UserContextData describes the user's device for threat protection, if the driver was
	// made by New.
	UserContextData *types.UserContextDataType
	// ContextData does the same if the driver was made by NewAdmin.
	ContextData *types.ContextDataType

	// AnalyticsMetadata names the Amazon Pinpoint endpoint.
	AnalyticsMetadata *types.AnalyticsMetadataType

	// APIOptions are passed to every operation of the SDK client. The driver
	// wraps the Retryer and the HTTPClient that they set.
	//
	// Do not set aws.LogRequestWithBody here: the SDK client would log passwords, codes and
	// sessions.
	APIOptions []func(*cip.Options)

	// Observe, if not nil, is called when an operation begins and when the operation ends:
	// see [Observer].
	Observe Observer

	// Now is this machine's clock. [Tokens].Expiry is a time of this clock. For the
	// service's clock see [Driver.Now]. Nil: time.Now.
	Now func() time.Time
}

// now is the time by the service's clock.
func (e *engine) now() time.Time { return e.clock.adjust(e.options.Now()) }

// with returns a copy of the options, changed by optFns. The original stays as it is.
func (o Options) with(optFns []func(*Options)) Options {
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

// replace gives another operation the options of this call.
func (o *Options) replace(other *Options) { *other = *o }

// clientOptions are the client options for a request of a sign-in. If the reply to a
// request that spends something is lost, the service may refuse a repetition as if the
// user had been wrong. The SDK client retries such a request only if the service cannot
// have acted on the request.
func (o *Options) clientOptions(r request) []func(*cip.Options) {
	if !r.spends() {
		return o.operationOptions()
	}
	return o.onceOptions()
}

// onceOptions are the client options for an operation that must not be repeated once the
// service has acted.
func (o *Options) onceOptions() []func(*cip.Options) {
	return append(o.operationOptions(), retryUnprocessed)
}

func retryUnprocessed(c *cip.Options) {
	if c.Retryer != nil {
		c.Retryer = unprocessedOnly{c.Retryer}
	}
}

// operationOptions are the client options for an operation that can be repeated.
func (o *Options) operationOptions() []func(*cip.Options) {
	own := append(slices.Grow(slices.Clip(o.APIOptions), 3), guardTransport)
	if o.Observe != nil {
		own = append(own, recordResponses)
	}
	return own
}

// unprocessedOnly narrows a retryer to requests that were throttled or that did not
// leave this machine.
type unprocessedOnly struct{ aws.Retryer }

func (r unprocessedOnly) IsErrorRetryable(err error) bool {
	return isUnsent(err) || isThrottle(err) && r.Retryer.IsErrorRetryable(err)
}

// GetAttemptToken keeps the rate limit of retryers that have one.
func (r unprocessedOnly) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if limited, ok := r.Retryer.(aws.RetryerV2); ok {
		return limited.GetAttemptToken(ctx)
	}
	return r.GetInitialToken(), nil
}
