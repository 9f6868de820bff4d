package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/examples/internal/exampletest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

const password = "Correct-Horse-7!"

// newPool runs a pool with the app clients "app" and "other".
func newPool(t *testing.T, change func(*cognitotest.ClientConfig)) *cognitotest.Pool {
	t.Helper()
	app := cognitotest.ClientConfig{ID: "app", RefreshTokenRotation: "ENABLED"}
	if change != nil {
		change(&app)
	}
	return cognitotest.Start(t, cognitotest.PoolConfig{
		ID: "eu-test-1_Service", Clients: []cognitotest.ClientConfig{app, {ID: "other"}}, AliasAttributes: []string{"email"},
		Users: []cognitotest.UserConfig{{
			Name: "ada", Password: password,
			Attributes: map[string]string{"email": "ada@example.com", "email_verified": "true"},
		}},
	})
}

func calls(pool *cognitotest.Pool, operation string) (n int) {
	for _, r := range pool.Requests() {
		if r.Operation == operation {
			n++
		}
	}
	return n
}

// program runs the program with the flags for the pool, and with more flags.
func program(ctx context.Context, pool *cognitotest.Pool, stdin string, stdout io.Writer, more ...string) (code int, stderr string) {
	var errs bytes.Buffer
	args := append([]string{"-endpoint", pool.Endpoint(), "-user-pool-id", pool.ID(), "-client-id", "app"}, more...)
	code = run(ctx, args, strings.NewReader(stdin), stdout, &errs)
	return code, errs.String()
}

// startServer runs the server and returns the URL of its page.
func startServer(t *testing.T, pool *cognitotest.Pool) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	stdout, out := io.Pipe()
	ended := make(chan int)
	go func() {
		code, stderr := program(ctx, pool, "", out, "-listen", "127.0.0.1:0")
		out.CloseWithError(io.ErrUnexpectedEOF)
		t.Logf("the server: %s", stderr)
		ended <- code
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("the server ended with %d", code)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server does not listen: %v", err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "listening on ")) + "/hello"
}

