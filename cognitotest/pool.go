package cognitotest

import (
	"net/http"
	"testing"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// Server is any number of user pools behind one [http.Handler]. It is safe
// for concurrent use.
type Server struct{}

// NewServer makes a server with the given pools. An error names the field
// that is wrong: "pools[0].users[1].totpSecret: not base32".
func NewServer(pools ...PoolConfig) (*Server, error) { panic("not yet") }

// AddPool adds a pool.
func (s *Server) AddPool(config PoolConfig) (*Pool, error) { panic("not yet") }

// Pool returns the pool with that ID, nil if there is none.
func (s *Server) Pool(id string) *Pool { panic("not yet") }

// ServeHTTP answers API calls, CORS preflights and requests for the pools'
// JWKS and OpenID configuration.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { panic("not yet") }

// Pool is one user pool. It is safe for concurrent use.
type Pool struct{}

// Start runs a server with one pool until the test ends.
func Start(tb testing.TB, config PoolConfig) *Pool { panic("not yet") }

// ID returns the user pool ID.
func (p *Pool) ID() string { panic("not yet") }

// Server returns the server that the pool belongs to.
func (p *Pool) Server() *Server { panic("not yet") }

// Endpoint returns the base URL of the server that [Start] started, and the
// empty string for other servers.
func (p *Pool) Endpoint() string { panic("not yet") }

// Client returns an SDK client for the operations that are not signed. It
// does not retry unless told to.
func (p *Pool) Client(optFns ...func(*cip.Options)) *cip.Client { panic("not yet") }

// AdminClient returns an SDK client that signs its requests.
func (p *Pool) AdminClient(optFns ...func(*cip.Options)) *cip.Client { panic("not yet") }

// AddUser adds a user. An error names the field that is wrong.
func (p *Pool) AddUser(config UserConfig) error { panic("not yet") }

// LastCode returns the code last delivered to the user of that name (or
// alias), the zero Code if there was none. Delivery is synchronous: the code
// is here before the response that announces it.
func (p *Pool) LastCode(username string) Code { panic("not yet") }

// TOTP returns what the user's authenticator app shows at the pool's time,
// the empty string if the user has none.
func (p *Pool) TOTP(username string) string { panic("not yet") }

// ExpireSessions ends every sign-in under way: answers get NotAuthorized.
func (p *Pool) ExpireSessions() { panic("not yet") }

// Fail makes calls fail. Each call is hit by the first fault that fits.
func (p *Pool) Fail(faults ...Fault) { panic("not yet") }

// Requests returns the calls received so far.
func (p *Pool) Requests() []Request { panic("not yet") }

// Request is a call that the pool received.
type Request struct {
	// Operation is its name, such as "InitiateAuth".
	Operation string
	// Body is the decoded JSON body.
	Body map[string]any
}
