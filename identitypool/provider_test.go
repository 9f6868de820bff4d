package identitypool_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/identitypool"
	"github.com/cognitoflow/cognitoflow/secret"
)

const password = "Correct-Horse-7!"

var app = flow.App{UserPoolID: userPoolID, ClientID: "app"}

// rig is a user pool, and an identity pool that trusts it.
type rig struct {
	*identities
	t      *testing.T
	pool   *cognitotest.Pool
	driver *flow.Driver
}

func start(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t}
	r.pool = cognitotest.Start(t, cognitotest.PoolConfig{
		ID: userPoolID, Clients: []cognitotest.ClientConfig{{ID: app.ClientID}},
		Users: []cognitotest.UserConfig{{Name: "ada", Password: password}, {Name: "bob", Password: password}},
	})
	var err error
	if r.driver, err = flow.New(r.pool.Client(), app); err != nil {
		t.Fatal(err)
	}
	if r.identities, err = newIdentities(r.pool.Endpoint() + "/" + userPoolID); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.identities.Close)
	return r
}

// source signs a user in. Only the provider limits the refreshes.
func (r *rig) source(user string) *flow.TokenSource {
	r.t.Helper()
	tokens, err := r.driver.SignIn(r.t.Context(), flow.UserSRPAuth{Username: user, Password: secret.New(password)}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	source := r.driver.TokenSource(tokens, func(o *flow.SourceOptions) { o.MinBackoff = time.Nanosecond })
	r.t.Cleanup(func() { source.Wait(context.Background()) })
	return source
}

// client is the SDK client. The test fails if the client needs credentials.
func (r *rig) client(optFns ...func(*cognitoidentity.Options)) *cognitoidentity.Client {
	return cognitoidentity.New(cognitoidentity.Options{
		Region: "eu-central-1", BaseEndpoint: &r.identities.URL, Retryer: aws.NopRetryer{},
		HTTPClient: r.pool.Client().Options().HTTPClient, // which leaves bodies alone until they are sent
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errUnsigned
		}),
	}, optFns...)
}

func (r *rig) provider(source identitypool.Source, optFns ...func(*identitypool.Options)) *identitypool.Provider {
	r.t.Helper()
	p, err := identitypool.New(r.client(), poolID, app, source, optFns...)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// wantCalls wants that many calls of the two operations so far.
func (r *rig) wantCalls(getID, getCredentials int) {
	r.t.Helper()
	if a, b := len(r.sent("GetId")), len(r.sent("GetCredentialsForIdentity")); a != getID || b != getCredentials {
		r.t.Errorf("GetId was called %d times, GetCredentialsForIdentity %d; want %d and %d", a, b, getID, getCredentials)
	}
}

// refreshes is how often the user pool has given new tokens.
func (r *rig) refreshes() (n int) {
	for _, request := range r.pool.Requests() {
		if request.Operation == "GetTokensFromRefreshToken" {
			n++
		}
	}
	return n
}

func retrieve(t *testing.T, p aws.CredentialsProvider) aws.Credentials {
	t.Helper()
	c, err := p.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCredentials(t *testing.T) {
	r := start(t)
	source := r.source("ada")
	p := r.provider(source, func(o *identitypool.Options) { o.CustomRoleARN = "arn:aws:iam::123456789012:role/editor" })
	before := time.Now()
	c := retrieve(t, p)
	id, err := p.IdentityID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.AccessKeyID == "" || c.SecretAccessKey != "the-secret-key" || c.SessionToken != "session of "+id || c.Source != "CognitoIdentityPool" || !c.CanExpire {
		t.Errorf("credentials of %q, source %q, can expire %t", c.SessionToken, c.Source, c.CanExpire)
	}
	if life := c.Expires.Sub(before); life < time.Hour-3*time.Second || life > time.Hour+3*time.Second { // a Date has whole seconds
		t.Errorf("they expire after %v, want an hour", life)
	}
	r.wantCalls(1, 1) // IdentityID had the ID in memory
	tokens, err := source.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range append(r.sent("GetId"), r.sent("GetCredentialsForIdentity")...) {
		if len(call.input.Logins) != 1 || call.token() != tokens.IDToken.Reveal() {
			t.Errorf("%s: the ID token is not under %q", call.operation, login)
		}
		if call.header.Get("Authorization") != "" {
			t.Errorf("%s is signed", call.operation)
		}
	}
	if got := r.sent("GetId")[0].input.IdentityPoolId; got != poolID {
		t.Errorf("GetId asks for %q", got)
	}
	if in := r.sent("GetCredentialsForIdentity")[0].input; in.IdentityId != id || in.CustomRoleArn != "arn:aws:iam::123456789012:role/editor" {
		t.Errorf("credentials of %q as %q", in.IdentityId, in.CustomRoleArn)
	}
}

func TestIdentityIDIsAskedForOnce(t *testing.T) {
	r := start(t)
	source := r.source("ada")
	p := r.provider(source)
	for range 3 {
		retrieve(t, p)
		if _, err := source.Refresh(t.Context()); err != nil { // the user is the same
			t.Fatal(err)
		}
	}
	r.wantCalls(1, 3)
}

// The cache of the SDK asks once for all of its callers.
func TestConcurrencyUnderTheCache(t *testing.T) {
	r := start(t)
	cache := aws.NewCredentialsCache(r.provider(r.source("ada")))
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			if c, err := cache.Retrieve(t.Context()); err != nil || !c.HasKeys() {
				t.Errorf("no credentials: %v", err)
			}
		})
	}
	callers.Wait()
	r.wantCalls(1, 1)
}

