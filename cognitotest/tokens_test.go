package cognitotest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/coreos/go-oidc/v3/oidc"
)

// verified has an independent library verify a token against the pool's
// documents, and returns its claims.
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

// SECRET_HASH of a refresh is over the name in the tokens, or the sub.
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
