package websession_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

const (
	password     = "Correct-Horse-7!"
	clientSecret = "clientSecretOfTheAppClient0123"
	lifetime     = 5 * time.Minute // of tokens, the shortest that the service allows
	refresh      = "GetTokensFromRefreshToken"
)

// service is a pool without a network, so that it works in the bubbles of package
// synctest. service keeps a log of the requests of all instances.
type service struct {
	pool   *cognitotest.Pool
	server *cognitotest.Server
	delay  func() // of each request

	mu       sync.Mutex
	users    map[string]string // the user of a refresh token
	sent     map[string]int    // refreshes by user, with failed refreshes
	granted  map[string]int    // refreshes by user that succeeded
	inFlight map[string]int
	atOnce   int            // the most refreshes of one user at a time
	refused  map[string]int // exceptions in reply to refreshes
	revoked  int            // calls of RevokeToken
}

func newService(t testing.TB, graceSeconds int, now func() time.Time, users ...string) *service {
	t.Helper()
	client := cognitotest.ClientConfig{
		ID: "app", Secret: clientSecret, AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		AccessTokenSeconds: int(lifetime.Seconds()), IDTokenSeconds: int(lifetime.Seconds()),
		RefreshTokenRotation: "ENABLED", RetryGraceSeconds: graceSeconds,
	}
	other := client
	other.ID = "other"
	config := cognitotest.PoolConfig{Clients: []cognitotest.ClientConfig{client, other}, Now: now}
	for _, user := range users {
		config.Users = append(config.Users, cognitotest.UserConfig{Name: user, Password: password})
	}
	server, err := cognitotest.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	return &service{
		pool: server.Pool("local-1_cognitotest"), server: server,
		users: make(map[string]string), sent: make(map[string]int), granted: make(map[string]int),
		inFlight: make(map[string]int), refused: make(map[string]int),
	}
}

// serve answers one request and enters it into the log. serve returns the user whose
// refresh succeeded, and "" for none.
func (s *service) serve(r *http.Request) (response *http.Response, granted string, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, "", err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	user := s.begin(operation, body)
	defer s.end(operation, user)
	if s.delay != nil {
		s.delay()
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	recorder := httptest.NewRecorder()
	if err := aborted(func() { s.server.ServeHTTP(recorder, r) }); err != nil {
		return nil, "", err
	}
	if s.note(operation, user, recorder) {
		granted = user
	}
	response = recorder.Result()
	response.Request = r
	return response, granted, nil
}

// aborted turns the panic that cuts a connection into an error.
func aborted(f func()) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("connection reset: %v", value)
		}
	}()
	f()
	return nil
}

func (s *service) begin(operation string, body []byte) (user string) {
	var in struct{ RefreshToken string }
	_ = json.Unmarshal(body, &in)
	s.mu.Lock()
	defer s.mu.Unlock()
	user = s.users[in.RefreshToken]
	switch operation {
	case refresh:
		s.sent[user]++
		s.inFlight[user]++
		s.atOnce = max(s.atOnce, s.inFlight[user])
	case "RevokeToken":
		s.revoked++
	}
	return user
}

func (s *service) end(operation, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if operation == refresh {
		s.inFlight[user]--
	}
}

// note learns from a response the user of its tokens. note reports whether the response
// grants a refresh.
func (s *service) note(operation, user string, recorder *httptest.ResponseRecorder) bool {
	var out struct {
		AuthenticationResult struct{ AccessToken, RefreshToken string }
		Type                 string `json:"__type"`
	}
	_ = json.Unmarshal(recorder.Body.Bytes(), &out)
	s.mu.Lock()
	defer s.mu.Unlock()
	if operation == refresh && out.Type != "" {
		s.refused[out.Type]++
	} else if operation == refresh {
		s.granted[user]++
	}
	if result := out.AuthenticationResult; result.AccessToken != "" {
		tokens := flow.Tokens{AccessToken: secret.New(result.AccessToken)}
		var claims struct {
			Username string `json:"username"`
		}
		_ = tokens.AccessClaims(&claims)
		s.users[result.RefreshToken] = claims.Username
	}
	return operation == refresh && out.Type == ""
}

// refreshes returns how many refreshes of a user the service has seen.
func (s *service) refreshes(user string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent[user]
}

func (s *service) refusals() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.refused)
}

func (s *service) revocations() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked
}

// line is one instance's connection to the service. A test sets its faults.
type line struct {
	service *service
	// before and after are called around the work of an operation. An error of either
	// replaces the response.
	before, after func(ctx context.Context, operation string) error
	granted       func(user string) error                    // the same, for a refresh that succeeded
	edit          func(operation string, body []byte) []byte // of a response
}