// Without a cache, and while tokens are refused and replaced.
func TestConcurrency(t *testing.T) {
	r := start(t)
	source := r.source("ada")
	first, err := source.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.set(func() { r.fail = refuse(func(token string) bool { return token == first.IDToken.Reveal() }) })
	p := r.provider(source)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if _, err := p.Retrieve(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := r.refreshes(); n != 1 {
		t.Errorf("%d refreshes, want one for all", n)
	}
}

func TestExpiryUnderTheCache(t *testing.T) {
	r := start(t)
	cache := aws.NewCredentialsCache(r.provider(r.source("ada")))
	r.set(func() { r.lifetime = -time.Minute })
	retrieve(t, cache)
	r.set(func() { r.lifetime = time.Hour })
	second := retrieve(t, cache) // the first have expired
	r.wantCalls(1, 2)
	if third := retrieve(t, cache); third.AccessKeyID != second.AccessKeyID {
		t.Error("credentials that are valid are not used again")
	}
	r.wantCalls(1, 2)
}

// An hour of the service's clock is an hour of this machine's.
func TestClockOfThisMachineIsWrong(t *testing.T) {
	r := start(t)
	p := r.provider(r.source("ada"))
	for _, ahead := range []time.Duration{-3 * time.Hour, 0, 3 * time.Hour} {
		r.set(func() { r.ahead = ahead })
		before := time.Now()
		if life := retrieve(t, p).Expires.Sub(before); life < time.Hour-3*time.Second || life > time.Hour+3*time.Second {
			t.Errorf("the service's clock is %v ahead: they expire after %v, want an hour", ahead, life)
		}
	}
}

// switched is a source whose user changes.
type switched struct {
	atomic.Pointer[flow.TokenSource]
}

func (s *switched) Tokens(ctx context.Context) (*flow.Tokens, error) { return s.Load().Tokens(ctx) }
func (s *switched) Invalidate(token string)                          { s.Load().Invalidate(token) }

func TestUserChanges(t *testing.T) {
	r := start(t)
	ada, bob := r.source("ada"), r.source("bob")
	source := new(switched)
	source.Store(ada)
	p := r.provider(source)
	cache := aws.NewCredentialsCache(p)
	adas := retrieve(t, cache)

	source.Store(bob)
	if c := retrieve(t, cache); c != adas {
		t.Error("the documentation says that the cache has to be told of a change, and it needs not be")
	}
	cache.Invalidate()
	bobs := retrieve(t, cache)
	if bobs.SessionToken == adas.SessionToken {
		t.Error("Bob has the credentials of Ada's identity")
	}
	r.wantCalls(2, 2) // no token was sent with another user's identity
	if r.refreshes() != 0 {
		t.Error("a token was refused")
	}
	source.Store(ada)
	if id, err := p.IdentityID(t.Context()); err != nil || adas.SessionToken != "session of "+id {
		t.Errorf("Ada's identity is %q, %v; it was that of %q", id, err, adas.SessionToken)
	}
}

func TestTokenRefused(t *testing.T) {
	r := start(t)
	for i, operation := range []string{"GetId", "GetCredentialsForIdentity"} {
		source := r.source("ada")
		tokens, err := source.Tokens(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		refused := refuse(func(token string) bool { return token == tokens.IDToken.Reveal() })
		r.set(func() {
			r.fail = func(c call) *problem {
				if c.operation != operation {
					return nil
				}
				return refused(c)
			}
		})
		retrieve(t, r.provider(source))
		if n := r.refreshes(); n != i+1 {
			t.Errorf("%s: %d refreshes, want %d", operation, n, i+1)
		}
	}
}

// Each token is refused, as it is if the identity pool does not trust the user pool.
// The source must not be made to refresh for each request of the program.
func TestEveryTokenRefused(t *testing.T) {
	r := start(t)
	cache := aws.NewCredentialsCache(r.provider(r.source("ada")))
	r.set(func() { r.fail = refuse(func(string) bool { return true }) })
	for range 5 {
		_, err := cache.Retrieve(t.Context())
		var refused *types.NotAuthorizedException
		if !errors.As(err, &refused) {
			t.Fatalf("error %v, want the refusal", err)
		}
	}
	if n := r.refreshes(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	r.wantCalls(6, 0)
	r.set(func() { r.fail = nil })
	retrieve(t, cache) // the configuration is right now
}

// If there is no other token, the error has both the refusal and the reason.
func TestTokenRefusedAndNoOtherToken(t *testing.T) {
	r := start(t)
	p := r.provider(r.source("ada"))
	r.set(func() { r.fail = refuse(func(string) bool { return true }) })
	r.pool.Fail(cognitotest.Fault{Operation: "GetTokensFromRefreshToken", Error: "NotAuthorizedException"})
	_, err := p.Retrieve(t.Context())
	var refused *types.NotAuthorizedException
	if !errors.As(err, &refused) || !errors.Is(err, flow.TokenRefused) {
		t.Errorf("error %v, want both", err)
	}
}

func TestIdentityIsGone(t *testing.T) {
	r := start(t)
	cache := aws.NewCredentialsCache(r.provider(r.source("ada")))
	first := retrieve(t, cache)
	r.set(func() { clear(r.subs) })
	cache.Invalidate()
	if second := retrieve(t, cache); second.SessionToken == first.SessionToken {
		t.Error("the identity is the one that is gone")
	}
	r.wantCalls(2, 3)

	// An ID that the service has just given, and does not know.
	r.set(func() {
		r.fail = func(c call) *problem {
			if c.operation == "GetId" {
				return nil
			}
			return &problem{400, "ResourceNotFoundException", "not found"}
		}
	})
	cache.Invalidate()
	_, err := cache.Retrieve(t.Context())
	var gone *types.ResourceNotFoundException
	if !errors.As(err, &gone) {
		t.Errorf("error %v", err)
	}
	r.wantCalls(3, 5)
}

// The login was moved to another identity. The service then refuses the token for the
// identity that was kept.
func TestIdentityIsAnothersNow(t *testing.T) {
	r := start(t)
	p := r.provider(r.source("ada"))
	first := retrieve(t, p)
	r.set(func() {
		for id := range r.subs {
			r.subs[id] = "somebody else"
		}
	})
	if second := retrieve(t, p); second.SessionToken == first.SessionToken {
		t.Error("the identity is somebody else's")
	}
	r.wantCalls(2, 3)
}

// The service merges two identities with a common login, and returns the new ID.
func TestIdentityIsLinked(t *testing.T) {
	r := start(t)
	p := r.provider(r.source("ada"))
	const other = "eu-central-1:99999999-0000-4000-8000-000000000000"
	r.set(func() {
		r.adjust = func(reply map[string]any) {
			if reply["Credentials"] != nil {
				reply["IdentityId"] = other
			}
		}
	})
	retrieve(t, p)
	if id, err := p.IdentityID(t.Context()); err != nil || id != other {
		t.Errorf("identity %q, %v; want that of the reply", id, err)
	}
	r.wantCalls(1, 1)
}

func TestErrors(t *testing.T) {
	r := start(t)
	source := r.source("ada")
	tokens, err := source.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	always := func(operation string, p problem) func(call) *problem {
		return func(c call) *problem {
			if c.operation != operation {
				return nil
			}
			return &p
		}
	}
	for _, test := range []struct {
		name   string
		fail   func(call) *problem
		adjust func(map[string]any)
		want   string
	}{
		{name: "throttled", fail: always("GetId", problem{400, "TooManyRequestsException", "Rate exceeded"}),
			want: `identitypool: GetId: TooManyRequestsException: "Rate exceeded" [request request-1]`},
		{name: "no role", fail: always("GetCredentialsForIdentity", problem{400, "InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration."}),
			want: `identitypool: GetCredentialsForIdentity: InvalidIdentityPoolConfigurationException: "Invalid identity pool configuration." [request request-1]`},
		{name: "no identity", adjust: func(reply map[string]any) { reply["IdentityId"] = "" }, want: "identitypool: GetId: the reply has no identity ID"},
		{name: "no credentials", adjust: func(reply map[string]any) { delete(reply, "Credentials") },
			want: "identitypool: GetCredentialsForIdentity: the reply has no credentials, or not all of them"},
		{name: "credentials of unknown lifetime", adjust: func(reply map[string]any) {
			if c, ok := reply["Credentials"].(map[string]any); ok {
				delete(c, "Expiration")
			}
		}, want: "identitypool: GetCredentialsForIdentity: the reply has no credentials, or not all of them"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r.set(func() { r.fail, r.adjust = test.fail, test.adjust })
			_, err := r.provider(source).Retrieve(t.Context())
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v\nwant  %s", err, test.want)
			}
		})
	}

	t.Run("not there", func(t *testing.T) {
		p, err := identitypool.New(r.client(func(o *cognitoidentity.Options) { o.BaseEndpoint = aws.String("http://127.0.0.1:1") }), poolID, app, source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Retrieve(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "identitypool: GetId: ") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		hangs := r.client(func(o *cognitoidentity.Options) {
			o.HTTPClient = doer(func(request *http.Request) (*http.Response, error) {
				<-request.Context().Done()
				return nil, request.Context().Err()
			})
		})
		p, err := identitypool.New(hangs, poolID, app, source, func(o *identitypool.Options) { o.Timeout = time.Millisecond })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := aws.NewCredentialsCache(p).Retrieve(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("signed out", func(t *testing.T) {
		gone := r.source("bob")
		if err := gone.SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.provider(gone).Retrieve(t.Context()); !errors.Is(err, flow.SignedOut) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no ID token", func(t *testing.T) {
		without := *tokens
		without.IDToken = secret.String{}
		_, err := r.provider(r.driver.TokenSource(&without)).Retrieve(t.Context())
		if err == nil || !strings.Contains(err.Error(), "openid") {
			t.Errorf("error %v", err)
		}
	})
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// The service, or a proxy that answers in its place, may repeat the token or a part.
func TestErrorsRepeatNoToken(t *testing.T) {
	r := start(t)
	source := r.source("ada")
	for _, echo := range []func(token string) string{
		func(token string) string { return "Invalid token: " + token },
		func(token string) string { return "Invalid token: " + token[:40] + "..." },
		func(token string) string { return "token." + token[len(token)-40:] + "_is-bad" },
		func(token string) string { return strings.Repeat("x ", 2000) + token },
		func(token string) string { return "line\nbreak " + token },
	} {
		var token string
		r.set(func() {
			r.fail = func(c call) *problem {
				token = c.token()
				return &problem{400, "InvalidParameterException", echo(token)}
			}
		})
		_, err := aws.NewCredentialsCache(r.provider(source)).Retrieve(t.Context())
		if err == nil {
			t.Fatal("no error")
		}
		text := fmt.Sprintf("%v %+v %s %q", err, err, err, err)
		for i := 0; i+16 <= len(token); i++ {
			if strings.Contains(text, token[i:i+16]) {
				t.Fatalf("a piece of the token is in %s", text)
			}
		}
		if !strings.Contains(text, "GetId: InvalidParameterException") || strings.Contains(text, "\n") || len(err.Error()) > 900 {
			t.Errorf("error of %d bytes: %.200s", len(err.Error()), text)
		}
	}
}

// The names come from the service's documentation (GetId, Logins). The names of other partitions
// follow their endpoints.
func TestLogins(t *testing.T) {
	r := start(t)
	source := r.source("ada")
	const renamed = "us-east-1_Renamed01"
	for id, want := range map[string]string{
		"us-east-1_123456789":      "cognito-idp.us-east-1.amazonaws.com/us-east-1_123456789",
		"us-gov-west-1_Ab12Cd34E":  "cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_Ab12Cd34E",
		"cn-north-1_Ab12Cd34E":     "cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab12Cd34E",
		"eusc-de-east-1_Ab12Cd34E": "cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_Ab12Cd34E",
		"us-iso-east-1_Ab12Cd34E":  "cognito-idp.us-iso-east-1.c2s.ic.gov/us-iso-east-1_Ab12Cd34E",
		"eu-central-1_Ab12Cd34E":   login,
		renamed:                    "issuer-cognito-idp.us-east-1.amazonaws.com/" + renamed,
	} {
		userPool := flow.App{UserPoolID: id}
		if id == renamed {
			userPool.Issuer = "https://" + want
		}
		p, err := identitypool.New(r.client(), poolID, userPool, source)
		if err != nil {
			t.Fatal(err)
		}
		var logins map[string]string
		r.set(func() {
			r.fail = func(c call) *problem {
				logins = c.input.Logins
				return &problem{400, "InvalidParameterException", ""}
			}
		})
		p.IdentityID(t.Context())
		if logins[want] == "" || len(logins) != 1 {
			t.Errorf("%s is not called %q", id, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	r := start(t)
	source := r.source("ada")
	elsewhere := cognitoidentity.New(cognitoidentity.Options{Region: "us-east-1"})
	for _, test := range []struct {
		api    identitypool.API
		poolID string
		app    flow.App
		source identitypool.Source
		want   string
	}{
		{nil, poolID, app, source, "api or source is nil"},
		{r.client(), poolID, app, nil, "api or source is nil"},
		{(*cognitoidentity.Client)(nil), poolID, app, source, "api or source is nil"},
		{r.client(), poolID, app, (*flow.TokenSource)(nil), "api or source is nil"},
		{r.client(), userPoolID, app, source, `"eu-central-1_Ab12Cd34E" is not an identity pool ID`},
		{r.client(), poolID + strings.Repeat("0", 20), app, source, "is not an identity pool ID"},
		{r.client(), poolID, flow.App{UserPoolID: poolID}, source, "is not a user pool ID"},
		{r.client(), poolID, flow.App{}, source, "is not a user pool ID"},
		{elsewhere, poolID, app, source, `for region "us-east-1", and the identity pool is of region "eu-central-1"`},
	} {
		if _, err := identitypool.New(test.api, test.poolID, test.app, test.source); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
}
