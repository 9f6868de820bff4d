package cognitotest

import (
	"context"
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

// The response has no ChallengeParameters, which the SDK would not show.
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
			for range 2 { // to revoke once more is no error
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
