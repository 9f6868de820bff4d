package websession_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// A backend has two instances. The browser signs in at the first instance, and the second
// one knows the user.
func Example() {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users:   []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool := httptest.NewServer(server) // in place of the service
	defer pool.Close()

	shared := new(store.Memory) // for instances in several processes: a database
	keys := [][]byte{make([]byte, seal.KeySize)}
	rand.Read(keys[0])
	instance := func() http.Handler {
		handler, err := backend(pool.URL, shared, keys)
		if err != nil {
			log.Fatal(err)
		}
		return handler
	}
	first, second := httptest.NewTLSServer(instance()), httptest.NewTLSServer(instance())
	defer first.Close()
	defer second.Close()

	browser := first.Client()
	browser.Jar, _ = cookiejar.New(nil) // a cookie is sent to all ports of its host
	for _, request := range []string{second.URL + "/", first.URL + "/sign-in", second.URL + "/", second.URL + "/sign-out", first.URL + "/"} {
		response, err := browser.Post(request, "text/plain", nil)
		if err != nil {
			log.Fatal(err)
		}
		response.Body.Close()
		fmt.Printf("%s %q\n", response.Status, response.Header.Get("User"))
	}
	// Output:
	// 401 Unauthorized ""
	// 200 OK ""
	// 200 OK "ada"
	// 200 OK ""
	// 401 Unauthorized ""
}

// backend is one instance.
func backend(endpoint string, shared store.Store, keys [][]byte) (http.Handler, error) {
	app := flow.App{UserPoolID: "local-1_cognitotest", ClientID: "app"}
	driver, err := flow.New(cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String(endpoint), Credentials: aws.AnonymousCredentials{},
	}), app)
	if err != nil {
		return nil, err
	}
	sealer, err := seal.New(app, keys, func(o *seal.Options) { o.Now = driver.Now })
	if err != nil {
		return nil, err
	}
	sessions, err := websession.New(driver, shared, sealer, func(o *websession.Options) {
		o.OnError = func(err error) { log.Print(err) }
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sign-in", func(w http.ResponseWriter, r *http.Request) {
		tokens, err := signIn(r.Context(), driver)
		if err == nil {
			err = sessions.Begin(w, r, tokens)
		}
		answer(w, err)
	})
	mux.HandleFunc("POST /sign-out", func(w http.ResponseWriter, r *http.Request) { answer(w, sessions.End(w, r)) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		tokens, err := websession.FromContext(r.Context()).Tokens(r.Context())
		if err == nil {
			w.Header().Set("User", tokens.Username)
		}
		answer(w, err)
	})
	return http.NewCrossOriginProtection().Handler(sessions.Handler(mux)), nil
}

// signIn replaces the forms of a sign-in.
func signIn(ctx context.Context, driver *flow.Driver) (*flow.Tokens, error) {
	return driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
}

// answer sends a status: the user has to sign in, or the client may try again.
func answer(w http.ResponseWriter, err error) {
	var refused *websession.RefreshError
	switch {
	case err == nil:
	case errors.Is(err, websession.ErrNoSession), errors.As(err, &refused) && refused.Remedy() != flow.TryLater && refused.Remedy() != "":
		w.WriteHeader(http.StatusUnauthorized) // or the sign-in page
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
