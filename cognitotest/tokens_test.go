package cognitotest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/coreos/go-oidc/v3/oidc"
)

// optionalText leaves a member out of a request if it is empty.
func optionalText(text string) *string {
	if text == "" {
		return nil
	}
	return aws.String(text)
}

func (r *rig) getTokens(token string) (*types.AuthenticationResultType, error) {
	out, err := r.sdk.GetTokensFromRefreshToken(context.Background(), &cip.GetTokensFromRefreshTokenInput{
		RefreshToken: aws.String(token), ClientId: aws.String(r.app), ClientSecret: optionalText(r.secret),
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

// The response has no ChallengeParameters. The SDK hides the member, so the test reads JSON.
func TestGetTokensHasOneMember(t *testing.T) {
	r := newRig(t, nil)
	text := `{"ClientId":"` + r.app + `","RefreshToken":"` + aws.ToString(r.tokens().RefreshToken) + `"}`
	request, err := http.NewRequest(http.MethodPost, r.pool.Endpoint(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("X-Amz-Target", targetPrefix+"GetTokensFromRefreshToken")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body map[string]json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if body["AuthenticationResult"] == nil || len(body) != 1 {
		t.Errorf("members %v", slices.Collect(maps.Keys(body)))
	}
}

func (r *rig) revoke(token string) error {
	_, err := r.sdk.RevokeToken(context.Background(), &cip.RevokeTokenInput{
		Token: aws.String(token), ClientId: aws.String(r.app), ClientSecret: optionalText(r.secret),
	})
	return err
}

func (r *rig) getUser(result *types.AuthenticationResultType) error {
	_, err := r.sdk.GetUser(context.Background(), &cip.GetUserInput{AccessToken: result.AccessToken})
	return err
}

func rotating(graceSeconds int) func(*PoolConfig) {
	return func(c *PoolConfig) {
		for i := range c.Clients {
			c.Clients[i].RefreshTokenRotation, c.Clients[i].RetryGraceSeconds = "ENABLED", graceSeconds
		}
	}
}

func TestRefreshKeepsTheRefreshToken(t *testing.T) {
	for _, r := range []*rig{newRig(t, nil), newRig(t, nil).withSecret()} {
		token := aws.ToString(r.tokens().RefreshToken)
		for range 2 {
			result, err := r.getTokens(token)
			wantTokens(t, result, err)
			if result.RefreshToken != nil {
				t.Error("a refresh token came back")
			}
			if err := r.getUser(result); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestRefreshWantsTheRawSecret(t *testing.T) {
	r := newRig(t, nil).withSecret()
	token := aws.ToString(r.tokens().RefreshToken)
	for name, secret := range map[string]string{
		"none": "", "another": "wrong", "a hash": secretHash(appSecret, "alice", secretApp),
	} {
		wrong := *r
		wrong.secret = secret
		_, err := wrong.getTokens(token)
		t.Log(name)
		wantError(t, err, "NotAuthorizedException", "client secret")
		wantError(t, wrong.revoke(token), "UnauthorizedException", "client secret")
	}
	public := newRig(t, nil)
	token = aws.ToString(public.tokens().RefreshToken)
	public.secret = appSecret
	_, err := public.getTokens(token)
	wantError(t, err, "NotAuthorizedException", "client secret")
}

func TestTokenLifetimes(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.Clients[0].AccessTokenSeconds, c.Clients[0].IDTokenSeconds, c.Clients[0].RefreshTokenSeconds = 1, 2, 3
	})
	result := r.tokens()
	if result.ExpiresIn != 1 {
		t.Errorf("ExpiresIn %d", result.ExpiresIn)
	}
	r.clock.Advance(time.Second - 1)
	if err := r.getUser(result); err != nil {
		t.Error(err)
	}
	r.clock.Advance(1)
	wantError(t, r.getUser(result), "NotAuthorizedException", "Access Token has expired")
	token := aws.ToString(result.RefreshToken)
	r.clock.Advance(2*time.Second - 1)
	again, err := r.getTokens(token)
	wantTokens(t, again, err)
	r.clock.Advance(1)
	_, err = r.getTokens(token)
	wantError(t, err, "NotAuthorizedException", "Refresh Token has expired")
}

func TestRotation(t *testing.T) {
	for _, grace := range []int{0, 1, 60} {
		r := newRig(t, rotating(grace))
		first := r.tokens()
		second, err := r.getTokens(aws.ToString(first.RefreshToken))
		wantTokens(t, second, err)
		if aws.ToString(second.RefreshToken) == "" || *second.RefreshToken == *first.RefreshToken {
			t.Fatal("no new refresh token")
		}
		if grace > 0 {
			r.clock.Advance(time.Duration(grace)*time.Second - 1)
			retried, err := r.getTokens(*first.RefreshToken)
			wantTokens(t, retried, err)
			if *retried.RefreshToken == *second.RefreshToken {
				t.Error("a repeated request got the token of the first")
			}
			r.clock.Advance(1) // the grace period began with the first request
		}
		_, err = r.getTokens(*first.RefreshToken)
		wantError(t, err, "RefreshTokenReuseException", "")
		third, err := r.getTokens(*second.RefreshToken)
		wantTokens(t, third, err)
	}
}

func TestRotatedTokensShareOneLife(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		rotating(0)(c)
		c.Clients[0].RefreshTokenSeconds = 100
	})
	token := aws.ToString(r.tokens().RefreshToken)
	for range 3 {
		r.clock.Advance(33 * time.Second)
		result, err := r.getTokens(token)
		token = aws.ToString(wantTokens(t, result, err).RefreshToken)
	}
	r.clock.Advance(time.Second)
	_, err := r.getTokens(token)
	wantError(t, err, "NotAuthorizedException", "expired")
}

func TestRefreshAuthUnderRotation(t *testing.T) {
	r := newRig(t, rotating(60))
	_, err := r.refresh(r.tokens().RefreshToken, nil)
	wantError(t, err, "NotAuthorizedException", "rotation")
	r = newRig(t, func(c *PoolConfig) {
		rotating(60)(c)
		c.Dialect.RotationRefusal = "UnsupportedOperationException"
	})
	_, err = r.refresh(r.tokens().RefreshToken, nil)
	wantError(t, err, "UnsupportedOperationException", "rotation")
}

func TestGetTokensRefusals(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.getTokens("no token of ours")
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	_, err = r.withSecret().getTokens(aws.ToString(r.tokens().RefreshToken))
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	_, err = r.getTokens("")
	wantError(t, err, "InvalidParameterException", "refreshToken")
	result, err := r.sdk.GetTokensFromRefreshToken(context.Background(), &cip.GetTokensFromRefreshTokenInput{
		RefreshToken: r.tokens().RefreshToken, ClientId: aws.String(r.app), DeviceKey: aws.String("no device key"),
	})
	if err == nil {
		t.Errorf("a device key of the wrong form got %v", result)
	}
	wantError(t, err, "InvalidParameterException", "deviceKey")
}

func TestRevokeToken(t *testing.T) {
	for name, change := range map[string]func(*PoolConfig){"without rotation": nil, "rotation": rotating(60)} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, change).withSecret()
			revoked, other := r.tokens(), r.tokens()
			refreshed, err := r.getTokens(aws.ToString(revoked.RefreshToken))
			wantTokens(t, refreshed, err)
			for range 2 { // a second RevokeToken is no error
				if err := r.revoke(aws.ToString(revoked.RefreshToken)); err != nil {
					t.Fatal(err)
				}
			}
			for _, result := range []*types.AuthenticationResultType{revoked, refreshed} {
				wantError(t, r.getUser(result), "NotAuthorizedException", "revoked")
				if result.RefreshToken != nil {
					_, err := r.getTokens(*result.RefreshToken)
					wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
				}
			}
			if err := r.getUser(other); err != nil {
				t.Errorf("another sign-in: %v", err)
			}
		})
	}
}

