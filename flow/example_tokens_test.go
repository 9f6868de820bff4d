package flow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// exampleTokens signs Ada in to a pool that stands in for a real one. The
// issuer of a real one is https://cognito-idp.REGION.amazonaws.com/USERPOOLID.
func exampleTokens() (driver *flow.Driver, tokens *flow.Tokens, issuer string, stop func()) {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-central-1_Ab12Cd34E",
		Clients: []cognitotest.ClientConfig{{ID: "1example23456789", RefreshTokenRotation: "ENABLED", RetryGraceSeconds: 60}},
		Users:   []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	running := httptest.NewServer(server)
	client := cip.New(cip.Options{
		Region: "eu-central-1", BaseEndpoint: &running.URL, Credentials: aws.AnonymousCredentials{},
	})
	driver, err = flow.New(client, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"})
	if err != nil {
		log.Fatal(err)
	}
	tokens, err = driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return driver, tokens, running.URL + "/eu-central-1_Ab12Cd34E", running.Close
}

// A server verifies what it receives, by the pool's keys and without asking
// the pool. An ID token is for an app client (aud); an access token is for any
// server, has no aud, and names the app client that it was issued to.
func ExampleTokens_verify() {
	_, tokens, issuer, stop := exampleTokens()
	defer stop()
	ctx := context.Background()

	provider, err := oidc.NewProvider(ctx, issuer) // once: it keeps the keys
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
	fmt.Println("an ID token in its place:", verify(accessVerifier, "access", tokens.IDToken.Reveal()))
	// Output:
	// ID token: <nil>
	// access token: <nil>
	// an ID token in its place: this is a token for "id", not "access"
}

// A program that calls a service for weeks. The transport asks the source for
// each request; oauth2.NewClient works as well, and keeps a token until ten
// seconds before its expiry.
func ExampleDriver_TokenSource() {
	driver, tokens, _, stop := exampleTokens()
	defer stop()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		fmt.Fprintf(w, "%s and a token: %v", kind, token != "") // a real one verifies it
	}))
	defer service.Close()

	source := driver.TokenSource(tokens, func(o *flow.SourceOptions) {
		o.Save = func(ctx context.Context, t *flow.Tokens) error { return nil } // to disk, before anyone gets them
		o.OnError = func(err error) { log.Print(err) }
	})
	for _, client := range []*http.Client{
		{Transport: &oauth2.Transport{Source: source}},
		oauth2.NewClient(context.Background(), source),
	} {
		response, err := client.Get(service.URL)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", body)
	}
	if err := source.SignOut(context.Background()); err != nil {
		log.Print(err) // the tokens are gone from here all the same
	}
	_, err := source.Token()
	fmt.Println(err)
	// Output:
	// Bearer and a token: true
	// Bearer and a token: true
	// flow: signed out [signed_out]
}