func TestStartsAgainWithoutAsking(t *testing.T) {
	pool := newPool(t, nil)
	url := startServer(t, pool)
	dir := filepath.Join(t.TempDir(), "made by the program")
	for start, stdin := range []string{password + "\n", "", ""} {
		var out bytes.Buffer
		code, stderr := program(t.Context(), pool, stdin, &out, "-username", "ada@example.com", "-dir", dir, "-get", url)
		if code != 0 || !strings.Contains(out.String(), `"hello, ada\n"`) {
			t.Fatalf("start %d: exit code %d\n%s%s", start, code, out.String(), stderr)
		}
	}
	if n := calls(pool, "InitiateAuth"); n != 1 {
		t.Errorf("there were %d sign-ins", n)
	}
	if runtime.GOOS == "windows" {
		return // Windows has no such modes
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// until ends a context when a text has been written.
type until struct {
	text string
	end  context.CancelFunc

	exampletest.Buffer // the program may still be refreshing when it ends
}

func (u *until) Write(p []byte) (int, error) {
	n, err := u.Buffer.Write(p)
	if strings.Contains(u.String(), u.text) {
		u.end()
	}
	return n, err
}

func TestRefreshesAndKeepsWhatItGets(t *testing.T) {
	t.Parallel() // with the other test that waits for an expiry
	pool := newPool(t, func(c *cognitotest.ClientConfig) { c.AccessTokenSeconds, c.IDTokenSeconds = 2, 2 })
	url, dir := startServer(t, pool), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out := &until{text: "Refreshed", end: cancel}
	code, stderr := program(ctx, pool, password, out, "-username", "ada", "-dir", dir, "-get", url, "-every", "50ms")
	if code != 0 || calls(pool, "GetTokensFromRefreshToken") == 0 {
		t.Fatalf("exit code %d\n%s%s", code, out.String(), stderr)
	}
	// The pool accepts each refresh token once, so this start needs the new refresh token.
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out = &until{text: "200 OK", end: cancel}
	code, stderr = program(ctx, pool, "", out, "-username", "ada", "-dir", dir, "-get", url, "-every", "50ms")
	if code != 0 || !strings.Contains(out.String(), "200 OK") {
		t.Errorf("exit code %d\n%s%s", code, out.String(), stderr)
	}
}

func TestSignOut(t *testing.T) {
	pool := newPool(t, nil)
	url, dir := startServer(t, pool), t.TempDir()
	var out bytes.Buffer
	if code, stderr := program(t.Context(), pool, password, &out, "-username", "ada", "-dir", dir, "-get", url); code != 0 {
		t.Fatal(stderr)
	}
	if code, stderr := program(t.Context(), pool, "", &out, "-username", "ada", "-dir", dir, "-sign-out"); code != 0 || calls(pool, "RevokeToken") != 1 {
		t.Fatalf("exit code %d, %d revocations\n%s", code, calls(pool, "RevokeToken"), stderr)
	}
	if left := records(t, dir); len(left) != 0 {
		t.Errorf("the directory has %v", left)
	}
	if code, stderr := program(t.Context(), pool, "", &out, "-username", "ada", "-dir", dir, "-sign-out"); code != 1 || !strings.Contains(stderr, "not signed in") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, stderr := program(t.Context(), pool, "", &out, "-username", "ada", "-dir", dir, "-get", url); code != 1 || !strings.Contains(stderr, "no password") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// If the service refuses the refresh token, the tokens stay: the reason may be a wrong
// setting.
func TestRefused(t *testing.T) {
	t.Parallel() // with the other test that waits for an expiry
	pool := newPool(t, func(c *cognitotest.ClientConfig) { c.AccessTokenSeconds, c.RefreshTokenSeconds = 1, 1 })
	url, dir := startServer(t, pool), t.TempDir()
	var out bytes.Buffer
	code, stderr := program(t.Context(), pool, password, &out, "-username", "ada", "-dir", dir, "-get", url, "-every", "50ms")
	if code != 1 || !strings.Contains(stderr, string(flow.TokenRefused)) || !strings.Contains(stderr, "-sign-out") {
		t.Errorf("exit code %d: %s\n%s", code, stderr, out.String())
	}
	if left := records(t, dir); len(left) != 1 {
		t.Errorf("the directory has %v, want the tokens", left)
	}
}

func TestServerVerifies(t *testing.T) {
	pool := newPool(t, nil)
	signIn := func(client string) *flow.Tokens {
		d, err := flow.New(pool.Client(), flow.App{UserPoolID: pool.ID(), ClientID: client})
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := d.SignIn(t.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New(password)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return tokens
	}
	ours, others := signIn("app"), signIn("other")
	access := ours.AccessToken.Reveal()
	later := func() time.Time { return time.Now().Add(time.Hour) }
	for name, test := range map[string]struct {
		header string
		now    func() time.Time
		status int
	}{
		"access token":          {"Bearer " + access, nil, http.StatusOK},
		"lower case":            {"bearer " + access, nil, http.StatusOK},
		"no header":             {"", nil, http.StatusUnauthorized},
		"another scheme":        {"Basic " + access, nil, http.StatusUnauthorized},
		"ID token":              {"Bearer " + ours.IDToken.Reveal(), nil, http.StatusUnauthorized},
		"refresh token":         {"Bearer " + ours.RefreshToken.Reveal(), nil, http.StatusUnauthorized},
		"another app client":    {"Bearer " + others.AccessToken.Reveal(), nil, http.StatusUnauthorized},
		"expired":               {"Bearer " + access, later, http.StatusUnauthorized},
		"changed":               {"Bearer " + access[:len(access)-8] + "AAAAAAAA", nil, http.StatusUnauthorized},
		"a token, and one more": {"Bearer " + access + " " + access, nil, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			handler, err := newHandler(t.Context(), settings{userPoolID: pool.ID(), clientID: "app", endpoint: pool.Endpoint(), now: test.now}, log.New(io.Discard, "", 0))
			if err != nil {
				t.Fatal(err)
			}
			request := httptest.NewRequest(http.MethodGet, "/hello", nil)
			if test.header != "" {
				request.Header.Set("Authorization", test.header)
			}
			response := httptest.NewRecorder()
			handler.ServeHTTP(response, request)
			if response.Code != test.status {
				t.Errorf("got %d %q, want %d", response.Code, response.Body, test.status)
			}
			if challenged := response.Header().Get("WWW-Authenticate") != ""; challenged != (test.status == http.StatusUnauthorized) {
				t.Errorf("WWW-Authenticate is %q", response.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

func TestDemo(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), nil, http.NoBody, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	rest := stdout.String()
	for _, want := range []string{
		"Password of demo", "Signed in", "hello, demo", "Second start", "Found", "hello, demo", "expired", "Refreshed", "hello, demo", "Signed out", "signed out",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%q is missing, or not in its place, in\n%s", want, stdout.String())
		}
		rest = after
	}
	if strings.Contains(stdout.String()+stderr.String(), demoPassword) {
		t.Error("the password is printed")
	}
}

func TestCommandLine(t *testing.T) {
	pool := []string{"-user-pool-id", "eu-test-1_Service", "-client-id", "app"}
	for want, args := range map[string][]string{
		"-user-pool-id is missing":                    {"-client-id", "app", "-listen", ":0"},
		"-client-id is missing":                       {"-user-pool-id", "eu-test-1_Service", "-listen", ":0"},
		"give one of":                                 pool,
		"give one of -listen":                         append(pool[:4:4], "-listen", ":0", "-sign-out"),
		"-username is missing":                        append(pool[:4:4], "-sign-out"),
		"to https addresses and to this machine only": append(pool[:4:4], "-username", "ada", "-get", "http://example.com/hello"),
		"unexpected argument":                         append(pool[:4:4], "-sign-out", "now"),
		"not defined":                                 {"-password", "x"},
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), args, http.NoBody, io.Discard, &stderr); code != 1 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
		}
	}
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"-help"}, http.NoBody, io.Discard, &stderr); code != 0 || !strings.Contains(stderr.String(), "-sign-out") {
		t.Errorf("-help: exit code %d, %q", code, stderr.String())
	}
}