func TestRevokeTokenRefusals(t *testing.T) {
	r := newRig(t, nil)
	tokens := r.tokens()
	wantError(t, r.revoke(*tokens.AccessToken), "UnsupportedTokenTypeException", "")
	wantError(t, r.revoke(*tokens.IdToken), "UnsupportedTokenTypeException", "")
	wantError(t, r.withSecret().revoke(*tokens.RefreshToken), "UnauthorizedException", "not issued to")
	if err := r.revoke("no token of ours"); err != nil {
		t.Errorf("an unknown token: %v", err)
	}
	r = newRig(t, func(c *PoolConfig) { c.Clients[0].TokenRevocation = "DISABLED" })
	tokens = r.tokens()
	wantError(t, r.revoke(*tokens.RefreshToken), "UnsupportedOperationException", "")
	if err := r.getUser(tokens); err != nil {
		t.Error(err)
	}
}

func TestGlobalSignOut(t *testing.T) {
	for name, signOut := range map[string]func(*rig, *types.AuthenticationResultType) error{
		"GlobalSignOut": func(r *rig, tokens *types.AuthenticationResultType) error {
			_, err := r.sdk.GlobalSignOut(context.Background(), &cip.GlobalSignOutInput{AccessToken: tokens.AccessToken})
			return err
		},
		"AdminUserGlobalSignOut": func(r *rig, _ *types.AuthenticationResultType) error {
			_, err := r.pool.AdminClient().AdminUserGlobalSignOut(context.Background(), &cip.AdminUserGlobalSignOutInput{
				UserPoolId: aws.String(r.pool.ID()), Username: aws.String("alice"),
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			here, there := r.tokens(), r.withSecret().tokens()
			if err := signOut(r, here); err != nil {
				t.Fatal(err)
			}
			wantError(t, r.getUser(here), "NotAuthorizedException", "revoked")
			wantError(t, r.getUser(there), "NotAuthorizedException", "revoked")
			_, err := r.withSecret().getTokens(*there.RefreshToken)
			wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
			if err := r.getUser(r.tokens()); err != nil {
				t.Errorf("after signing in again: %v", err)
			}
		})
	}
	r := newRig(t, nil)
	_, err := r.pool.AdminClient().AdminUserGlobalSignOut(context.Background(), &cip.AdminUserGlobalSignOutInput{
		UserPoolId: aws.String(r.pool.ID()), Username: aws.String("nobody"),
	})
	wantError(t, err, "UserNotFoundException", "")
}

func TestRotationConfiguration(t *testing.T) {
	for field, change := range map[string]func(*PoolConfig){
		"clients[0].retryGraceSeconds":    rotating(61),
		"clients[0].refreshTokenRotation": func(c *PoolConfig) { c.Clients[0].RefreshTokenRotation = "ON" },
		"dialect.rotationRefusal":         func(c *PoolConfig) { c.Dialect.RotationRefusal = "Refused" },
	} {
		config := PoolConfig{Clients: []ClientConfig{{ID: publicApp}}}
		change(&config)
		_, err := NewServer(config)
		if want := "pools[0]." + field + ":"; err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
			t.Errorf("got %v, want %s ...", err, want)
		}
	}
}