// Do is the SDK's HTTP client. Do returns when the context ends, as a network client does.
func (l *line) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if l.before != nil {
		if err := l.before(r.Context(), operation); err != nil {
			return nil, err
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	response, granted, err := l.service.serve(r)
	if granted != "" && l.granted != nil {
		err = l.granted(granted)
	}
	if err == nil && l.after != nil {
		err = l.after(r.Context(), operation)
	}
	if err == nil {
		err = r.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	if l.edit != nil {
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		body = l.edit(operation, body)
		response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		response.Header.Del("Content-Length")
	}
	return response, nil
}

var app = flow.App{UserPoolID: "local-1_cognitotest", ClientID: "app", ClientSecret: secret.New(clientSecret)}

func (l *line) driver(t testing.TB, app flow.App, now func() time.Time) *flow.Driver {
	t.Helper()
	client := cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String("http://pool.invalid"), Credentials: aws.AnonymousCredentials{},
		HTTPClient: l, Retryer: aws.NopRetryer{},
	})
	d, err := flow.New(client, app, func(o *flow.Options) { o.Now = now })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// signIn returns the tokens of a new sign-in.
func (s *service) signIn(t testing.TB, user string, now func() time.Time) *flow.Tokens {
	t.Helper()
	return s.signInTo(t, app, user, now)
}

func (s *service) signInTo(t testing.TB, app flow.App, user string, now func() time.Time) *flow.Tokens {
	t.Helper()
	d := (&line{service: s}).driver(t, app, now)
	tokens, err := d.SignIn(t.Context(), flow.UserPasswordAuth{Username: user, Password: secret.New(password)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

var key = bytes.Repeat([]byte{7}, seal.KeySize)

func newSealer(t testing.TB, app flow.App, keys ...[]byte) *seal.Sealer {
	t.Helper()
	s, err := seal.New(app, keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// failing is a store whose operations a test replaces. next is the real store.
type failing struct {
	next store.Store

	mu                  sync.Mutex
	get                 func(ctx context.Context, name string) (store.Record, error)
	put                 func(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error)
	delete              func(ctx context.Context, name, version string) error
	gets, puts, deletes int
}

func (f *failing) Get(ctx context.Context, name string) (store.Record, error) {
	f.mu.Lock()
	f.gets++
	get := f.get
	f.mu.Unlock()
	if get != nil {
		return get(ctx, name)
	}
	return f.next.Get(ctx, name)
}

func (f *failing) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	f.mu.Lock()
	f.puts++
	put := f.put
	f.mu.Unlock()
	if put != nil {
		return put(ctx, name, data, version, expires)
	}
	return f.next.Put(ctx, name, data, version, expires)
}

func (f *failing) Delete(ctx context.Context, name, version string) error {
	f.mu.Lock()
	f.deletes++
	del := f.delete
	f.mu.Unlock()
	if del != nil {
		return del(ctx, name, version)
	}
	return f.next.Delete(ctx, name, version)
}

func (f *failing) counted(n *int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return *n
}

var errDown = errors.New("connection refused")

// fail makes all operations fail from now on.
func (f *failing) fail() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.get = func(context.Context, string) (store.Record, error) { return store.Record{}, errDown }
	f.put = func(context.Context, string, []byte, string, time.Time) (string, error) { return "", errDown }
	f.delete = func(context.Context, string, string) error { return errDown }
}

// work makes all operations work again.
func (f *failing) work() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.get, f.put, f.delete = nil, nil, nil
}

// instance is one process of a backend, as far as one process can show it.
type instance struct {
	*websession.Manager
	t     testing.TB
	line  *line
	store *failing

	mu   sync.Mutex
	errs []error // told to OnError
}

// newInstance makes an instance over a store that it shares with others.
func newInstance(t testing.TB, s *service, shared store.Store, optFns ...func(*websession.Options)) *instance {
	t.Helper()
	i := &instance{t: t, line: &line{service: s}, store: &failing{next: shared}}
	i.Manager = i.manager(app, newSealer(t, app, key), optFns...)
	return i
}

func (i *instance) manager(app flow.App, sealer *seal.Sealer, optFns ...func(*websession.Options)) *websession.Manager {
	i.t.Helper()
	m, err := websession.New(i.line.driver(i.t, app, nil), i.store, sealer, append([]func(*websession.Options){func(o *websession.Options) {
		o.OnError = i.note
	}}, optFns...)...)
	if err != nil {
		i.t.Fatal(err)
	}
	return m
}

func (i *instance) note(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.errs = append(i.errs, err)
}

// told returns the errors of OnError since the last call. told waits for all jobs first, because
// a caller gets its answer before OnError is called.
func (i *instance) told() []error {
	i.t.Helper()
	i.idle()
	i.mu.Lock()
	defer i.mu.Unlock()
	errs := i.errs
	i.errs = nil
	return errs
}

// idle waits for the jobs of an instance.
func (i *instance) idle() {
	i.t.Helper()
	if err := i.Wait(i.t.Context()); err != nil {
		i.t.Error(err)
	}
}

func (i *instance) create(tokens *flow.Tokens) websession.ID {
	i.t.Helper()
	id, err := i.Create(i.t.Context(), tokens)
	if err != nil {
		i.t.Fatal(err)
	}
	return id
}

// tokens wants tokens that are valid.
func (i *instance) tokens(id websession.ID) *flow.Tokens {
	i.t.Helper()
	tokens, err := i.Tokens(i.t.Context(), id)
	if err != nil {
		i.t.Fatal(err)
	}
	if !time.Now().Before(tokens.Expiry) {
		i.t.Fatalf("the tokens expired at %v, and it is %v", tokens.Expiry, time.Now())
	}
	return tokens
}

// refused wants no tokens, and an error in which errors.Is finds all of these.
func (i *instance) refused(id websession.ID, want ...error) error {
	i.t.Helper()
	_, err := i.Tokens(i.t.Context(), id)
	for _, want := range want {
		if !errors.Is(err, want) {
			i.t.Fatalf("got %v, want %v", err, want)
		}
	}
	return err
}

func (s *service) wantRefreshes(t testing.TB, user string, want int) {
	t.Helper()
	if got := s.refreshes(user); got != want {
		t.Fatalf("the service has seen %d refreshes of %s, want %d", got, user, want)
	}
}
