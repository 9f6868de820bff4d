// Package kit asks a service of user pools: it makes pools, app clients and users of its
// own, runs probes with them, compares the answers with those of package cognitotest, and
// deletes all that it has made.
package kit

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
)

// Service is who is asked.
type Service struct {
	Region      string
	Endpoint    string // "" is the endpoint of AWS in the region
	Credentials aws.CredentialsProvider
	HTTP        cip.HTTPClient // nil: that of the SDK
	Given
	Run   string // the name of this run, part of the name of each pool
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error

	attempts int        // of one request; 0: manyAttempts
	desk     sync.Mutex // held by the probe that asks for codes
	once     sync.Once
	clock    replyClock
}

// New makes a service with this machine's clock.
func New(region, endpoint string, credentials aws.CredentialsProvider) *Service {
	return &Service{Region: region, Endpoint: endpoint, Credentials: credentials, Run: lowercase(8), Now: time.Now, Sleep: sleep}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// replyClock learns the clock of the service from the replies.
type replyClock struct {
	below cip.HTTPClient
	now   func() time.Time
	mu    sync.Mutex
	ahead time.Duration
}

func (d *replyClock) Do(request *http.Request) (*http.Response, error) {
	// The body of the SDK fails when it is read after its end. Where a reply comes that early, net/http
	// closes the connection, and the SDK repeats a request that was answered: another pool.
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(sent))
	response, err := d.below.Do(request)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		d.mu.Lock()
		d.ahead = date.Sub(d.now())
		d.mu.Unlock()
	}
	return response, nil
}

// Client makes a client that waits patiently where the service is busy.
func (s *Service) Client() *cip.Client { return s.client(s.transport()) }

func (s *Service) transport() cip.HTTPClient {
	s.once.Do(func() {
		below := s.HTTP
		if below == nil {
			below = awshttp.NewBuildableClient().WithTimeout(requestTime)
		}
		s.clock = replyClock{below: below, now: s.Now}
	})
	return &s.clock
}

// ServiceNow is the time by the clock of the service, in whole seconds.
func (s *Service) ServiceNow() time.Time {
	s.transport()
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return s.Now().Add(s.clock.ahead).UTC().Truncate(time.Second)
}

func (s *Service) client(transport cip.HTTPClient) *cip.Client {
	options := cip.Options{
		Region: s.Region, Credentials: s.Credentials, HTTPClient: transport,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = cmp.Or(s.attempts, manyAttempts) }),
	}
	if s.Endpoint != "" {
		options.BaseEndpoint = &s.Endpoint
	}
	return cip.New(options)
}

const (
	manyAttempts = 8
	requestTime  = 30 * time.Second // for one attempt
)

// recorder makes a recorder between a client and the service.
func (s *Service) recorder() *record.Recorder { return record.New(s.transport(), s.ServiceNow) }

// Double makes a service out of package cognitotest, with a clock that jumps where others
// wait. It tells the default of the pool.
func Double(region string) (*Service, error) { return double(region, cognitotest.Dialect{}) }

func double(region string, dialect cognitotest.Dialect) (*Service, error) {
	clock := cognitotest.NewClock(time.Now())
	var sent Messages
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID: region + "_Defaults", Now: clock.Now, Dialect: dialect, OnCode: sent.Keep, Triggers: Triggers(),
	})
	if err != nil {
		return nil, err
	}
	return &Service{
		Region: region, Endpoint: "http://cognitotest.invalid", Credentials: madeUpCredentials, HTTP: inProcess{server}, Run: lowercase(8),
		Given: Given{
			RelyingParty: madeUpRelyingParty, Email: "you@example.com", Identity: madeUpARN, Phone: "+15555559876", SMSRole: madeUpARN,
			Triggers: madeUpARN, Code: sent.Code, Sure: Sure,
		},
		Now: clock.Now, attempts: 1,
		Sleep: func(_ context.Context, d time.Duration) error {
			clock.Advance(d)
			return nil
		},
	}, nil
}

const madeUpARN = "arn:aws:made-up:eu-west-1:123456789012:made-up"

var madeUpCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDMADEUP0000000000", SecretAccessKey: "made up"}, nil
})
