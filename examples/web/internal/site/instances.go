package site

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// instances are processes of this program behind a proxy, which takes the instances in turn.
//
// An instance that dies is started again. The sockets of the instances stay open in this
// process, so a request waits in the socket until the instance is back. Only Unix systems
// let a process inherit a socket.
type instances struct {
	proxy  http.Handler
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// startInstances starts s.instances instances, and starts an instance again after its end,
// until ctx ends.
func startInstances(ctx context.Context, s settings, stdout, stderr io.Writer) (*instances, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &instances{}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel = cancel
	var upstreams []*url.URL
	for n := range s.instances {
		socket, at, err := newSocket()
		if err != nil {
			p.stop()
			return nil, err
		}
		upstreams = append(upstreams, at)
		p.done.Go(func() {
			defer socket.Close()
			for ctx.Err() == nil && running.Err() == nil {
				c := exec.CommandContext(running, program, s.instanceArgs()...)
				c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
				c.Env = append(os.Environ(), envSealingKeys+"="+s.sealingKeys.Reveal(), envSessions+"="+s.sessionsIn.Reveal())
				c.ExtraFiles, c.Stderr = []*os.File{socket}, stderr
				err := c.Start()
				if err == nil {
					fmt.Fprintf(stdout, "Instance %d is process %d\n", n+1, c.Process.Pid)
					err = c.Wait()
				}
				select {
				case <-ctx.Done(): // Ctrl-C at a terminal ends the instances too
				case <-running.Done():
				case <-time.After(restartPause):
					outcome := "exit status 0"
					if err != nil {
						outcome = err.Error()
					}
					fmt.Fprintf(stderr, "web: instance %d has ended (%s) and is started again\n", n+1, outcome)
				}
			}
		})
	}
	p.proxy = s.newProxy(upstreams, stderr)
	return p, nil
}

// restartPause is the pause before an instance starts again. An instance that ends at once
// would otherwise start without a pause.
const restartPause = 50 * time.Millisecond

// stop ends the instances.
func (p *instances) stop() {
	p.cancel()
	p.done.Wait()
}

func newSocket() (*os.File, *url.URL, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close() // the file is a copy, and stays open
	socket, err := listener.File()
	return socket, &url.URL{Scheme: "http", Host: listener.Addr().String()}, err
}

// inherited is the value of -listen for an instance, which inherits its socket.
const inherited = "inherited"

// openListener opens the socket for -listen.
func (s settings) openListener() (net.Listener, error) {
	if s.listen != inherited {
		return net.Listen("tcp", s.listen)
	}
	socket := os.NewFile(3, "socket") // the first file of Cmd.ExtraFiles
	defer socket.Close()
	return net.FileListener(socket)
}

// instanceArgs returns the command line of an instance. An instance gets secrets in its
// environment.
func (s settings) instanceArgs() []string {
	return []string{
		"-listen", inherited, "-user-pool-id", s.userPoolID, "-client-id", s.clientID,
		"-region", s.region, "-endpoint", s.endpoint, "-flows", s.flows.String(), "-sign-up", s.signUp.String(),
		fmt.Sprintf("-remember=%t", s.remember), "-prompt-lifetime", s.promptLifetime.String(),
		fmt.Sprintf("-insecure-cookies=%t", s.insecureCookies), fmt.Sprintf("-tls-proxy=%t", s.tlsProxy),
		fmt.Sprintf("-threat-protection=%t", s.threatProtected),
	}
}

// newProxy returns a proxy that takes upstreams in turn. The proxy does not repeat a request,
// because a lost request may have used up a prompt.
func (s settings) newProxy(upstreams []*url.URL, stderr io.Writer) http.Handler {
	var turn atomic.Uint64
	return &httputil.ReverseProxy{
		// Each request has a new connection, because the process behind an old
		// connection may have died.
		Transport: &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: 2 * callTimeout},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstreams[turn.Add(1)%uint64(len(upstreams))])
			r.Out.Host = r.In.Host // the protection against cross-site requests compares Host with Origin
			r.Out.Header.Set(forwardedFor, s.browserAddress(r.In))
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			fmt.Fprintf(stderr, "web: proxy: %v\n", err)
			http.Error(w, "The answer of the server was lost. Start again.", http.StatusBadGateway)
		},
	}
}
