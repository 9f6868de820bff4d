// Command web is a small web backend that signs users in to an Amazon Cognito
// user pool: sign-up, sign-in with every prompt of the library, passkeys,
// remembered browsers, refresh and sign-out. Copy from it.
//
// Without flags it serves on loopback with a user pool of its own, embedded in
// the program, and prints where, which users there are, and the codes that they
// are sent. No AWS account is needed.
//
//	web
//	web -instances 3
//
// With flags it serves the users of any pool:
//
//	web -user-pool-id ID -client-id ID [-flows USER_SRP_AUTH,USER_AUTH] [-sign-up email] ...
//
// Secrets come from the environment and never from the command line: the secret
// of the app client from COGNITO_CLIENT_SECRET; the keys that seal what travels
// with browsers from WEB_SEALING_KEYS, base64 with commas between them, the key
// that seals first. Without WEB_SEALING_KEYS there is a new key at every start,
// and whoever was signed in signs in again.
//
// # How it works
//
// The backend keeps nothing. A prompt travels sealed in a hidden field of the
// form that asks (package seal), bound to the browser by the ID in a cookie:
// any instance that has the keys can take the answer, and a prompt of another
// browser is refused. The tokens of a signed-in user and the records of
// remembered devices travel in sealed cookies. With -instances the program runs
// several processes of itself behind a proxy that takes them in turn, and they
// share nothing but the keys.
//
// Every form works without JavaScript, except that passkeys need it.
//
// Cookies are Secure and bear the prefix __Host-, which Chromium and Firefox
// accept from http://localhost too. For other hosts put TLS in front. Where
// neither is possible, in development, -insecure-cookies does without.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It returns the exit code: 0, 1 after an error, 2 for a
// command line that it does not understand.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "web: %v\n", err)
		return 2
	}
	if err := serve(ctx, s, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "web: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		return 1
	}
	return 0
}

func serve(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	listener, err := s.openListener()
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	defer listener.Close()
	url := browserURL(listener.Addr())
	if s.userPoolID == "" {
		stop, err := s.embedPool(url, stdout)
		if err != nil {
			return err
		}
		defer stop()
	}
	site, err := newSite(ctx, s, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	handler := site.handler()
	if s.instances > 1 { // the site above has shown that the settings are sound
		p, err := startInstances(ctx, s, stdout, stderr)
		if err != nil {
			return err
		}
		defer p.stop() // when the proxy has no more requests for them
		handler = p.proxy
	}
	fmt.Fprintf(stdout, "Serving %s/\n", url)
	return serveHTTP(ctx, listener, handler)
}

// serveHTTP serves until ctx ends, and then until every connection has had its
// answer: one that has gone to the pool must not get lost on its way back.
//
// Server.Shutdown is not used, since it drops requests that arrive with it. The
// timeouts are what a connection can last.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler) error {
	var connections sync.WaitGroup
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 3 * callTimeout, IdleTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				connections.Add(1)
			case http.StateClosed, http.StateHijacked:
				connections.Done()
			}
		},
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	server.SetKeepAlivesEnabled(false) // which ends the idle ones
	connections.Wait()
	return nil
}

// browserURL is the address to open. Passkeys belong to a name, and browsers
// let http://localhost alone do without TLS: an IP address has neither.
func browserURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return "http://" + addr.String()
	}
	return fmt.Sprintf("http://localhost:%d", tcp.Port)
}
