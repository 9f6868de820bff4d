package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// newHandler returns the server: a page for users of the pool, and nothing for
// anybody else. Why it refuses a token is logged, and not told to who sent it.
func newHandler(ctx context.Context, s settings, refusals *log.Logger) (http.Handler, error) {
	issuer, err := s.app().IssuerURL()
	if err != nil {
		return nil, err
	}
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("the pool's keys: %w", err)
	}
	v := verifier{
		clientID: s.clientID, refusals: refusals,
		// An access token has no aud to check. It has a client_id.
		tokens: provider.Verifier(&oidc.Config{SkipClientIDCheck: true, Now: s.now}),
	}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello, %s\n", r.Context().Value(userKey{}))
	})
	return v.require(pages), nil
}

// userKey is where the name of the verified user is in a request's context.
type userKey struct{}

type verifier struct {
	clientID string
	refusals *log.Logger
	tokens   *oidc.IDTokenVerifier
}

// require lets requests through that have an access token of the app client.
func (v verifier) require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "no token", http.StatusUnauthorized)
			return
		}
		user, err := v.user(r.Context(), token)
		if err != nil {
			v.refusals.Printf("refused: %v", err)
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			http.Error(w, "invalid token", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
	})
}

// user verifies an access token and returns whose it is. That the token was
// revoked is not seen here: it is good until it expires.
func (v verifier) user(ctx context.Context, token string) (string, error) {
	verified, err := v.tokens.Verify(ctx, token) // signature, issuer, expiry
	if err != nil {
		return "", err
	}
	var claims struct {
		Use      string `json:"token_use"`
		ClientID string `json:"client_id"`
		Username string `json:"username"`
	}
	if err := verified.Claims(&claims); err != nil {
		return "", err
	}
	if claims.Use != "access" || claims.ClientID != v.clientID {
		return "", fmt.Errorf("a token for %q of app client %q", claims.Use, claims.ClientID)
	}
	if claims.Username == "" {
		return "", errors.New("a token of no user")
	}
	return claims.Username, nil
}
