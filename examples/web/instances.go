package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// instances are processes of this program behind a proxy that takes them in
// turn. One that dies is started again.
type instances struct {
	http.Handler
	running []atomic.Pointer[url.URL] // nil while an instance is down
	turn    atomic.Uint64
	done    sync.WaitGroup
}

func startInstances(ctx context.Context, s settings, stdout, stderr io.Writer) (*instances, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &instances{running: make([]atomic.Pointer[url.URL], s.instances)}
	p.Handler = &httputil.ReverseProxy{Transport: p, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetXForwarded() // the host stays that of the browser: CSRF protection compares it
		r.Out.URL.Scheme = "http"
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		fmt.Fprintf(stderr, "web: proxy: %v\n", err)
		http.Error(w, "No instance answered. Try again.", http.StatusBadGateway)
	}}
	up := make(chan struct{}, s.instances)
	for n := range s.instances {
		command := func() *exec.Cmd {
			c := exec.CommandContext(ctx, program, s.instanceArgs()...)
			c.Env = append(os.Environ(), envSealingKeys+"="+s.sealingKeys.Reveal())
			c.Stderr = stderr
			c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
			c.WaitDelay = 2 * callTimeout
			return c
		}
		p.done.Go(func() { p.keepRunning(ctx, n, command, stdout, stderr, up) })
	}
	for range s.instances {
		select {
		case <-up:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return p, nil
}

// instanceArgs is the command line of an instance: that of the whole, on a
// port of its own. Secrets are in the environment.
func (s settings) instanceArgs() []string {
	return []string{
		"-listen", "127.0.0.1:0", "-user-pool-id", s.userPoolID, "-client-id", s.clientID,
		"-region", s.region, "-endpoint", s.endpoint, "-flows", s.flows.String(), "-sign-up", s.signUp.String(),
		fmt.Sprintf("-remember=%t", s.remember), "-prompt-lifetime", s.promptLifetime.String(),
		fmt.Sprintf("-insecure-cookies=%t", s.insecureCookies),
	}
}

// restartPause keeps an instance that cannot start from being tried all the time.
const restartPause = 50 * time.Millisecond

// keepRunning runs instance n until ctx ends.
func (p *instances) keepRunning(ctx context.Context, n int, command func() *exec.Cmd, stdout, stderr io.Writer, up chan<- struct{}) {
	for ctx.Err() == nil {
		c := command()
		lines, err := c.StdoutPipe()
		if err == nil {
			err = c.Start()
		}
		if err == nil {
			p.follow(n, c, lines, stdout, up)
			err = c.Wait()
			p.running[n].Store(nil)
		}
		if ctx.Err() == nil {
			fmt.Fprintf(stderr, "web: instance %d ended (%v); it is started again\n", n+1, err)
			time.Sleep(restartPause)
		}
	}
}

// follow reads what an instance says, until it ends, and lets the proxy have it
// as soon as it serves.
func (p *instances) follow(n int, c *exec.Cmd, lines io.Reader, stdout io.Writer, up chan<- struct{}) {
	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		address, ok := strings.CutPrefix(scanner.Text(), announcement)
		at, err := url.Parse(address)
		if !ok || err != nil {
			continue
		}
		p.running[n].Store(at)
		fmt.Fprintf(stdout, "Instance %d is process %d at %s\n", n+1, c.Process.Pid, address)
		select {
		case up <- struct{}{}:
		default: // all were up before
		}
	}
}

func (p *instances) wait() { p.done.Wait() }

var errNoInstance = errors.New("no instance runs")

// RoundTrip sends a request to the instance whose turn it is, and to the next
// if it could not be reached. A request that may have arrived is never sent
// again: it may have used up a prompt.
func (p *instances) RoundTrip(r *http.Request) (*http.Response, error) {
	err := errNoInstance
	for range p.running {
		at := p.running[p.turn.Add(1)%uint64(len(p.running))].Load()
		if at == nil {
			continue
		}
		r.URL.Host = at.Host
		var response *http.Response
		if response, err = transport.RoundTrip(r); !isDial(err) {
			return response, err
		}
	}
	return nil, err
}

// transport makes a connection per request: one kept from before may be to a
// process that has died meanwhile, and a form cannot be sent twice.
var transport = &http.Transport{DisableKeepAlives: true}

func isDial(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}
