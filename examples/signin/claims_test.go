package main

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestVerify(t *testing.T) {
	newKey := func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	key, foreignKey := newKey(), newKey()
	keys := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.RS256}}}
	web := httptest.NewServer(keys)
	defer web.Close()
	keys.SetIssuer(web.URL)
	provider, err := oidc.NewProvider(t.Context(), web.URL)
	if err != nil {
		t.Fatal(err)
	}
	const id, access = `"token_use":"id","aud":"app"`, `"token_use":"access","client_id":"app"`

	for _, test := range []struct {
		what, use, claims string
		key               *rsa.PrivateKey
		life              time.Duration
		good              bool
	}{
		{"an ID token", "id", id, key, time.Hour, true},
		{"an access token", "access", access, key, time.Hour, true},
		{"an access token for one API", "access", access + `,"aud":"https://api.example.com"`, key, time.Hour, true},
		{"an access token for the app itself, as ID token", "id", access + `,"aud":"app"`, key, time.Hour, false},
		{"an ID token with client_id, as access token", "access", id + `,"client_id":"app"`, key, time.Hour, false},
		{"an ID token of another app", "id", `"token_use":"id","aud":"other"`, key, time.Hour, false},
		{"an access token of another app", "access", `"token_use":"access","client_id":"other"`, key, time.Hour, false},
		{"an expired token", "access", access, key, -time.Minute, false},
		{"a token of another key", "access", access, foreignKey, time.Hour, false},
	} {
		claims := fmt.Sprintf(`{"iss":%q,"exp":%d,%s}`, web.URL, time.Now().Add(test.life).Unix(), test.claims)
		token := oidctest.SignIDToken(test.key, "k", oidc.RS256, claims)
		got, err := verify(t.Context(), provider, "app", test.use, secret.New(token))
		if (err == nil) != test.good || (err == nil) != (got["token_use"] == test.use) {
			t.Errorf("%s: %v, %v", test.what, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "eyJ") {
			t.Errorf("%s: the error has a token in it: %v", test.what, err)
		}
	}
}

func TestIssuerElsewhere(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.Issuer = "https://issuer.example.com/pool" },
		cognitotest.UserConfig{Name: "eve", Password: password})
	t.Setenv("COGNITO_PASSWORD", password)
	r := signin(t, strings.NewReader(""), at(pool, "eve")...)
	if r.code != 0 || !strings.Contains(r.stdout, "NOT verified") || strings.Contains(r.stdout, "Verified") {
		t.Errorf("exit code %d, standard error %q, standard output\n%s", r.code, r.stderr, r.stdout)
	}
}
