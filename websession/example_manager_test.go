package websession_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// exampleSessions replaces a real pool and a real store. For the calls see ExampleNew.
func exampleSessions() (sessions *websession.Manager, tokens *flow.Tokens, stop func()) {
	driver, stop := exampleDriver()
	key := make([]byte, seal.KeySize)
	rand.Read(key)
	sealer, err := seal.New(driver.App(), [][]byte{key}, func(o *seal.Options) { o.Now = driver.Now })
	if err != nil {
		log.Fatal(err)
	}
	if sessions, err = websession.New(driver, new(store.Memory), sealer); err != nil {
		log.Fatal(err)
	}
	if tokens, err = signIn(context.Background(), driver); err != nil {
		log.Fatal(err)
	}
	return sessions, tokens, stop
}

func exampleDriver() (driver *flow.Driver, stop func()) {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users:   []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool := httptest.NewServer(server)
	client := cip.New(cip.Options{Region: "local-1", BaseEndpoint: aws.String(pool.URL), Credentials: aws.AnonymousCredentials{}})
	if driver, err = flow.New(client, flow.App{UserPoolID: "local-1_cognitotest", ClientID: "app"}); err != nil {
		log.Fatal(err)
	}
	return driver, pool.Close
}

// Each instance makes a Manager with the same store and the same keys.
func ExampleNew() {
	driver, stop := exampleDriver()
	defer stop()
	shared := new(store.Memory)       // several instances: a store of package store/sqlstore
	key := make([]byte, seal.KeySize) // a real key is the same on every instance
	rand.Read(key)
	sealer, err := seal.New(driver.App(), [][]byte{key}, func(o *seal.Options) { o.Now = driver.Now })
	if err != nil {
		log.Fatal(err)
	}

	sessions, err := websession.New(driver, shared, sealer, func(o *websession.Options) {
		o.OnError = func(err error) { log.Print(err) }
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sessions)
	// Output: websession.Manager(app)
}

// The last step of a sign-in in a browser.
func ExampleManager_Begin() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Begin(w, r, tokens); err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("POST", "/sign-in", nil))
	for _, cookie := range w.Result().Cookies() {
		fmt.Println(cookie.Name, cookie.Secure, cookie.HttpOnly, cookie.SameSite == http.SameSiteLaxMode)
	}
	// Output: __Host-web-session true true true
}

// A sign-out in a browser. The user is signed out unless the store has failed.
func ExampleManager_End() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := sessions.End(w, r)
		if errors.Is(err, websession.ErrStore) {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		if err != nil {
			log.Print(err) // a revocation has failed
		}
		fmt.Fprint(w, "You are signed out.")
	})

	id, err := sessions.Create(context.Background(), tokens)
	if err != nil {
		log.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/sign-out", nil)
	r.Header.Set("Authorization", "Bearer "+id.Reveal())
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	_, err = sessions.Tokens(r.Context(), id)
	fmt.Println(errors.Is(err, websession.ErrNoSession))
	// Output:
	// 200 You are signed out.
	// true
}

// An app gets the ID in JSON after the sign-in, and sends the ID in a header.
func ExampleManager_Create() {
	sessions, tokens, stop := exampleSessions()
	defer stop()

	id, err := sessions.Create(context.Background(), tokens)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(id.Reveal()), id) // an ID prints redacted
	// Output: 26 [redacted]
}

// A backend without Manager.Handler asks for tokens by the ID.
func ExampleManager_Tokens() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	ctx := context.Background()
	id, err := sessions.Create(ctx, tokens)
	if err != nil {
		log.Fatal(err)
	}

	for range 2 {
		tokens, err := sessions.Tokens(ctx, id)
		var failed *websession.RefreshError
		switch {
		case errors.Is(err, websession.ErrNoSession):
			fmt.Println("sign in")
		case errors.Is(err, websession.ErrStore), errors.As(err, &failed) && failed.Remedy() == flow.TryLater:
			fmt.Println("try again later")
		case errors.As(err, &failed):
			fmt.Println("sign in again:", failed.Code())
		case err != nil:
			log.Fatal(err) // the error of ctx
		default:
			fmt.Println("signed in as", tokens.Username)
		}
		if err := sessions.SignOut(ctx, id); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// signed in as ada
	// sign in
}

// Handler gives each request a Session.
func ExampleManager_Handler() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		tokens, err := websession.FromContext(r.Context()).Tokens(r.Context())
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, "sign in")
			return
		}
		fmt.Fprint(w, tokens.Username)
	})
	backend := sessions.Handler(mux)

	id, err := sessions.Create(context.Background(), tokens)
	if err != nil {
		log.Fatal(err)
	}
	for _, header := range []string{"", "Bearer " + id.Reveal()} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		backend.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 401 sign in
	// 200 ada
}

// Middleware refuses requests without a web session.
func ExampleFromContext() {
	sessions, _, stop := exampleSessions()
	defer stop()
	private := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := websession.FromContext(r.Context()).Tokens(r.Context()); err != nil {
				http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
				return
			}
			next.ServeHTTP(w, r)
		})
	}

	w := httptest.NewRecorder()
	sessions.Handler(private(http.NotFoundHandler())).ServeHTTP(w, httptest.NewRequest("GET", "/private", nil))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 303 /sign-in
}