// verified verifies a token with another library and the documents of the pool, and
// returns the claims.
func (r *rig) verified(token *string, config *oidc.Config) map[string]any {
	r.t.Helper()
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, r.pool.Endpoint()+"/"+r.pool.ID())
	if err != nil {
		r.t.Fatal(err)
	}
	config.Now = r.clock.Now
	got, err := provider.Verifier(config).Verify(ctx, aws.ToString(token))
	if err != nil {
		r.t.Fatal(err)
	}
	var claims map[string]any
	if err := got.Claims(&claims); err != nil {
		r.t.Fatal(err)
	}
	return claims
}

// payloadOf reads the claims of a token that the pool has just issued.
func payloadOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatal("the token has no three parts")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func (r *rig) tokens() *types.AuthenticationResultType {
	r.t.Helper()
	out, err := r.login("alice")
	if err != nil {
		r.t.Fatal(err)
	}
	return wantTokens(r.t, out, nil)
}

func wantClaims(t *testing.T, got, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if list, ok := value.([]any); ok {
			if given, ok := got[name].([]any); !ok || len(given) != len(list) || given[0] != list[0] {
				t.Errorf("%s = %v, want %v", name, got[name], value)
			}
		} else if got[name] != value {
			t.Errorf("%s = %v, want %v", name, got[name], value)
		}
	}
}

func TestTokens(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.Users[0].ID = "5e0c2b7a-0000-4000-8000-00000000000a"
		c.Users[0].Groups = []string{"admins"}
		c.Users[0].Attributes["custom:level"] = "7"
		c.Clients[0].AccessTokenSeconds, c.Clients[0].IDTokenSeconds = 600, 1200
	})
	result := r.tokens()
	if result.ExpiresIn != 600 || aws.ToString(result.TokenType) != "Bearer" {
		t.Errorf("ExpiresIn %d, TokenType %s", result.ExpiresIn, aws.ToString(result.TokenType))
	}
	now := float64(r.clock.Now().Unix())
	both := map[string]any{
		"sub": "5e0c2b7a-0000-4000-8000-00000000000a", "iss": r.pool.Endpoint() + "/" + r.pool.ID(),
		"iat": now, "auth_time": now, "cognito:groups": []any{"admins"},
	}
	id := r.verified(result.IdToken, &oidc.Config{ClientID: publicApp})
	wantClaims(t, id, both)
	wantClaims(t, id, map[string]any{
		"token_use": "id", "aud": publicApp, "cognito:username": "alice", "exp": now + 1200, "client_id": nil,
		"email": aliceEmail, "email_verified": true, "phone_number": "+3312345678", "custom:level": "7",
	})
	access := r.verified(result.AccessToken, &oidc.Config{SkipClientIDCheck: true})
	wantClaims(t, access, both)
	wantClaims(t, access, map[string]any{
		"token_use": "access", "client_id": publicApp, "username": "alice", "exp": now + 600, "aud": nil, "email": nil,
		"scope": "aws.cognito.signin.user.admin", "origin_jti": id["origin_jti"],
	})
	if access["jti"] == nil || access["jti"] == id["jti"] || access["origin_jti"] == nil {
		t.Errorf("jti %v and %v, origin_jti %v", access["jti"], id["jti"], access["origin_jti"])
	}
}

