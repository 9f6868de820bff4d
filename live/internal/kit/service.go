// Package kit runs probes against a service of user pools. The kit makes pools, app clients and users
// for the probes. The kit compares the answers with the answers of package cognitotest, and deletes the
// pools.
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

// Service is a service of user pools: AWS, another server, or a double.
type Service struct {
	Region      string
	Endpoint    string // empty: the endpoint of AWS in the region
	Credentials aws.CredentialsProvider
	HTTP        cip.HTTPClient // nil: the client of the SDK
	Given
	Run   string // the name of this run, part of the name of each pool
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error

	attempts int        // the attempts of one request, 0 for manyAttempts
	desk     sync.Mutex // a probe that asks for codes holds the lock
	once     sync.Once
	clock    replyClock
}

// New makes a service with the clock of this machine.
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

// replyClock reads the clock of the service from the replies.
type replyClock struct {
	below cip.HTTPClient
	now   func() time.Time
	mu    sync.Mutex
	ahead time.Duration
}

func (d *replyClock) Do(request *http.Request) (*http.Response, error) {
	// A read after the end of a body of the SDK fails. After an early reply net/http reads so, closes the
	// connection, and the SDK repeats an answered request. CreateUserPool would make a second pool.
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

// Client makes an SDK client that retries for a long time if the service is busy.
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

// ServiceNow returns the time of the clock of the service, in whole seconds.
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
	requestTime  = 30 * time.Second // the limit of one attempt
)

// recorder puts a recorder between a client and the service.
func (s *Service) recorder() *record.Recorder { return record.New(s.transport(), s.ServiceNow) }

// Double makes a service of package cognitotest with the zero Dialect. The clock of the double jumps
// instead of a wait.
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
