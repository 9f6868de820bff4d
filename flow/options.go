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

// Options are the settings of a driver. Functions given to [New] or [NewAdmin]
// set them for every sign-in, functions given to a method for that call alone.
// The zero value of each field is sound.
type Options struct {
	// Limits bound a sign-in over all its calls. Those of the call that sends
	// the request count. The zero value has the defaults.
	Limits Limits

	// RequestTimeout bounds each operation, its retries by the SDK included, if
	// the caller's context has no deadline. DeviceList.All counts as one operation.
	// An operation that takes longer ends with code [NetworkFault]. 0: a minute.
	// Negative: no bound.
	RequestTimeout time.Duration

	// Handshakes bounds how many SRP exchanges, of users and devices, a driver has under
	// way at once. An exchange is under way from the making of SRP_A to the proof. The
	// field belongs to the driver: in the options of a single call it has no effect.
	//
	// The service takes a proof for a limited time after its challenge. So a call waits
	// before it sends SRP_A, and not between the challenge and the proof. Calls whose
	// sign-in has begun go first, three times of four. If the context of the call ends
	// meanwhile, the code is [Canceled]. A call whose context has no deadline waits as long as
	// it takes: RequestTimeout bounds requests.
	//
	// Observe, ClientSecret, APIOptions, the store of the devices, and entries of Handlers for
	// PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER are called within an exchange. They must
	// not sign in with the same driver.
	//
	// 0: 128 for each processor (GOMAXPROCS when the driver is made), whose proofs take
	// 0.3 s. More are of use if the service takes longer than 0.1 s for its
	// challenge. Negative: no bound.
	Handshakes int

	// Handlers answer challenges before the driver's own machine handlers and
	// before a person is asked. An entry for PASSWORD_SRP makes the SRP_A of
	// the first request too. A handler that returns challenge.ErrNoAnswer passes;
	// any other error ends the sign-in with an [Error] that wraps it. Nil: the
	// driver's own handlers.
	Handlers challenge.Mux

	// holder has the remembered devices: see ThisMachine and ThisBrowser. Zero: no
	// device is used or remembered.
	holder device.Holder

	// DeviceName is the name that a new device gets in lists of devices, and a
	// new authenticator app in its challenges.
	DeviceName string

	// RememberDevice is asked about a new device in pools that leave it to the user,
	// by the call that confirms the device: the one that ends the sign-in, or a later
	// Refresh or ConfirmDevice. Tokens.Device is the device. Without a holder,
	// RememberDevice is not asked. Nil: AskLater. An error of RememberDevice does not
	// fail the call and is told in Tokens.Device.
	RememberDevice func(context.Context, *Tokens) (Decision, error)

	// ClientSecret, if not nil, returns the secret of the app client in place of
	// App.ClientSecret. It is for secrets that are rotated: an app client can have two
	// at once (AddUserPoolClientSecret). ClientSecret is called before each operation that
	// needs the secret, from several goroutines: keep the secret in memory there. A
	// ClientSecret that does not end with its context holds up the call. If ClientSecret
	// fails or returns no secret, then nothing is sent, and the code is
	// [SecretUnavailable]. The text of its error must not hold the secret.
	ClientSecret func(context.Context) (secret.String, error)

	// RefreshByAuthFlow refreshes with the auth flow REFRESH_TOKEN_AUTH in
	// place of GetTokensFromRefreshToken. With refresh token rotation only the
	// latter works; without it both do the same. Some emulators of the service
	// have the auth flow only.
	RefreshByAuthFlow bool

	// ClientMetadata goes to the pool's Lambda triggers with every request of
	// a sign-in. Which trigger sees it depends on the request: most see that
	// of the answers only. Package account sends ClientMetadata, UserContextData and
	// AnalyticsMetadata too.
	ClientMetadata map[string]string

	// UserContextData describes the user's device for threat protection, in
	// every request of a driver made by New; ContextData does so in those of
	// one made by NewAdmin.
	UserContextData *types.UserContextDataType
	ContextData     *types.ContextDataType

	// AnalyticsMetadata names the Amazon Pinpoint endpoint.
	AnalyticsMetadata *types.AnalyticsMetadataType

	// APIOptions are passed to every operation of the SDK client. The driver
	// wraps the Retryer and the HTTPClient that they set.
	//
	// Do not turn on aws.LogRequestWithBody there: it prints passwords, codes
	// and sessions.
	APIOptions []func(*cip.Options)

	// Observe, if not nil, is called when an operation begins: see [Observer]. It sees the
	// calls of SignIn, Start, Respond and Refresh. It sees each operation of the service, those
	// on tokens and devices, of package account and of [Driver.Call] included. It sees requests
	// too that the driver refuses to send. It does not see calls that fail before they begin,
	// because an argument is wrong.
	Observe Observer

	// Now is this machine's clock. [Tokens].Expiry is by this clock. The
	// TIMESTAMP of proofs and Prompt.Issued are by the service's clock, which the
	// driver takes from the replies: see [Driver.Now]. Nil: time.Now.
	Now func() time.Time
}

// now is the time by the service's clock.
func (e *engine) now() time.Time { return e.clock.adjust(e.options.Now()) }

// with keeps what optFns set for one call out of every other call.
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

// clientOptions are the client options for a request of a sign-in. If the reply
// to a request that spends something is lost, then a repetition may be refused as
// if the user had been wrong. Such a request is retried only if the service
// cannot have acted on it.
func (o *Options) clientOptions(r request) []func(*cip.Options) {
	if !r.spends() {
		return o.operationOptions()
	}
	return o.onceOptions()
}

// onceOptions are the client options for an operation that must not be repeated after
// the service has acted on it.
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

// unprocessedOnly narrows a retryer to requests that were throttled or that
// never left this machine.
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