func TestTokensWithoutRevocation(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Clients[0].TokenRevocation = "DISABLED" })
	claims := r.verified(r.tokens().IdToken, &oidc.Config{ClientID: publicApp})
	wantClaims(t, claims, map[string]any{"jti": nil, "origin_jti": nil})
}

func TestIssuer(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1" })
	ctx := context.Background()
	keys := oidc.NewRemoteKeySet(ctx, r.pool.Endpoint()+"/"+r.pool.ID()+"/.well-known/jwks.json")
	verifier := oidc.NewVerifier(r.pool.state.Issuer, keys, &oidc.Config{ClientID: publicApp, Now: r.clock.Now})
	if _, err := verifier.Verify(ctx, aws.ToString(r.tokens().IdToken)); err != nil {
		t.Error(err)
	}
}

func (r *rig) refresh(token *string, extra map[string]string) (*cip.InitiateAuthOutput, error) {
	parameters := map[string]string{"REFRESH_TOKEN": aws.ToString(token)}
	for k, v := range extra {
		parameters[k] = v
	}
	return r.initiate("REFRESH_TOKEN_AUTH", parameters)
}

func TestRefresh(t *testing.T) {
	r := newRig(t, nil)
	first := r.tokens()
	signedIn := float64(r.clock.Now().Unix())
	before := r.verified(first.IdToken, &oidc.Config{ClientID: publicApp})
	r.clock.Advance(2 * time.Hour)
	for _, flow := range []string{"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"} {
		out, err := r.initiate(flow, map[string]string{"REFRESH_TOKEN": aws.ToString(first.RefreshToken)})
		if err != nil {
			t.Fatal(err)
		}
		result := wantTokens(t, out, nil)
		if result.RefreshToken != nil {
			t.Error("refresh gave a refresh token")
		}
		wantClaims(t, r.verified(result.IdToken, &oidc.Config{ClientID: publicApp}), map[string]any{
			"auth_time": signedIn, "iat": signedIn + 7200, "origin_jti": before["origin_jti"],
		})
	}
	r.clock.Advance(30 * 24 * time.Hour)
	_, err := r.refresh(first.RefreshToken, nil)
	wantError(t, err, "NotAuthorizedException", "expired")
}

func TestRefreshRefusals(t *testing.T) {
	r := newRig(t, nil)
	token := r.tokens().RefreshToken
	_, err := r.withSecret().refresh(token, map[string]string{"SECRET_HASH": secretHash(appSecret, "alice", secretApp)})
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	_, err = r.refresh(aws.String("garbage"), nil)
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	_, err = r.refresh(aws.String(""), nil)
	wantError(t, err, "InvalidParameterException", "REFRESH_TOKEN")
}

// SECRET_HASH of a refresh is over the user name in the tokens, or over the sub.
func TestRefreshSecretHash(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Users[0].ID = "5e0c2b7a-0000-4000-8000-00000000000a" }).withSecret()
	out, err := r.login(aliceEmail)
	if err != nil {
		t.Fatal(err)
	}
	token := out.AuthenticationResult.RefreshToken
	for _, name := range []string{"alice", "5e0c2b7a-0000-4000-8000-00000000000a"} {
		_, err := r.refresh(token, map[string]string{"SECRET_HASH": secretHash(appSecret, name, secretApp)})
		if err != nil {
			t.Errorf("hash over %s: %v", name, err)
		}
	}
	for _, hash := range []string{"", secretHash(appSecret, aliceEmail, secretApp), secretHash(appSecret, "", secretApp)} {
		_, err := r.refresh(token, map[string]string{"SECRET_HASH": hash})
		wantError(t, err, "NotAuthorizedException", "")
	}
}