// The ID of a request identifies the web session in calls outside of a handler.
func ExampleSession_ID() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	id, err := sessions.Create(context.Background(), tokens)
	if err != nil {
		log.Fatal(err)
	}
	handler := sessions.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		session := websession.FromContext(r.Context())
		fmt.Println(session.ID().IsZero(), session.ID().Reveal() == id.Reveal())
	}))

	r := httptest.NewRequest("GET", "/", nil)
	handler.ServeHTTP(nil, r)
	r.Header.Set("Authorization", "Bearer "+id.Reveal())
	handler.ServeHTTP(nil, r)
	// Output:
	// true false
	// false true
}

// A handler asks for tokens as often as necessary. The store is read once.
func ExampleSession_Tokens() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	id, err := sessions.Create(context.Background(), tokens)
	if err != nil {
		log.Fatal(err)
	}
	handler := sessions.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens, err := websession.FromContext(r.Context()).Tokens(r.Context())
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Println(tokens.AccessToken.IsZero(), tokens.Username)
	}))

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+id.Reveal())
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output: false ada
}

// FromRequest reads the header first, and then the cookie.
func ExampleManager_FromRequest() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	id, err := sessions.Create(context.Background(), tokens)
	if err != nil {
		log.Fatal(err)
	}

	r := httptest.NewRequest("GET", "/", nil)
	fmt.Println(sessions.FromRequest(r).IsZero())
	r.AddCookie(&http.Cookie{Name: "__Host-web-session", Value: id.Reveal()})
	fmt.Println(sessions.FromRequest(r).Reveal() == id.Reveal())
	// Output:
	// true
	// true
}

// A sign-out by ID.
func ExampleManager_SignOut() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	ctx := context.Background()
	id, err := sessions.Create(ctx, tokens)
	if err != nil {
		log.Fatal(err)
	}

	err = sessions.SignOut(ctx, id)
	switch {
	case errors.Is(err, websession.ErrStore):
		fmt.Println("the web session may still exist: try again")
	case err != nil:
		fmt.Println("signed out, but a revocation has failed:", err)
	default:
		fmt.Println("signed out")
	}
	// Output: signed out
}

// The user signs out everywhere, for example after the loss of a telephone.
func ExampleManager_SignOutUser() {
	sessions, tokens, stop := exampleSessions()
	defer stop()
	ctx := context.Background()
	var ids []websession.ID
	for range 2 {
		id, err := sessions.Create(ctx, tokens)
		if err != nil {
			log.Fatal(err)
		}
		ids = append(ids, id)
	}

	if err := sessions.SignOutUser(ctx, tokens.Subject); err != nil {
		log.Fatal(err) // after ErrStore: call SignOutUser again
	}
	for _, id := range ids {
		_, err := sessions.Tokens(ctx, id)
		fmt.Println(errors.Is(err, websession.ErrNoSession))
	}
	// Output:
	// true
	// true
}

// The process ends after the last request and after the last refresh.
func ExampleManager_Wait() {
	sessions, _, stop := exampleSessions()
	defer stop()
	ctx := context.Background()
	var server http.Server

	if err := server.Shutdown(ctx); err != nil {
		log.Print(err)
	}
	if err := sessions.Wait(ctx); err != nil {
		log.Print(err)
	}
	fmt.Println("done")
	// Output: done
}

// An ID comes in the body of a request.
func ExampleParseID() {
	_, err := websession.ParseID("not an ID")
	fmt.Println(err)
	id, err := websession.ParseID("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	fmt.Println(id.IsZero(), err) // ParseID does not check whether the web session exists
	// Output:
	// websession: not the identifier of a web session
	// false <nil>
}

// The service refuses the refresh token after the tokens have expired. The answer of the
// backend comes from the Remedy.
func ExampleRefreshError() {
	now := time.Now()
	driver, stop := exampleDriver()
	defer stop()
	key := make([]byte, seal.KeySize) // a real key is random, and the same on every instance
	sealer, err := seal.New(driver.App(), [][]byte{key})
	if err != nil {
		log.Fatal(err)
	}
	sessions, err := websession.New(driver, new(store.Memory), sealer, func(o *websession.Options) {
		o.Now = func() time.Time { return now }
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	tokens, err := signIn(ctx, driver)
	if err != nil {
		log.Fatal(err)
	}
	id, err := sessions.Create(ctx, tokens)
	if err != nil {
		log.Fatal(err)
	}

	if err := driver.GlobalSignOut(ctx, tokens); err != nil { // revokes the refresh token
		log.Fatal(err)
	}
	now = now.Add(2 * time.Hour)
	_, err = sessions.Tokens(ctx, id)
	var failed *websession.RefreshError
	if errors.As(err, &failed) {
		fmt.Println(failed.Code(), failed.Remedy())
	}
	// Output: token_refused start_again
}
