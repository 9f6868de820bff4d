// Package site is the web site of examples/web. The program examples/web runs it, and so
// does the program examples/web/stores, which has clients of PostgreSQL and Redis.
package site

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

// Main is the program, with the process's command line, environment and output. The
// openers are by the scheme of a URL, such as postgres. Main returns the exit code: 0
// after an interrupt, 1 after an error, 2 for a command line that makes no sense.
func Main(openers map[string]Opener) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	return run(ctx, os.Args[1:], openers, os.Stdout, os.Stderr)
}

func run(ctx context.Context, args []string, openers map[string]Opener, stdout, stderr io.Writer) int {
	s, err := parse(args, openers, stderr)
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
	defer site.close()
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
