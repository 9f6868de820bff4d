// Command service is an HTTP client that signs in once and keeps its tokens
// fresh, and the HTTP server that it calls.
//
// Without flags it shows all of it, with a pool of its own that is embedded in
// the program: the first start, a second one, a refresh, and the sign-out. This
// needs no AWS account.
//
//	service
//
// With flags it is one of the two, for any pool. The server verifies the access
// token of every request:
//
//	service -user-pool-id ID -client-id ID -listen localhost:8080
//
// The client asks for a password, and for a code if the pool does, the first
// time and never again until the tokens are refused: it keeps them on disk.
//
//	service -user-pool-id ID -client-id ID -username NAME -get http://localhost:8080/hello [-every 10s]
//	service -user-pool-id ID -client-id ID -username NAME -sign-out
//
// The secret of the app client, if it has one, comes from the environment
// variable COGNITO_CLIENT_SECRET.
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

// run is the program. It returns the exit code.
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

// serve is the server, until ctx ends.
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

// call is the client: one request, or one every so often until ctx ends.
func call(ctx context.Context, s settings, stdin io.Reader, stdout, stderr io.Writer) error {
	c, err := newClient(ctx, s, newPerson(stdin, stderr), stdout)
	if err != nil {
		return err
	}
	if s.signOut {
		return c.signOut(ctx)
	}
	// A refresh that is cut off would take the session along. It ends in time.
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

// isOver reports whether only a new sign-in helps, which the next start of the
// program begins with.
func isOver(err error) bool {
	var e *flow.Error
	return errors.As(err, &e) && e.Remedy() != "" && e.Remedy() != flow.TryLater
}
