package flow_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"golang.org/x/oauth2"

	"github.com/cognitoflow/cognitoflow/flow"
)

// bearer is an http.RoundTripper that sends a token with each request. If a server answers
// 401, bearer refreshes the token and repeats the request once. Without a new token the caller
// gets the answer 401.
type bearer struct {
	source *flow.TokenSource
	next   http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := b.source.TokenContext(r.Context())
	if err != nil {
		if r.Body != nil {
			r.Body.Close() // as an http.RoundTripper has to
		}
		return nil, err
	}
	response, err := b.send(r, token)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	b.source.Invalidate(token.AccessToken) // nothing happens if another request has done so
	if r.Body != nil && r.GetBody == nil {
		return response, nil // the body is gone, and cannot be sent again
	}
	fresh, err := b.source.TokenContext(r.Context())
	if err != nil || fresh.AccessToken == token.AccessToken {
		return response, nil // the refresh failed: OnError of the source receives the error
	}
	again := r.Clone(r.Context())
	if r.GetBody != nil {
		if again.Body, err = r.GetBody(); err != nil {
			return response, nil
		}
	}
	io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
	response.Body.Close()
	return b.send(again, fresh)
}

func (b bearer) send(r *http.Request, token *oauth2.Token) (*http.Response, error) {
	r = r.Clone(r.Context())
	token.SetAuthHeader(r)
	return b.next.RoundTrip(r)
}

// A server refuses a token before it expires, for example because the user has
// signed out everywhere. A request is repeated once.
func ExampleTokenSource_Invalidate() {
	driver, tokens, _, stop := exampleSignIn(withRotation)
	defer stop()
	refused := tokens.AccessToken.Reveal()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+refused {
			http.Error(w, "refused", http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "hello, %s", body)
	}))
	defer server.Close()

	source := driver.TokenSource(tokens)
	defer source.Wait(context.Background())
	client := &http.Client{Transport: bearer{source, http.DefaultTransport}}
	response, err := client.Post(server.URL, "text/plain", strings.NewReader("Ada"))
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fmt.Println(response.Status, string(body), err)
	// Output: 200 OK hello, Ada <nil>
}
