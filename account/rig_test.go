package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
	"github.com/cognitoflow/cognitoflow/secret"
)

const (
	password     = "Correct-Horse-7!"
	newPassword  = "Battery-Staple-8!"
	clientSecret = "not_a_secret_of_anybody_at_all"
	address      = "ada@example.com"
)

// rig is a pool with the user ada, and a client of it.
type rig struct {
	t        *testing.T
	pool     *cognitotest.Pool
	clock    *cognitotest.Clock
	wire     *wire
	driver   *flow.Driver
	accounts *account.Client

	name    string // the name that ada types
	newName string // the name that bea types to sign up
}

// rigs are the ways in which a user is known to a pool and to an app client.
var rigs = map[string]struct{ client, naming string }{
	"public, name": {"public", "name"}, "secret, name": {"secret", "name"},
	"public, alias": {"public", "alias"}, "secret, alias": {"secret", "alias"},
	"public, address as name": {"public", "address"}, "secret, address as name": {"secret", "address"},
}

// forEach runs a test for each of the rigs.
func forEach(t *testing.T, test func(t *testing.T, r *rig)) {
	for name, kind := range rigs {
		t.Run(name, func(t *testing.T) { test(t, newRig(t, kind.client, kind.naming, nil)) })
	}
}

func newRig(t *testing.T, client, naming string, change func(*cognitotest.PoolConfig), optFns ...func(*flow.Options)) *rig {
	t.Helper()
	r := &rig{t: t, clock: cognitotest.NewClock(time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)), name: "ada", newName: "bea"}
	flows := []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
	config := cognitotest.PoolConfig{
		Now: r.clock.Now, MFA: "OPTIONAL",
		AllowedFirstFactors: []string{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"},
		WebAuthn:            &cognitotest.WebAuthnConfig{RPID: party.ID, Origins: []string{party.Origin}},
		Clients:             []cognitotest.ClientConfig{{ID: "public", AuthFlows: flows}, {ID: "secret", Secret: clientSecret, AuthFlows: flows}},
		Users: []cognitotest.UserConfig{{
			Name: "ada", Password: password, Attributes: map[string]string{"email": address, "email_verified": "true"},
		}},
		AliasAttributes: []string{"email"},
	}
	switch naming {
	case "alias":
		r.name = address
	case "address":
		r.name, r.newName = address, "bea@example.com"
		config.Users[0].Name, config.AliasAttributes, config.UsernameAttributes = address, nil, []string{"email"}
	}
	if change != nil {
		change(&config)
	}
	r.pool = cognitotest.Start(t, config)
	r.wire = &wire{faults: map[string]fault{}}
	sdk := r.pool.Client(func(o *cip.Options) {
		r.wire.next, o.HTTPClient = o.HTTPClient, r.wire
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
	})
	app := flow.App{UserPoolID: r.pool.ID(), ClientID: client, ClientSecret: secret.New(secretOf(client))}
	var err error
	r.driver, err = flow.New(sdk, app, append([]func(*flow.Options){func(o *flow.Options) { o.Now = r.clock.Now }}, optFns...)...)
	if err != nil {
		t.Fatal(err)
	}
	r.accounts = account.For(r.driver)
	return r
}

func secretOf(client string) string {
	if client == "secret" {
		return clientSecret
	}
	return ""
}

// signIn signs ada in, with the code of an authenticator app where it is asked.
func (r *rig) signIn(word string, optFns ...func(*flow.Options)) *flow.Tokens {
	r.t.Helper()
	tokens, err := r.driver.SignIn(r.t.Context(), flow.UserSRPAuth{Username: r.name, Password: secret.New(word)}, r.code(), optFns...)
	if err != nil {
		r.t.Fatal(err)
	}
	return tokens
}

// code answers with the code of ada's authenticator app.
func (r *rig) code() challenge.Handler {
	return challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Name != challenge.SoftwareTokenMFA {
			return challenge.Answer{}, challenge.ErrNoAnswer
		}
		r.clock.Advance(30 * time.Second) // a code works once
		return challenge.Code(r.pool.TOTP(r.name)), nil
	})
}

// user is ada, who is signed in.
func (r *rig) user() *account.User { return r.accounts.User(r.signIn(password)) }

// codeOf returns the code of an authenticator app with the key.
func (r *rig) codeOf(key secret.String) string {
	r.t.Helper()
	code, err := totp.GenerateCode(key.Reveal(), r.clock.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return code
}

// newUser returns the user bea, who signs up.
func (r *rig) newUser() account.NewUser {
	return account.NewUser{Username: r.newName, Password: secret.New(password), Attributes: map[string]string{"email": "bea@example.com"}}
}

func (r *rig) signUp() *account.SignUp {
	r.t.Helper()
	s, err := r.accounts.SignUp(r.t.Context(), r.newUser())
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// must fails the test unless the error has the code. "" means no error.
func must(t *testing.T, what string, err error, code flow.Code) {
	t.Helper()
	if code == "" && err != nil || code != "" && !errors.Is(err, code) {
		t.Errorf("%s: got %v, want %q", what, err, code)
	}
	if e := new(flow.Error); err != nil && !errors.As(err, &e) {
		t.Errorf("%s: %T is no *flow.Error", what, err)
	}
}

// wire is the connection to the pool. wire records every request, and loses replies on demand.
type wire struct {
	next cip.HTTPClient

	mu       sync.Mutex
	faults   map[string]fault
	requests []sent

	accept    map[string]map[string]any // replies in place of the pool's, by operation
	onRequest func()
}

type fault struct {
	exception string // "": the reply is lost, although the service has acted
	times     int
}

type sent struct {
	operation string
	body      map[string]any
}

// fail makes so many calls of an operation fail.
func (w *wire) fail(operation, exception string, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[operation] = fault{exception, times}
}

// sentTo returns the bodies of an operation.
func (w *wire) sentTo(operation string) (bodies []map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.requests {
		if s.operation == operation {
			bodies = append(bodies, s.body)
		}
	}
	return bodies
}

func (w *wire) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.requests)
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var body map[string]any
	if err := json.Unmarshal(data, &body); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, sent{operation, body})
	f := w.faults[operation]
	if f.times--; f.times >= 0 {
		w.faults[operation] = f
	}
	if f.times >= 0 && f.exception != "" {
		return exception(f.exception, "refused by the test"), nil
	}
	if w.onRequest != nil {
		w.onRequest()
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	reply, err := w.answer(r, operation)
	if f.times >= 0 && err == nil {
		reply.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return reply, err
}

// answer replies to an operation.
func (w *wire) answer(r *http.Request, operation string) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if accepted, ok := w.accept[operation]; ok {
		return response(http.StatusOK, accepted), nil
	}
	return w.next.Do(r)
}

