package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// withRotation makes each refresh replace the refresh token. The old one works for another
// minute.
func withRotation(c *cognitotest.PoolConfig) {
	c.Clients[0].RefreshTokenRotation, c.Clients[0].RetryGraceSeconds = "ENABLED", 60
}

// exampleIssuer returns the claim iss of the tokens. The issuer of a real pool is that of
// App.IssuerURL.
func exampleIssuer(t *flow.Tokens) string {
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := t.IDClaims(&claims); err != nil {
		log.Fatal(err)
	}
	return claims.Issuer
}

// A server verifies the tokens that it receives, with the pool's keys and without a request to
// the pool for each token. An ID token is for an app client (aud). An access token is for any
// server. An access token has no aud, and the claim client_id names the app client.
func ExampleTokens_verify() {
	_, tokens, _, stop := exampleSignIn()
	defer stop()
	ctx := context.Background()

	provider, err := oidc.NewProvider(ctx, exampleIssuer(tokens)) // once: it keeps the keys
	if err != nil {
		log.Fatal(err)
	}
	idVerifier := provider.Verifier(&oidc.Config{ClientID: "1example23456789"})
	accessVerifier := provider.Verifier(&oidc.Config{SkipClientIDCheck: true}) // and check client_id

	verify := func(v *oidc.IDTokenVerifier, use, token string) error {
		verified, err := v.Verify(ctx, token) // signature, issuer, expiry
		if err != nil {
			return err
		}
		var claims struct {
			Use      string `json:"token_use"`
			ClientID string `json:"client_id"` // access tokens only
		}
		if err := verified.Claims(&claims); err != nil {
			return err
		}
		if claims.Use != use {
			return fmt.Errorf("this is a token for %q, not %q", claims.Use, use)
		}
		if use == "access" && claims.ClientID != "1example23456789" {
			return errors.New("the token is of another app client")
		}
		return nil
	}
	fmt.Println("ID token:", verify(idVerifier, "id", tokens.IDToken.Reveal()))
	fmt.Println("access token:", verify(accessVerifier, "access", tokens.AccessToken.Reveal()))
	fmt.Println("ID token instead of an access token:", verify(accessVerifier, "access", tokens.IDToken.Reveal()))
	// Output:
	// ID token: <nil>
	// access token: <nil>
	// ID token instead of an access token: this is a token for "id", not "access"
}

// A request to another server carries the access token.
func ExampleTokens() {
	_, tokens, _, stop := exampleSignIn()
	defer stop()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		fmt.Println(kind, token != "") // a real server verifies the token
	}))
	defer server.Close()

	request, err := http.NewRequest("GET", server.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+tokens.AccessToken.Reveal())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	// Output: Bearer true
}

// The access token has the groups of the user.
func ExampleTokens_AccessClaims() {
	_, tokens, _, stop := exampleSignIn()
	defer stop()

	var claims struct {
		Groups []string `json:"cognito:groups"`
	}
	if err := tokens.AccessClaims(&claims); err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Groups)
	// Output: [editors]
}

// The ID token has the attributes of the user.
func ExampleTokens_IDClaims() {
	_, tokens, _, stop := exampleSignIn()
	defer stop()

	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := tokens.IDClaims(&claims); err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Email, claims.Verified)
	// Output: ada@example.com true
}

// A program keeps its tokens between two runs, in a file that only its user can read.
func ExampleTokens_MarshalJSON() {
	_, tokens, _, stop := exampleSignIn()
	defer stop()

	data, err := json.Marshal(tokens)
	if err != nil {
		log.Fatal(err)
	}
	// os.WriteFile(file, data, 0o600), and in the next run os.ReadFile

	var kept flow.Tokens
	if err := json.Unmarshal(data, &kept); err != nil {
		log.Fatal(err)
	}
	fmt.Println("tokens of", kept.Username, kept.Expiry.Equal(tokens.Expiry))
	// Output: tokens of ada true
}

// An attribute of log/slog has the user name and the expiry, and no token.
func ExampleTokens_LogValue() {
	_, tokens, _, stop := exampleSignIn()
	defer stop()
	var buffer bytes.Buffer

	slog.New(slog.NewJSONHandler(&buffer, nil)).Info("signed in", "tokens", tokens)
	var line struct{ Tokens map[string]string }
	if err := json.Unmarshal(buffer.Bytes(), &line); err != nil {
		log.Fatal(err)
	}
	fmt.Println(line.Tokens["username"], len(line.Tokens))
	// Output: ada 2
}

// One refresh. With rotation, keep the new tokens before you use them.
func ExampleDriver_Refresh() {
	driver, tokens, _, stop := exampleSignIn(withRotation)
	defer stop()

	fresh, err := driver.Refresh(context.Background(), tokens)
	var e *flow.Error
	switch {
	case errors.As(err, &e) && e.Remedy() == flow.TryLater:
		fmt.Println("the tokens are as good as before")
	case errors.As(err, &e) && e.Remedy() == flow.StartAgain:
		fmt.Println("sign in again")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println("new tokens of", fresh.Username, fresh.RefreshToken.Reveal() != tokens.RefreshToken.Reveal())
	}
	// Output: new tokens of ada true
}

// The user signs out here, and stays signed in elsewhere. Delete the tokens also after an error.
func ExampleDriver_SignOut() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()
	ctx := context.Background()

	if err := driver.SignOut(ctx, tokens); err != nil {
		log.Print(err)
	}
	_, err := driver.Refresh(ctx, tokens)
	fmt.Println("the tokens do not work:", errors.Is(err, flow.TokenRefused))
	// Output: the tokens do not work: true
}

// The user signs out everywhere.
func ExampleDriver_GlobalSignOut() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()
	ctx := context.Background()

	if err := driver.GlobalSignOut(ctx, tokens); err != nil {
		log.Print(err) // the user may be signed in elsewhere
	}
	_, err := driver.Refresh(ctx, tokens)
	fmt.Println("the tokens do not work:", errors.Is(err, flow.TokenRefused))
	// Output: the tokens do not work: true
}

// An administrator signs a user out everywhere.
func ExampleDriver_AdminGlobalSignOut() {
	_, admin, _, stop := exampleClients()
	defer stop()
	ctx := context.Background()

	driver, err := flow.NewAdmin(admin, exampleApp)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"ada", "nobody"} {
		err := driver.AdminGlobalSignOut(ctx, name)
		switch {
		case errors.Is(err, flow.UnknownUser):
			fmt.Println(name, "is not a user")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(name, "is signed out")
		}
	}
	// Output:
	// ada is signed out
	// nobody is not a user
}
