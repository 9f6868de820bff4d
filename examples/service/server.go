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

// newHandler returns the server: a page for users of the pool. The server writes the reason
// for a refusal to the log refusals. The client gets the status 401 without the reason.
func newHandler(ctx context.Context, s settings, refusals *log.Logger) (http.Handler, error) {
	issuer, err := s.app().IssuerURL()
	if err != nil {
		return nil, err
	}
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("no keys to verify tokens: %w", err)
	}
	v := verifier{
		clientID: s.clientID, refusals: refusals,
		// An access token has no aud. user checks client_id instead.
		tokens: provider.Verifier(&oidc.Config{SkipClientIDCheck: true, Now: s.now}),
	}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello, %s\n", r.Context().Value(userKey{}))
	})
	return v.require(pages), nil
}

// userKey is the key of the user's name in the context of a request.
type userKey struct{}

type verifier struct {
	clientID string
	refusals *log.Logger
	tokens   *oidc.IDTokenVerifier
}

// require passes requests with an access token of the app client to next, and refuses other
// requests.
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

// user verifies an access token and returns the name of the user. user does not notice a
// revocation: a revoked token is accepted until the token expires.
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
		return "", fmt.Errorf("token_use is %q and client_id is %q", claims.Use, claims.ClientID)
	}
	if claims.Username == "" {
		return "", errors.New("the token has no username")
	}
	return claims.Username, nil
}