func response(status int, body any) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // maps of texts
	}
	return &http.Response{
		StatusCode: status, Body: io.NopCloser(bytes.NewReader(text)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {"1-2-3"}},
	}
}

func exception(name, message string) *http.Response {
	return response(http.StatusBadRequest, map[string]string{"__type": name, "message": message})
}

// party is the site that passkeys are for.
var party = virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://login.example.com"}

// passkey is an authenticator of another library than the pool's.
type passkey struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func newPasskey(subject string) *passkey {
	return &passkey{
		virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(subject)}), passkeytest.NewCredential(),
	}
}

// create answers the options of a registration.
func (k *passkey) create(t *testing.T, options json.RawMessage) json.RawMessage {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatalf("%v in %s", err, options)
	}
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(party, k.Authenticator, k.key, *parsed))
}

// Answer signs in.
func (k *passkey) Answer(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
	options, err := c.CredentialRequest()
	if err != nil || len(options) == 0 {
		return challenge.Answer{}, fmt.Errorf("%s has no options: %w", c.Name, err)
	}
	parsed, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		return challenge.Answer{}, err
	}
	k.key.Counter++
	return challenge.Credential([]byte(virtualwebauthn.CreateAssertionResponse(party, k.Authenticator, k.key, *parsed))), nil
}

// method is one method, with an input that the service can take.
type method struct {
	name, operation string
	user            bool // it is one of a User
	twice           bool // the SDK client sends the request again after a lost reply
	call            func(ctx context.Context, c *account.Client, t *flow.Tokens, optFns ...func(*flow.Options)) error
}

const keptSession = "a-session-of-sign-up-0123456789"

// methods are all methods that call the service.
var methods = []method{
	{"SignUp", "SignUp", false, false, func(ctx context.Context, c *account.Client, _ *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.SignUp(ctx, account.NewUser{Username: "bea", Password: secret.New(password), Attributes: map[string]string{"email": "bea@example.com"}}, o...)
		return err
	}},
	{"Confirm", "ConfirmSignUp", false, false, func(ctx context.Context, c *account.Client, _ *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.Confirm(ctx, account.NewSignUp(c, "bea", keptSession), "123456", o...)
		return err
	}},
	{"Resend", "ResendConfirmationCode", false, false, func(ctx context.Context, c *account.Client, _ *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.Resend(ctx, "bea", o...)
		return err
	}},
	{"ForgotPassword", "ForgotPassword", false, false, func(ctx context.Context, c *account.Client, _ *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.ForgotPassword(ctx, "ada", o...)
		return err
	}},
	{"ResetPassword", "ConfirmForgotPassword", false, false, func(ctx context.Context, c *account.Client, _ *flow.Tokens, o ...func(*flow.Options)) error {
		return c.ResetPassword(ctx, "ada", "123456", secret.New(newPassword), o...)
	}},
	{"ChangePassword", "ChangePassword", true, false, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		return c.User(t, o...).ChangePassword(ctx, secret.New(password), secret.New(newPassword))
	}},
	{"StartTOTP", "AssociateSoftwareToken", true, true, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.User(t, o...).StartTOTP(ctx)
		return err
	}},
	{"FinishTOTP", "VerifySoftwareToken", true, false, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		return c.User(t, o...).FinishTOTP(ctx, "123456", "")
	}},
	{"SetMFA", "SetUserMFAPreference", true, true, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		return c.User(t, o...).SetMFA(ctx, account.MFA{Preferred: challenge.EmailOTP})
	}},
	{"Factors", "GetUserAuthFactors", true, true, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.User(t, o...).Factors(ctx)
		return err
	}},
	{"StartPasskey", "StartWebAuthnRegistration", true, true, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.User(t, o...).StartPasskey(ctx)
		return err
	}},
	{"FinishPasskey", "CompleteWebAuthnRegistration", true, false, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		return c.User(t, o...).FinishPasskey(ctx, json.RawMessage(`{"id":"a-credential"}`))
	}},
	{"Passkeys", "ListWebAuthnCredentials", true, true, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		_, err := c.User(t, o...).Passkeys(ctx)
		return err
	}},
	{"DeletePasskey", "DeleteWebAuthnCredential", true, true, func(ctx context.Context, c *account.Client, t *flow.Tokens, o ...func(*flow.Options)) error {
		return c.User(t, o...).DeletePasskey(ctx, "a-credential")
	}},
}

// contextData sets options that requests carry.
func contextData(o *flow.Options) {
	o.ClientMetadata = map[string]string{"tenant": "one"}
	o.UserContextData = &types.UserContextDataType{IpAddress: aws.String("192.0.2.1")}
	o.AnalyticsMetadata = &types.AnalyticsMetadataType{AnalyticsEndpointId: aws.String("endpoint")}
}
