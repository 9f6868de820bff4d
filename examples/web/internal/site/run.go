// Package site is the web site of the programs examples/web and examples/web/stores.
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

// Main runs the program with the command line, the environment and the output of the process.
// The keys of openers are the schemes of URLs, such as postgres. Main returns the exit code:
// 0 after an interrupt, 1 after an error, 2 for a wrong command line.
func Main(openers map[string]Opener) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
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
	embedded := s.userPoolID == ""
	if embedded {
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
	if embedded {
		printDemo(stdout)
	}
	handler := site.handler()
	if s.instances > 1 { // newSite has checked the settings, which the instances use too
		p, err := startInstances(ctx, s, stdout, stderr)
		if err != nil {
			return err
		}
		defer p.stop() // after the last request of the proxy
		handler = p.proxy
	}
	fmt.Fprintf(stdout, "Serving %s/\n", url)
	return serveHTTP(ctx, listener, handler)
}

// serveHTTP serves until ctx ends, and then until each connection has its answer. The pool
// accepts an answer of a user once, so the reply of the pool must reach the browser.
//
// serveHTTP does not call Server.Shutdown, which drops requests that arrive during the call.
// The timeouts bound the life of a connection.
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
	server.SetKeepAlivesEnabled(false) // ends idle connections
	connections.Wait()
	return nil
}

// browserURL returns the address to open in a browser. Passkeys need a host name, and browsers
// allow them without TLS on localhost only, so a loopback address becomes localhost.
func browserURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return "http://" + addr.String()
	}
	return fmt.Sprintf("http://localhost:%d", tcp.Port)
}
