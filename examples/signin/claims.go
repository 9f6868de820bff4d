package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// printClaims verifies the tokens and prints their claims.
//
// The issuer publishes the keys of the pool. With -endpoint the server may publish no keys
// at the issuer. printClaims then says that the tokens are not verified, and prints no
// claims.
func printClaims(ctx context.Context, w io.Writer, api *cip.Client, s settings, tokens *flow.Tokens) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	issuer, err := s.app().IssuerURL()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nSigned in as %q until %s.\n", tokens.Username, tokens.Expiry.Format(time.RFC3339))
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil && api.Options().BaseEndpoint != nil {
		fmt.Fprintf(w, "The tokens are NOT verified: %q publishes no keys.\n", issuer)
		return nil
	}
	if err != nil {
		return fmt.Errorf("no keys to verify the tokens: %.300q", err) // err may quote a whole page
	}
	for _, token := range []struct {
		use, title string
		text       secret.String
	}{
		{"id", "ID token", tokens.IDToken},
		{"access", "access token", tokens.AccessToken},
	} {
		claims, err := verify(ctx, provider, s.clientID, token.use, token.text)
		if err != nil {
			return fmt.Errorf("the %s: %w", token.title, err)
		}
		fmt.Fprintf(w, "\nVerified claims of the %s:\n", token.title)
		for _, name := range slices.Sorted(maps.Keys(claims)) {
			fmt.Fprintf(w, "  %-20s %s\n", name, show(claims[name]))
		}
	}
	return nil
}

// verify verifies the signature, issuer, expiry, use and app client of a token, and returns
// the claims. The app client is in client_id of an access token, and in aud of an ID token.
func verify(ctx context.Context, provider *oidc.Provider, clientID, use string, token secret.String) (map[string]any, error) {
	config := &oidc.Config{ClientID: clientID, SkipClientIDCheck: use == "access"}
	verified, err := provider.Verifier(config).Verify(ctx, token.Reveal())
	if err != nil {
		return nil, err
	}
	var claims map[string]any
	if err := verified.Claims(&claims); err != nil {
		return nil, err
	}
	if claims["token_use"] != use {
		return nil, fmt.Errorf("token_use is %q, want %q", claims["token_use"], use)
	}
	if use == "access" && claims["client_id"] != clientID {
		return nil, fmt.Errorf("client_id is %q, want %q", claims["client_id"], clientID)
	}
	return claims, nil
}

// show returns a claim as one line without control characters, which a terminal could obey.
func show(claim any) string {
	if text, ok := claim.(string); ok {
		return strconv.Quote(text)
	}
	text, err := json.Marshal(claim)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
