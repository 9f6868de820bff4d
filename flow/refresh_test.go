package flow_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

var ada = cognitotest.UserConfig{
	Name: "ada", Password: password,
	Attributes: map[string]string{"email": "ada@example.com", "email_verified": "true"},
}

// clock is a clock that a test moves.
type clock struct{ *cognitotest.Clock }

func newClock() *clock {
	return &clock{cognitotest.NewClock(time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC))}
}

func (c *clock) use(o *flow.Options) { o.Now = c.Now }

// rotating makes both app clients rotate refresh tokens.
func rotating(graceSeconds int) func(*cognitotest.PoolConfig) {
	return func(c *cognitotest.PoolConfig) {
		for i := range c.Clients {
			c.Clients[i].RefreshTokenRotation, c.Clients[i].RetryGraceSeconds = "ENABLED", graceSeconds
		}
	}
}

// byAlias signs ada in by her e-mail address.
func byAlias(t testing.TB, d *flow.Driver) *flow.Tokens {
	t.Helper()
	tokens, err := d.SignIn(t.Context(), flow.UserPasswordAuth{Username: "ada@example.com", Password: secret.New(password)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func byAuthFlow(o *flow.Options) { o.RefreshByAuthFlow = true }

func calls(pool *cognitotest.Pool, operation string) []map[string]any {
	var bodies []map[string]any
	for _, r := range pool.Requests() {
		if r.Operation == operation {
			bodies = append(bodies, r.Body)
		}
	}
	return bodies
}

func TestRefreshAfterSignInByAlias(t *testing.T) {
	for _, client := range []string{"public", "secret"} {
		for operation, option := range map[string]func(*flow.Options){
			"GetTokensFromRefreshToken": func(*flow.Options) {}, "InitiateAuth": byAuthFlow,
		} {
			t.Run(client+" "+operation, func(t *testing.T) {
				pool := newPool(t, nil, ada)
				d := newDriver(t, pool, client)
				first := byAlias(t, d)
				before := len(pool.Requests())
				second, err := d.Refresh(t.Context(), first, option)
				if err != nil {
					t.Fatal(err)
				}
				if got := pool.Requests()[before:]; len(got) != 1 || got[0].Operation != operation {
					t.Errorf("the calls were %v", got)
				}
				if second.AccessToken.Reveal() == first.AccessToken.Reveal() || second.IDToken.Reveal() == first.IDToken.Reveal() {
					t.Error("the tokens are not new")
				}
				if second.RefreshToken.Reveal() != first.RefreshToken.Reveal() {
					t.Error("without a new refresh token, the old one is not kept")
				}
				if second.Username != "ada" || second.Subject != first.Subject || !slices.Equal(second.Scopes, first.Scopes) || second.Expiry.Before(first.Expiry) {
					t.Errorf("got %+v after %+v", second, first)
				}
			})
		}
	}
}

func TestRefreshWithTokensOfAnotherLibrary(t *testing.T) {
	pool := newPool(t, nil, ada)
	d := newDriver(t, pool, "secret")
	full := byAlias(t, d)
	for name, bare := range map[string]flow.Tokens{
		"ID token":     {RefreshToken: full.RefreshToken, IDToken: full.IDToken},
		"access token": {RefreshToken: full.RefreshToken, AccessToken: full.AccessToken},
		"subject":      {RefreshToken: full.RefreshToken, Subject: full.Subject},
	} {
		if _, err := d.Refresh(t.Context(), &bare, byAuthFlow); err != nil {
			t.Errorf("with the %s: %v", name, err)
		}
	}
}

func TestRefreshRotates(t *testing.T) {
	pool := newPool(t, rotating(0), ada)
	d := newDriver(t, pool, "secret")
	first := byAlias(t, d)
	second, err := d.Refresh(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken.IsZero() || second.RefreshToken.Reveal() == first.RefreshToken.Reveal() {
		t.Error("the refresh token is not replaced")
	}
	if _, err := d.Refresh(t.Context(), second); err != nil {
		t.Error(err)
	}
	_, err = d.Refresh(t.Context(), first)
	var reuse *types.RefreshTokenReuseException
	wantRemedy(t, err, flow.StartAgain)
	if !errors.As(err, &reuse) {
		t.Errorf("got %v, want a RefreshTokenReuseException", err)
	}
	_, err = d.Refresh(t.Context(), second, byAuthFlow)
	wantRemedy(t, err, flow.StartAgain)
}

func wantRemedy(t testing.TB, err error, want flow.Remedy) {
	t.Helper()
	var e *flow.Error
	if !errors.As(err, &e) || e.Remedy() != want {
		t.Errorf("got %v, want remedy %q", err, want)
	}
}

func TestRefreshRefusals(t *testing.T) {
	for name, want := range map[string]flow.Remedy{
		"NotAuthorizedException":                flow.StartAgain,
		"RefreshTokenReuseException":            flow.StartAgain,
		"UserNotFoundException":                 flow.StartAgain,
		"TokenRevokedException":                 flow.StartAgain,
		"PasswordResetRequiredException":        flow.ResetPassword,
		"UserNotConfirmedException":             flow.ConfirmSignUp,
		"TooManyRequestsException":              flow.TryLater,
		"ThrottlingException":                   flow.TryLater,
		"InternalErrorException":                flow.TryLater,
		"ServiceUnavailableException":           flow.TryLater,
		"":                                      flow.TryLater, // the connection is cut
		"InvalidParameterException":             "",
		"ForbiddenException":                    "",
		"UserLambdaValidationException":         "",
		"InvalidUserPoolConfigurationException": "",
	} {
		for operation, option := range map[string]func(*flow.Options){
			"GetTokensFromRefreshToken": func(*flow.Options) {}, "InitiateAuth": byAuthFlow,
		} {
			pool := newPool(t, nil, ada)
			d := newDriver(t, pool, "public")
			tokens := byAlias(t, d)
			pool.Fail(cognitotest.Fault{Operation: operation, Error: name, Drop: name == ""})
			_, err := d.Refresh(t.Context(), tokens, option)
			wantRemedy(t, err, want)
			var api smithy.APIError
			if name != "" && (!errors.As(err, &api) || api.ErrorCode() != name) {
				t.Errorf("errors.As does not reach %s in %v", name, err)
			}
			if err != nil && !strings.Contains(err.Error(), operation) {
				t.Errorf("%v does not name %s", err, operation)
			}
		}
	}
}

func TestRefreshWithoutRefreshToken(t *testing.T) {
	d := newDriver(t, newPool(t, nil), "public")
	for _, tokens := range []*flow.Tokens{nil, {AccessToken: secret.New("access")}} {
		_, err := d.Refresh(t.Context(), tokens)
		wantRemedy(t, err, flow.StartAgain)
	}
}

func TestExpiredRefreshToken(t *testing.T) {
	c := newClock()
	pool := newPool(t, func(p *cognitotest.PoolConfig) {
		p.Now = c.Now
		p.Clients[0].RefreshTokenSeconds = 3600
	}, ada)
	d := newDriver(t, pool, "public", c.use)
	tokens := byAlias(t, d)
	c.Advance(time.Hour)
	_, err := d.Refresh(t.Context(), tokens)
	wantRemedy(t, err, flow.StartAgain)
}

// tokenService is a service that has the operations of TokenAPI. A call of another operation
// panics.
type tokenService struct {
	flow.API
	flow.TokenAPI
	refresh func(context.Context, *cip.GetTokensFromRefreshTokenInput) (*types.AuthenticationResultType, error)
	revoke  func(*cip.RevokeTokenInput) error
}

func (s *tokenService) GetTokensFromRefreshToken(ctx context.Context, in *cip.GetTokensFromRefreshTokenInput, _ ...func(*cip.Options)) (*cip.GetTokensFromRefreshTokenOutput, error) {
	result, err := s.refresh(ctx, in)
	if err != nil {
		return nil, err
	}
	return &cip.GetTokensFromRefreshTokenOutput{AuthenticationResult: result}, nil
}

func (s *tokenService) RevokeToken(_ context.Context, in *cip.RevokeTokenInput, _ ...func(*cip.Options)) (*cip.RevokeTokenOutput, error) {
	return &cip.RevokeTokenOutput{}, s.revoke(in)
}

// refreshesTo returns a service whose refreshes return this result.
func refreshesTo(result types.AuthenticationResultType) *tokenService {
	return &tokenService{refresh: func(context.Context, *cip.GetTokensFromRefreshTokenInput) (*types.AuthenticationResultType, error) {
		return &result, nil
	}}
}

// driver returns a driver of the service for anApp.
func (s *tokenService) driver(t testing.TB, optFns ...func(*flow.Options)) *flow.Driver {
	t.Helper()
	d, err := flow.New(s, anApp, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var anApp = flow.App{UserPoolID: "local-1_pool", ClientID: "app", ClientSecret: secret.New("the-client-secret")}

func TestRefreshSendsSecretAndDevice(t *testing.T) {
	var in *cip.GetTokensFromRefreshTokenInput
	s := &tokenService{refresh: func(_ context.Context, got *cip.GetTokensFromRefreshTokenInput) (*types.AuthenticationResultType, error) {
		in = got
		return &types.AuthenticationResultType{AccessToken: aws.String("new access")}, nil
	}}
	d := s.driver(t, func(o *flow.Options) { o.ClientMetadata = map[string]string{"tenant": "7"} })
	old := &flow.Tokens{
		AccessToken: secret.New("access"), IDToken: secret.New("id"), RefreshToken: secret.New("refresh"),
		Username: "ada", Subject: "5e0c2b7a", Device: flow.DeviceOutcome{Key: "local-1_0a1b2c3d"},
	}
	next, err := d.Refresh(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(in.RefreshToken) != "refresh" || aws.ToString(in.ClientId) != "app" ||
		aws.ToString(in.ClientSecret) != "the-client-secret" || aws.ToString(in.DeviceKey) != "local-1_0a1b2c3d" ||
		!maps.Equal(in.ClientMetadata, map[string]string{"tenant": "7"}) {
		t.Errorf("got %+v", in)
	}
	if next.AccessToken.Reveal() != "new access" || next.RefreshToken.Reveal() != "refresh" ||
		next.Username != "ada" || next.Subject != "5e0c2b7a" || next.Device.Key != "local-1_0a1b2c3d" {
		t.Errorf("the new tokens are %+v, want the values of the old ones that the reply does not have", next)
	}
	if !next.IDToken.IsZero() { // a program would take the old ID token for a new one
		t.Error("the old ID token is passed on")
	}
	if old.AccessToken.Reveal() != "access" {
		t.Error("the old tokens were changed")
	}
}

func TestRefreshErrorsTellNoSecret(t *testing.T) {
	s := &tokenService{refresh: func(context.Context, *cip.GetTokensFromRefreshTokenInput) (*types.AuthenticationResultType, error) {
		return nil, &types.NotAuthorizedException{Message: aws.String("no refresh for refresh-token of the-client-secret")}
	}}
	d, err := flow.New(s, anApp)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Refresh(t.Context(), &flow.Tokens{RefreshToken: secret.New("refresh-token"), Username: "ada"})
	if text := err.Error(); strings.Contains(text, "refresh-token") || strings.Contains(text, "the-client-secret") {
		t.Error(text)
	}
}

// The tokens have the device key, so a refresh needs no store. The refresh may run on another
// machine.
func TestRefreshWithDeviceAfterSignInByAlias(t *testing.T) {
	for _, client := range []string{"public", "secret"} {
		for operation, option := range map[string]func(*flow.Options){
			"GetTokensFromRefreshToken": func(*flow.Options) {}, "InitiateAuth": byAuthFlow,
		} {
			t.Run(client+" "+operation, func(t *testing.T) {
				desk := newDesk(t, nil)
				desk.client = client
				for _, asked := range []int{1, 0} { // a new device, then the remembered one
					tokens := desk.signIn(srpAuth("ada@example.com"), asked)
					d := newDriver(t, desk.pool, client, desk.clock.use)
					again, err := d.Refresh(t.Context(), tokens, option)
					if err != nil {
						t.Fatal(err)
					}
					if again.Device.Key == "" || again.Device.Key != tokens.Device.Key {
						t.Errorf("device %q became %q", tokens.Device.Key, again.Device.Key)
					}
					if _, err = d.Refresh(t.Context(), again, option); err != nil {
						t.Errorf("a second refresh: %v", err)
					}
					bare := flow.Tokens{RefreshToken: tokens.RefreshToken, Username: tokens.Username}
					if _, err := d.Refresh(t.Context(), &bare, option); err == nil {
						t.Error("the pool refreshed without a device key: this test proves nothing")
					}
				}
			})
		}
	}
}
