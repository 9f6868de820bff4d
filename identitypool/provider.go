package identitypool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/guard"
	"github.com/cognitoflow/cognitoflow/secret"
)

// API has the operations that a [Provider] needs. A *cognitoidentity.Client is an API.
type API interface {
	GetId(context.Context, *cognitoidentity.GetIdInput, ...func(*cognitoidentity.Options)) (*cognitoidentity.GetIdOutput, error)
	GetCredentialsForIdentity(context.Context, *cognitoidentity.GetCredentialsForIdentityInput, ...func(*cognitoidentity.Options)) (*cognitoidentity.GetCredentialsForIdentityOutput, error)
}

// Source has the tokens of the user. A [flow.TokenSource] is a Source.
type Source interface {
	// Tokens returns valid tokens, with an ID token.
	Tokens(context.Context) (*flow.Tokens, error)

	// Invalidate tells the source that the service has refused an ID token. The next
	// Tokens must return another one.
	Invalidate(token string)
}

// Options are the settings of a Provider. The zero value of each field works.
type Options struct {
	// CustomRoleARN is the role of the credentials, if the ID token allows several roles
	// (claim cognito:roles). "": the service chooses by the rules of the identity pool.
	CustomRoleARN string

	// Timeout bounds each operation, with the retries of the SDK. The deadline of a
	// caller does not count under the SDK's cache. 0: 30 seconds.
	Timeout time.Duration

	// APIOptions are options for both operations. Do not turn on aws.LogRequestWithBody
	// or aws.LogResponseWithBody, because they print tokens and credentials.
	APIOptions []func(*cognitoidentity.Options)
}

// Provider is an aws.CredentialsProvider over an identity pool, for one user at a time.
// A Provider is safe for concurrent use.
type Provider struct {
	api     API
	poolID  string
	source  Source
	login   string // of the user pool
	options Options

	mu       sync.Mutex
	identity identity      // of the last user
	fresh    secret.String // the ID token that has replaced a refused one
}

// identity is the identity ID of a user.
type identity struct{ user, id string }

// identityPoolID is the service's own pattern (GetId, IdentityPoolId).
var identityPoolID = regexp.MustCompile(`^[\w-]+:[0-9a-f-]+$`)

// New returns a provider for an identity pool, such as
// "eu-central-1:01234567-89ab-cdef-0123-456789abcdef". The app is the app of the driver: its
// issuer without https:// is the name of the user pool in the identity pool. The source has
// the user's tokens.
//
// New fails if an argument is missing or malformed. New also fails if the SDK client has
// another region than the identity pool, and no base endpoint. New sends nothing.
func New(api API, poolID string, app flow.App, source Source, optFns ...func(*Options)) (*Provider, error) {
	if guard.IsNil(api) || guard.IsNil(source) {
		return nil, errors.New("identitypool: api or source is nil: give a *cognitoidentity.Client and a *flow.TokenSource")
	}
	if !identityPoolID.MatchString(poolID) || len(poolID) > 55 {
		return nil, fmt.Errorf("identitypool: %.60q is not an identity pool ID such as eu-central-1:01234567-89ab-cdef-0123-456789abcdef", poolID)
	}
	if err := checkRegion(api, poolID); err != nil {
		return nil, err
	}
	p := &Provider{api: api, poolID: poolID, source: source}
	for _, fn := range optFns {
		fn(&p.options)
	}
	p.options.Timeout = cmp.Or(p.options.Timeout, 30*time.Second)
	issuer, err := app.IssuerURL()
	if err != nil {
		return nil, fmt.Errorf("identitypool: %w", err)
	}
	_, p.login, _ = strings.Cut(issuer, "://")
	return p, nil
}

// checkRegion refuses an SDK client for another region than the identity pool's.
func checkRegion(api API, poolID string) error {
	client, ok := api.(interface {
		Options() cognitoidentity.Options
	})
	if !ok {
		return nil
	}
	o := client.Options()
	region, _, _ := strings.Cut(poolID, ":")
	if o.BaseEndpoint != nil || o.Region == region {
		return nil
	}
	return fmt.Errorf("identitypool: the SDK client is for region %q, and the identity pool is of region %q: set Region or BaseEndpoint of the client", o.Region, region)
}

