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

	"golang.org/x/oauth2"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A program calls a service for weeks. The transport asks the source for each request. The
// transport of oauth2.NewClient works too, and keeps a token until ten seconds before its expiry.
func ExampleDriver_TokenSource() {
	driver, tokens, _, stop := exampleSignIn(withRotation)
	defer stop()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		fmt.Fprintf(w, "%s and a token: %v", kind, token != "") // a real service verifies the token
	}))
	defer service.Close()

	source := driver.TokenSource(tokens, func(o *flow.SourceOptions) {
		o.Save = func(ctx context.Context, t *flow.Tokens) error { return nil } // to disk
		o.OnError = func(err error) { log.Print(err) }
	})
	defer source.Wait(context.Background())
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
	// Output:
	// Bearer and a token: true
	// Bearer and a token: true
}

// The first run has no tokens, so the source signs in and saves the result.
func ExampleSourceOptions() {
	driver, _, stop := exampleDriver()
	defer stop()
	ctx := context.Background()

	var kept *flow.Tokens // a real program: a file, as JSON
	source := driver.TokenSource(kept, func(o *flow.SourceOptions) {
		o.SignIn = func(ctx context.Context) (*flow.Tokens, error) {
			fmt.Println("sign in")
			return driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
		}
		o.Save = func(ctx context.Context, t *flow.Tokens) error {
			fmt.Println("save")
			kept = t
			return nil
		}
		o.Clear = func(context.Context) error {
			fmt.Println("clear")
			kept = nil
			return nil
		}
		o.OnError = func(err error) { log.Print(err) }
	})
	tokens, err := source.Tokens(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("tokens of", tokens.Username)
	if err := source.SignOut(ctx); err != nil {
		log.Print(err)
	}
	// Output:
	// sign in
	// save
	// tokens of ada
	// clear
}

// Token is for packages that take an oauth2.TokenSource.
func ExampleTokenSource_Token() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()

	var source oauth2.TokenSource = driver.TokenSource(tokens)
	token, err := source.Token()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Type(), token.Valid())
	// Output: Bearer true
}

// A handler of a server waits for a token only as long as its own request lasts.
func ExampleTokenSource_TokenContext() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()
	source := driver.TokenSource(tokens)

	request := httptest.NewRequest("GET", "https://api.example.com/", nil)
	token, err := source.TokenContext(request.Context())
	var e *flow.Error
	switch {
	case errors.As(err, &e) && e.Remedy() == flow.TryLater:
		fmt.Println("answer with status 503")
	case err != nil:
		log.Fatal(err)
	default:
		token.SetAuthHeader(request)
		fmt.Println("the request has a token:", request.Header.Get("Authorization") != "")
	}
	// Output: the request has a token: true
}

// Tokens has the claims of the present tokens, too.
func ExampleTokenSource_Tokens() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()

	present, err := driver.TokenSource(tokens).Tokens(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", present.Username)
	// Output: signed in as ada
}

// An administrator has added the user to a group. The new tokens have the group.
func ExampleTokenSource_Refresh() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()
	source := driver.TokenSource(tokens)

	fresh, err := source.Refresh(context.Background())
	if err != nil {
		log.Print(err) // the present tokens stay in use
		return
	}
	fmt.Println("new tokens:", fresh.AccessToken.Reveal() != tokens.AccessToken.Reveal())
	// Output: new tokens: true
}

// The last call of a program, so that a refresh under way is not cut off.
func ExampleTokenSource_Wait() {
	driver, tokens, _, stop := exampleSignIn(withRotation)
	defer stop()
	source := driver.TokenSource(tokens)

	if _, err := source.Token(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(source.Wait(context.Background()))
	// Output: <nil>
}

// After the sign-out callers get an error.
func ExampleTokenSource_SignOut() {
	driver, tokens, _, stop := exampleSignIn()
	defer stop()
	source := driver.TokenSource(tokens)

	if err := source.SignOut(context.Background()); err != nil {
		log.Print(err) // call SignOut again
	}
	_, err := source.Token()
	fmt.Println("signed out:", errors.Is(err, flow.SignedOut))
	// Output: signed out: true
}