func TestGetUser(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		withTOTP(c)
		c.Users[0].PreferredMFA = "SOFTWARE_TOKEN_MFA"
	})
	session := r.totpChallenge()
	out, err := r.respond("SOFTWARE_TOKEN_MFA", session, map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": r.pool.TOTP("alice")})
	if err != nil {
		t.Fatal(err)
	}
	token := out.AuthenticationResult.AccessToken
	get := func(token *string) (*cip.GetUserOutput, error) {
		return r.sdk.GetUser(context.Background(), &cip.GetUserInput{AccessToken: token})
	}
	got, err := get(token)
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]string{}
	for _, a := range got.UserAttributes {
		attributes[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	if aws.ToString(got.Username) != "alice" || attributes["email"] != aliceEmail || len(attributes["sub"]) != 36 {
		t.Errorf("user %q, attributes %v", aws.ToString(got.Username), attributes)
	}
	if aws.ToString(got.PreferredMfaSetting) != "SOFTWARE_TOKEN_MFA" || len(got.UserMFASettingList) != 1 {
		t.Errorf("MFA %v, preferred %v", got.UserMFASettingList, got.PreferredMfaSetting)
	}

	admin, err := r.pool.AdminClient().AdminGetUser(context.Background(), &cip.AdminGetUserInput{
		UserPoolId: aws.String(r.pool.ID()), Username: aws.String(aliceEmail),
	})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(admin.Username) != "alice" || !admin.Enabled || admin.UserStatus != "CONFIRMED" {
		t.Errorf("AdminGetUser: %q enabled %v status %v", aws.ToString(admin.Username), admin.Enabled, admin.UserStatus)
	}
	_, err = r.pool.AdminClient().AdminGetUser(context.Background(), &cip.AdminGetUserInput{
		UserPoolId: aws.String(r.pool.ID()), Username: aws.String("nobody"),
	})
	wantError(t, err, "UserNotFoundException", "")

	text := aws.ToString(token)
	forged := text[:len(text)-8] + strings.Repeat("A", 8)
	for name, token := range map[string]string{"forged": forged, "garbage": "garbage", "two dots": "a.b.c"} {
		_, err := get(aws.String(token))
		t.Run(name, func(t *testing.T) { wantError(t, err, "NotAuthorizedException", "Invalid Access Token") })
	}
	_, err = get(out.AuthenticationResult.IdToken)
	wantError(t, err, "NotAuthorizedException", "Invalid Access Token")
	r.clock.Advance(time.Hour)
	_, err = get(token)
	wantError(t, err, "NotAuthorizedException", "expired")
}

func TestUnknownDocuments(t *testing.T) {
	r := newRig(t, nil)
	for _, path := range []string{"/nopool/.well-known/jwks.json", "/eu-west-1_TestPool1/robots.txt"} {
		res, err := http.Get(r.pool.Endpoint() + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNotFound || res.Header.Get("Content-Type") != contentType {
			t.Errorf("%s: %s, %s", path, res.Status, res.Header.Get("Content-Type"))
		}
	}
}

var evidenceOfTokens = map[string]func(*testing.T){
	"a refresh token that was revoked": func(t *testing.T) {
		r := newRig(t, nil)
		token := *r.tokens().RefreshToken
		if err := r.revoke(token); err != nil {
			t.Fatal(err)
		}
		_, err := r.getTokens(token)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		_, err = r.refresh(&token, nil)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		tokens := r.tokens()
		if _, err := r.sdk.GlobalSignOut(t.Context(), &cip.GlobalSignOutInput{AccessToken: tokens.AccessToken}); err != nil {
			t.Fatal(err)
		}
		_, err = r.getTokens(*tokens.RefreshToken)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		_, err = r.refresh(tokens.RefreshToken, nil)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
	},
	"a refresh token that is unknown": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.getTokens("no token of ours")
		wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
		_, err = r.refresh(aws.String("no token of ours"), nil)
		wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	},
	"a refresh token that was rotated out": func(t *testing.T) {
		r := newRig(t, rotating(0))
		token := *r.tokens().RefreshToken
		if _, err := r.getTokens(token); err != nil {
			t.Fatal(err)
		}
		_, err := r.getTokens(token)
		wantError(t, err, "RefreshTokenReuseException", "")
	},
	"REFRESH_TOKEN_AUTH under rotation": func(t *testing.T) {
		r := newRig(t, rotating(0))
		_, err := r.refresh(r.tokens().RefreshToken, nil)
		wantError(t, err, "NotAuthorizedException", "")
	},
	"an access token that is unknown or revoked": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.sdk.GetUser(t.Context(), &cip.GetUserInput{AccessToken: aws.String("unknown")})
		wantError(t, err, "NotAuthorizedException", "Invalid Access Token")
		tokens := r.tokens()
		if _, err := r.sdk.GlobalSignOut(t.Context(), &cip.GlobalSignOutInput{AccessToken: tokens.AccessToken}); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.getUser(tokens), "NotAuthorizedException", "Access Token has been revoked")
	},
}
