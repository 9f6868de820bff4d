package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

const demoPassword = "Demo-password-1"

// demo runs a pool, the server and the client in this process. The clock of all three is
// passed ahead of the real time.
func demo(ctx context.Context, stdout io.Writer) error {
	dir, err := os.MkdirTemp("", "service")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var passed atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	pool, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID: "local-1_demo", Now: now,
		Clients: []cognitotest.ClientConfig{{ID: "service", RefreshTokenRotation: "ENABLED", RetryGraceSeconds: 60}},
		Users:   []cognitotest.UserConfig{{Name: "demo", Password: demoPassword}},
	})
	if err != nil {
		return err
	}
	cognito := httptest.NewServer(pool)
	defer cognito.Close()
	s := settings{
		userPoolID: "local-1_demo", clientID: "service", endpoint: cognito.URL, username: "demo", dir: dir, now: now,
	}
	handler, err := newHandler(ctx, s, log.New(stdout, "", 0))
	if err != nil {
		return err
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	s.get = server.URL + "/hello"

	fmt.Fprintln(stdout, "First start: the client asks for the password.")
	c, err := newClient(ctx, s, newPerson(strings.NewReader(demoPassword), stdout), stdout)
	if err != nil {
		return err
	}
	if err := c.get(ctx, s.get); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "\nSecond start: the client asks nothing.")
	if c, err = newClient(ctx, s, newPerson(http.NoBody, stdout), stdout); err != nil {
		return err
	}
	if err := c.get(ctx, s.get); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "\nOne hour later: the tokens have expired, and the client refreshes them.")
	passed.Add(int64(time.Hour))
	if err := c.get(ctx, s.get); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "\nSign-out: the client revokes and deletes the tokens.")
	if err := c.signOut(ctx); err != nil {
		return err
	}
	if err := c.get(ctx, s.get); err != nil {
		fmt.Fprintf(stdout, "The next request fails: %v\n", err)
	}
	fmt.Fprint(stdout, "\nTo use your pool, read:\n  go run ./examples/service -help\n")
	return nil
}
