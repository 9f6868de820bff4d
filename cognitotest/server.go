package cognitotest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/server"
)

// Server is an [http.Handler] with any number of user pools. A Server is safe for
// concurrent use.
type Server struct {
	http    *httptest.Server // nil unless made by [Start]
	service *directory.Service
	handler http.Handler
}

// NewServer makes a server with these pools. An error names the wrong field, such as
// "pools[0].users[1].totpSecret".
func NewServer(pools ...PoolConfig) (*Server, error) {
	made := new(directory.Service)
	s := &Server{service: made, handler: server.New(made)}
	for i, config := range pools {
		if _, err := s.AddPool(config); err != nil {
			return nil, invalid.Within(fmt.Sprintf("pools[%d]", i), err)
		}
	}
	return s, nil
}

// AddPool adds a pool. An error names the wrong field, and the server is as before.
func (s *Server) AddPool(config PoolConfig) (*Pool, error) {
	made, clients, err := newPool(config)
	if err != nil {
		return nil, err
	}
	if err := s.service.Add(made, clients); err != nil {
		return nil, err
	}
	return &Pool{s, made}, nil
}

// Pool returns the pool with this ID, or nil. Pools that CreateUserPool made count too.
func (s *Server) Pool(id string) *Pool {
	found := s.service.Pool(id)
	if found == nil {
		return nil
	}
	return &Pool{s, found}
}

// ServeHTTP answers API calls (POST /), CORS preflights, and requests for
// /<pool ID>/.well-known/jwks.json and .../openid-configuration.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Format prints the IDs of the pools alone, because test logs must not show secrets.
func (s *Server) Format(state fmt.State, _ rune) {
	var ids []string
	for _, p := range s.service.Pools() {
		ids = append(ids, p.ID)
	}
	fmt.Fprintf(state, "cognitotest.Server(%s)", strings.Join(ids, ", "))
}

// Start runs a server with one pool until the test ends. A wrong configuration fails the
// test. [Server.AddPool] adds more pools to the server, which [Pool.Server] returns.
func Start(tb testing.TB, config PoolConfig) *Pool {
	tb.Helper()
	s, err := NewServer()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := s.AddPool(config)
	if err != nil {
		tb.Fatalf("cognitotest: %v", err)
	}
	s.http = httptest.NewServer(s)
	tb.Cleanup(s.http.Close)
	return p
}

// Endpoint returns the base URL of a server that [Start] started, or an empty string.
func (p *Pool) Endpoint() string {
	if p.server.http == nil {
		return ""
	}
	return p.server.http.URL
}

// Client returns an SDK client without credentials, for operations that need no
// signature. The client does not retry, so that the caller sees each fault: set Retryer
// to change that. Client panics if [Start] did not start the server, because the server
// does not know its URL. The example of [NewServer] shows how to make a client.
func (p *Pool) Client(optFns ...func(*cip.Options)) *cip.Client {
	return p.newSDKClient(aws.AnonymousCredentials{}, optFns)
}

// AdminClient is [Pool.Client] with invented credentials, for operations that need a
// signature.
func (p *Pool) AdminClient(optFns ...func(*cip.Options)) *cip.Client {
	return p.newSDKClient(adminCredentials, optFns)
}

var adminCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDCOGNITOTEST00000", SecretAccessKey: "unused"}, nil
})

func (p *Pool) newSDKClient(credentials aws.CredentialsProvider, optFns []func(*cip.Options)) *cip.Client {
	if p.server.http == nil {
		panic("cognitotest: Start did not start the server, so its URL is unknown: set BaseEndpoint of an SDK client to the URL")
	}
	transport := plainBodies{p.server.http.Client().Transport}
	return cip.New(cip.Options{
		Region: p.state.Region(), BaseEndpoint: aws.String(p.server.http.URL),
		HTTPClient: &http.Client{Transport: transport}, Credentials: credentials, Retryer: aws.NopRetryer{},
	}, optFns...)
}

// plainBodies hides the method WriteTo of request bodies. The SDK closes a body when the
// response begins. After that, WriteTo of the body returns io.EOF. net/http takes the
// error for a failed request and cuts the connection during the response. In one process
// the fault happens once in a few hundred calls. Over a network the body is sent long
// before.
type plainBodies struct{ http.RoundTripper }

func (t plainBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return t.RoundTripper.RoundTrip(r)
}
