// Command service is an HTTP client that signs in once and keeps its tokens fresh, and the
// HTTP server that the client calls.
//
// Without flags the program runs a user pool, the client and the server in one process. The
// program shows the first start, a second start, a refresh and the sign-out. No AWS account
// is needed.
//
//	service
//
// With -listen the program is the server, for any pool. The server verifies the access token
// of each request:
//
//	service -user-pool-id ID -client-id ID -listen localhost:8080
//
// With -get or -sign-out the program is the client. At the first start the client asks for
// the password, and for a code if the pool asks for a code. The client keeps the tokens on
// disk, so later starts ask nothing. If the service refuses the tokens, the client says so:
// sign out and sign in again.
//
//	service -user-pool-id ID -client-id ID -username NAME -get http://localhost:8080/hello [-every 10s]
//	service -user-pool-id ID -client-id ID -username NAME -sign-out
//
// If the app client has a client secret, set the environment variable
// COGNITO_CLIENT_SECRET.
//
// The exit code is 0 after a success and after an interrupt between two requests, and 1
// after an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs the program and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
	case len(args) == 0:
		err = demo(ctx, stdout)
	case s.listen != "":
		err = serve(ctx, s, stdout, stderr)
	default:
		err = call(ctx, s, stdin, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "service: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		return 1
	}
	return 0
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	handler, err := newHandler(ctx, s, log.New(stderr, "service: ", log.LstdFlags))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// call runs the client: one request or a sign-out, or with -every a request again and again
// until ctx ends.
func call(ctx context.Context, s settings, stdin io.Reader, stdout, stderr io.Writer) error {
	c, err := newClient(ctx, s, newPerson(stdin, stderr), stdout)
	if err != nil {
		return err
	}
	if s.signOut {
		return c.signOut(ctx)
	}
	// Under rotation, a refresh that is cut off loses the refresh token. Wait waits for the
	// refresh, which SourceOptions.Timeout bounds.
	defer c.tokens.Wait(context.WithoutCancel(ctx))
	for {
		err := c.get(ctx, s.get)
		if s.every == 0 || isOver(err) {
			return err
		}
		if err != nil {
			fmt.Fprintf(stderr, "service: %v\n", err)
		}
		select {
		case <-time.After(s.every):
		case <-ctx.Done():
			return nil
		}
	}
}

// isOver reports whether another request cannot succeed, and a person must act.
func isOver(err error) bool {
	var e *flow.Error
	return errors.As(err, &e) && e.Remedy() != "" && e.Remedy() != flow.TryLater
}