// user is the user who is signed in at the source.
type user struct {
	key   string // the claim sub or the user name, or "" if the tokens have neither
	token secret.String
}

func (p *Provider) user(ctx context.Context) (user, error) {
	t, err := p.source.Tokens(ctx)
	if err != nil {
		return user{}, fmt.Errorf("identitypool: no ID token: %w", err)
	}
	if t.IDToken.IsZero() {
		return user{}, errors.New("identitypool: no ID token: request the scope openid, or sign in by an auth flow")
	}
	return user{cmp.Or(t.Subject, t.Username), t.IDToken}, nil
}

// Retrieve returns credentials for the user who is signed in at the source. An
// aws.CredentialsCache calls Retrieve when the last credentials have expired.
//
// The text of an error names the operation and the service's error, and contains no
// token. errors.As finds the error of the SDK, such as *types.NotAuthorizedException, or
// the error of the source, such as a *flow.Error.
func (p *Provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	return signedIn(ctx, p, p.retrieve)
}

// IdentityID returns the identity ID of the user who is signed in at the source, for example
// for the names of objects of the user. IdentityID calls the service only if the ID is not
// in memory. Errors are as those of [Provider.Retrieve].
func (p *Provider) IdentityID(ctx context.Context) (string, error) {
	return signedIn(ctx, p, func(ctx context.Context, u user) (string, error) {
		id, _, err := p.identityID(ctx, u)
		return id, err
	})
}

// signedIn calls do for the user. If the service refuses the ID token, signedIn forgets the
// identity ID and calls do again with a new token.
func signedIn[T any](ctx context.Context, p *Provider, do func(context.Context, user) (T, error)) (T, error) {
	var none T
	u, err := p.user(ctx)
	if err != nil {
		return none, err
	}
	got, err := do(ctx, u)
	var refused *types.NotAuthorizedException
	if !errors.As(err, &refused) {
		return got, err
	}
	p.forget(u)
	if !p.invalidate(u) {
		return none, err
	}
	again, missing := p.user(ctx)
	if missing != nil {
		return none, fmt.Errorf("%w: %w", err, missing)
	}
	p.mu.Lock()
	p.fresh = again.token
	p.mu.Unlock()
	return do(ctx, again)
}

// invalidate makes the source get another ID token, and returns true. If the present token
// has replaced a refused one, the service probably refuses all tokens. Then invalidate
// returns false, so that each Retrieve does not cause a refresh.
func (p *Provider) invalidate(u user) bool {
	p.mu.Lock()
	tried := p.fresh.Reveal() == u.token.Reveal()
	p.mu.Unlock()
	if !tried {
		p.source.Invalidate(u.token.Reveal())
	}
	return !tried
}

// retrieve gets credentials. If the service does not know the kept identity ID any more,
// retrieve asks for another one.
func (p *Provider) retrieve(ctx context.Context, u user) (aws.Credentials, error) {
	id, kept, err := p.identityID(ctx, u)
	if err != nil {
		return aws.Credentials{}, err
	}
	c, err := p.credentials(ctx, u, id)
	var gone *types.ResourceNotFoundException
	if !kept || !errors.As(err, &gone) {
		return c, err
	}
	p.forget(u)
	if id, _, err = p.identityID(ctx, u); err != nil {
		return aws.Credentials{}, err
	}
	return p.credentials(ctx, u, id)
}

// identityID returns the user's identity ID, and whether the ID was in memory.
func (p *Provider) identityID(ctx context.Context, u user) (id string, kept bool, err error) {
	p.mu.Lock()
	known := p.identity
	p.mu.Unlock()
	if u.key != "" && known.user == u.key {
		return known.id, true, nil
	}
	id, err = p.getID(ctx, u)
	return id, false, err
}

func (p *Provider) keep(u user, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.identity = identity{u.key, id}
}

func (p *Provider) forget(u user) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.identity.user == u.key {
		p.identity = identity{}
	}
}
