package flow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestClaims(t *testing.T) {
	tokens := &flow.Tokens{
		AccessToken: secret.New(*jwt(`{"cognito:groups":["admins","staff"],"exp":1700003600.5,"tier":3}`)),
		IDToken:     secret.New(*jwt(`{"custom:team":"compilers","email":"ada@example.com"}`)),
	}
	var access struct {
		Groups []string `json:"cognito:groups"`
	}
	if err := tokens.AccessClaims(&access); err != nil || !slices.Equal(access.Groups, []string{"admins", "staff"}) {
		t.Errorf("got %v, %v", access, err)
	}
	var id struct {
		Team string `json:"custom:team"`
	}
	if err := tokens.IDClaims(&id); err != nil || id.Team != "compilers" {
		t.Errorf("got %v, %v", id, err)
	}
	var misfit struct {
		Tier string `json:"tier"`
	}
	if err := tokens.AccessClaims(&misfit); err == nil || !strings.Contains(err.Error(), "tier") || strings.Contains(err.Error(), "admins") {
		t.Errorf("got %v", err)
	}
	if err := tokens.IDClaims(id); err == nil {
		t.Error("a value that is no pointer was filled")
	}
	for _, text := range []string{"", "opaque", "a.b", "a.!.c", *jwt("no JSON")} {
		if err := (&flow.Tokens{IDToken: secret.New(text)}).IDClaims(&id); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// AuthTime and TokenType are those of the sign-in.
func TestTokensTellTheSignIn(t *testing.T) {
	c := newClock()
	pool := newPool(t, nil, ada)
	tokens := byAlias(t, newDriver(t, pool, "public", c.use))
	if age := time.Since(tokens.AuthTime); age < 0 || age > time.Minute {
		t.Errorf("AuthTime is %v", tokens.AuthTime)
	}
	if tokens.TokenType != "Bearer" {
		t.Errorf("TokenType is %q", tokens.TokenType)
	}
}
